export interface Fence {
  /** Text behind the opening fence, such as `sh` or `sh server`. */
  info: string
  body: string
  /** The text between the previous fence and this one. */
  before: string
}

/** Returns the fenced blocks of a page, in order. Removes a list's indentation from a block. */
export function fencesOf(page: string): Fence[] {
  let end = 0
  return [...page.matchAll(/^( *)```([^\n]*)\n(.*?)^\1```$/gms)].map(match => {
    const [whole, indentation = '', info = '', body = ''] = match
    const before = page.slice(end, match.index)
    end = match.index + whole.length
    return { info, body: body.replaceAll(new RegExp(`^${indentation}`, 'gm'), ''), before }
  })
}
