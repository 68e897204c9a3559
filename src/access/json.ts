/** The error message does not quote the JSON text, because it may contain secrets. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('the content is not JSON')
  }
}
