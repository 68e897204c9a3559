/** A fenced code block of a page. */
export interface Fence {
  /** What stands behind its opening fence, such as `sh` or `sh server`. */
  info: string
  body: string
  /** The text between the fence before it and this one. */
  before: string
}

/** Returns the fenced blocks of a page, in order. A block in a list loses the list's indentation. */
export function fencesOf(page: string): Fence[] {
  let end = 0
  return [...page.matchAll(/^( *)```([^\n]*)\n(.*?)^\1```$/gms)].map(match => {
    const [whole, indentation = '', info = '', body = ''] = match
    const before = page.slice(end, match.index)
    end = match.index + whole.length
    return { info, body: body.replaceAll(new RegExp(`^${indentation}`, 'gm'), ''), before }
  })
}
