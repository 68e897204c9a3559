const ascii = /^[\0-\x7f]*$/

/**
 * Maximum length of a folded text, in UTF-16 code units: three for each character of the longest id. No letter of an
 * alphabet folds to more than three. Only ligatures of whole words do, such as U+FDFA, which folds to 18.
 */
export const foldedLength = 3 * 200

/**
 * Folds a text so that searches ignore case and accents. The result is the compatibility decomposition of Unicode
 * (NFKD) without its marks, in capitals: `é` becomes `E`, and `ß` becomes `SS`. A letter that Unicode does not
 * decompose, such as `ø` or `ł`, only becomes a capital. Each code point is folded by itself, regardless of context. A
 * folded text that is too long is cut.
 */
export function folded(text: string): string {
  if (ascii.test(text)) return text.toUpperCase().slice(0, foldedLength)
  // Convert to lower case first: a capital sharp s becomes two capitals only by way of the small letter.
  const whole = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().toUpperCase()
  // Do not cut within a code point.
  return whole.length <= foldedLength ? whole : whole.slice(0, foldedLength).replace(/[\ud800-\udbff]$/, '')
}

/**
 * Returns the start and end of the first part of `text` that matches `other` when both are folded, or undefined if
 * nothing matches.
 */
export function foldedMatch(text: string, other: string): [start: number, end: number] | undefined {
  const searched = folded(other)
  const found = searched === '' ? -1 : folded(text).indexOf(searched)
  if (found < 0) return undefined
  let [start, at, length] = [0, 0, 0]
  for (const character of text) {
    const added = folded(character).length
    // A mark belongs to the character before it.
    if (added > 0 && length >= found + searched.length) break
    if (added > 0 && length <= found) start = at
    at += character.length
    length += added
  }
  return [start, at]
}
