/** Parses JSON. The error quotes none of the text. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('the content is not JSON')
  }
}
