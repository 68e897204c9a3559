/** Parses the text of a file or a response. The error quotes nothing of it. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('the content is not JSON')
  }
}
