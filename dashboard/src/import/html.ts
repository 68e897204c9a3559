import { type Cells, tidied } from './cells'

// HTML is scanned as text, because the page's policy lets no string become markup.
const token = /<(\/?)([a-z][a-z0-9]*)([^>]*)>|<!--[^>]*>|[^<]+|</gi
const spanned = /\bcolspan\s*=\s*["']?(\d{1,2})/i

/** Returns the cells of the first table in HTML, or no cells without a table. A merged cell has its text once. */
export function cellsOfHtml(html: string): Cells {
  const cells: Cells = []
  let depth = 0
  let unread = ''
  /** Number of further columns that the previous cell spans. */
  let covered = 0

  const say = (text: string): void => {
    const row = cells.at(-1)
    if (row && row.length > 0) row[row.length - 1] += text
  }

  for (const [text, slash, name = '', attributes = ''] of html.matchAll(token)) {
    const tag = name.toLowerCase()
    const opens = slash === ''
    if (tag === 'style' || tag === 'script') {
      unread = opens ? tag : ''
    } else if (unread !== '') {
    } else if (tag === 'table') {
      depth += opens ? 1 : -1
      if (depth === 0) break
    } else if (depth === 1 && opens && tag === 'tr') {
      cells.push([])
      covered = 0
    } else if (depth === 1 && opens && (tag === 'td' || tag === 'th')) {
      cells.at(-1)?.push(...Array(covered).fill(''), '')
      covered = Number(spanned.exec(attributes)?.[1] ?? 1) - 1
    } else if (tag === 'br' || tag === 'p' || tag === 'div') {
      say(' ')
    } else if (tag === '' && !text.startsWith('<!--')) {
      say(decoded(text.replaceAll(/\s+/g, ' ')))
    }
  }
  return tidied(cells)
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' }

/** Decodes the character references that copied HTML contains. */
const decoded = (text: string): string =>
  text.replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,4}));/gi, (reference, decimal, hex, name) => {
    if (name) return named[name] ?? reference
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : reference
  })
