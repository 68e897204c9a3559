/** Parses JSON. The error does not quote the text, because it may contain secrets. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('the content is not JSON')
  }
}
