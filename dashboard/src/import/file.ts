import { mostCharacters } from './cells'

/** No file is read that is larger: in any encoding it would have more characters than are read at once. */
export const mostBytes = 4 * mostCharacters

/**
 * The text of a CSV file; null where it is no text. Excel writes UTF-16 with a byte order mark, or what Windows had before
 * Unicode, where it is not told to write UTF-8.
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
