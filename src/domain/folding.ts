const ascii = /^[\0-\x7f]*$/

/**
 * Maximum length of a folded text, in UTF-16 code units: three for each character of the longest id. No letter of an
 * alphabet becomes more than three. Only ligatures of whole words do, such as U+FDFA, which becomes 18.
 */
export const foldedLength = 3 * 200

/**
 * Folds a text, so that texts are found without regard to case and accents: the compatibility decomposition of Unicode
 * (NFKD) without its marks, in capitals. So `é` is `e`, and `ß` is `ss`. A letter that Unicode does not decompose, such
 * as `ø` or `ł`, stays itself. Each code point is folded by itself: context changes nothing. A text that becomes too long
 * is cut.
 */
export function folded(text: string): string {
  if (ascii.test(text)) return text.toUpperCase().slice(0, foldedLength)
  // In lower case first: a capital sharp s has capitals only by way of the small one.
  const whole = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().toUpperCase()
  // Not within a code point.
  return whole.length <= foldedLength ? whole : whole.slice(0, foldedLength).replace(/[\ud800-\udbff]$/, '')
}

/**
 * Returns the first part of a text that matches another one when both are folded, as its start and end. Undefined if
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
