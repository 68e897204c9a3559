import { mostCharacters } from './cells'

/** Maximum file size in bytes. In any encoding, a larger file has more characters than are read at once. */
export const mostBytes = 4 * mostCharacters

/**
 * Returns the text of a CSV file, or null if it is not text. Excel writes UTF-16 with a byte order mark, or
 * Windows-1252, unless it is told to write UTF-8.
 */
export function textOf(bytes: Uint8Array): string | null {
  const text = decoded(bytes)
  return text.includes('\0') ? null : text
}

function decoded(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}
