/** Patterns of what differs from run to run, by kind. */
const kinds = {
  session: /session_[0-9a-f]{8}/,
  result: /calc_[0-9a-f]{8}/,
  endpoint: /we_[0-9a-f]{12}/,
  report: /rp_[0-9a-f]{12}/,
  message: /msg_[\w-]{24}/,
  cursor: /[0-9a-f]{16}\.\d{15}[0-9a-f]{9}\.\d+\.[\w-]{22}/,
  secret: /whsec_[\w+/]{43}=/,
  key: /bsk_[\w-]{43}/,
  digest: /\b[0-9a-f]{64}\b/,
  uuid: /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/,
  link: /\/(?:shared|reports)\/[\w-]{22,}/,
  time: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/,
}
type Kind = keyof typeof kinds

const named = Object.entries(kinds).map(([kind, { source }]) => `(?<${kind}>${source})`)
const varying = new RegExp(named.join('|'), 'g')

const kindOf = (groups: Record<string, string | undefined>): Kind =>
  Object.keys(groups).find(kind => groups[kind] !== undefined) as Kind

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Replaces each varying value by the name of its kind. */
const withoutValues = (text: string): string =>
  text.replace(varying, (...match) => `‹${kindOf(match.at(-1) as Record<string, string>)}›`)

/** Removes the white space outside the strings of a JSON text, which need not be complete. */
export const compact = (json: string): string => json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1')

/**
 * Compares what commands print with what a document shows. Ids, secrets, cursors and times vary from run to run. An
 * ellipsis in the document stands for any text.
 */
export class Transcript {
  /** Actual values, by the value in the document that stands for each of them. */
  readonly #actual = new Map<string, string>()

  /** Whether the texts match. If they do, learns the actual values of the document's ids. */
  matches(shown: string, got: string): boolean {
    const text = shown.trim()
    const learned: string[] = []
    let pattern = ''
    let end = 0
    for (const match of text.matchAll(varying)) {
      const kind = kindOf(match.groups ?? {})
      pattern += `${escaped(text.slice(end, match.index))}(${kinds[kind].source})`
      learned.push(match[0])
      end = match.index + match[0].length
    }
    pattern += escaped(text.slice(end))
    const values = new RegExp(`^${pattern.replaceAll('…', '[^]*?')}$`).exec(got.trim())
    if (!values) return false
    for (const [i, value] of learned.entries()) {
      if (!kinds.time.test(value)) this.#actual.set(value, values[i + 1] ?? '')
    }
    return true
  }

  compare(shown: string, got: string): void {
    if (!this.matches(shown, got)) expect(withoutValues(got.trim())).toBe(withoutValues(shown.trim()))
  }

  /** Replaces the document's ids by the actual ones. */
  resolved = (text: string): string => text.replace(varying, value => this.#actual.get(value) ?? value)
}
