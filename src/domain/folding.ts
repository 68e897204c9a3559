const ascii = /^[\0-\x7f]*$/

/**
 * Maximum length of a folded text, in UTF-16 code units: three for each character of the longest id. No letter of an
 * alphabet folds to more than three. Only ligatures of whole words do, such as U+FDFA, which folds to 18.
 */
export const foldedLength = 3 * 200

/** Apostrophes, and characters that people type instead. `folded` removes `´` separately, before it is decomposed. */
const apostrophes = /['`ʹʻʼʽˈ‘’‛′]/g

/** Marks of letters, and apostrophes. */
const ignored = /[\p{M}'`ʹʻʼʽˈ‘’‛′]/gu

/**
 * Capital letters up to U+024F that Unicode does not decompose, each followed by its ASCII equivalent. From the Latin-ASCII
 * transform of Unicode CLDR, https://github.com/unicode-org/cldr/blob/main/common/transforms/Latin-ASCII.xml.
 */
const latinLetters = new Map(
  (
    'ÆAE ÐD ØO ÞTH ĐD ĦH ŁL ŊN ŒOE ŦT ƁB ƂB ƇC ƉD ƊD ƋD ƐE ƑF ƓG ƖI ƗI ƘK ƝN ƢOI ' +
    'ƤP ƬT ƮT ƲV ƳY ƵZ ǤG ȤZ ȺA ȻC ȽL ȾT ɃB ɄU ɆE ɈJ ɌR ɎY'
  )
    .split(' ')
    .map(pair => [pair[0], pair.slice(1)]),
)
const latinLetter = /[\u00c0-\u024f]/g

/**
 * Folds a text so that searches ignore case, accents and apostrophes. The result is the text's compatibility
 * decomposition (NFKD) without marks, in upper case, with letters replaced by their ASCII equivalents: `é` becomes `E`,
 * `ß` becomes `SS`, and `ø` becomes `O`. Each code point is folded regardless of context. A folded text that is too
 * long is truncated.
 */
export function folded(text: string): string {
  if (ascii.test(text)) return text.replace(apostrophes, '').toUpperCase().slice(0, foldedLength)
  const letters = text.replaceAll('´', '').normalize('NFKD').replace(ignored, '')
  // Convert to lower case first, because only the small sharp s (ß) becomes SS in upper case.
  const capitals = letters.toLowerCase().toUpperCase()
  const whole = capitals.replace(latinLetter, letter => latinLetters.get(letter) ?? letter)
  // Do not truncate within a code point.
  return whole.length <= foldedLength ? whole : whole.slice(0, foldedLength).replace(/[\ud800-\udbff]$/, '')
}

/** Returns the folded words of a text. */
export const foldedWords = (text: string): string[] => folded(text).split(/\s+/u).filter(Boolean)

/**
 * Returns the start and end of each part of `text` that matches a word of `other` when both are folded, in order.
 * Overlapping or adjacent parts are merged.
 */
export function foldedMatches(text: string, other: string): [start: number, end: number][] {
  const whole = folded(text)
  const isMatched = new Set<number>()
  for (const word of foldedWords(other)) {
    const found = whole.indexOf(word)
    for (let at = found; found >= 0 && at < found + word.length; at++) isMatched.add(at)
  }
  const parts: [start: number, end: number][] = []
  let [at, length] = [0, 0]
  for (const character of text) {
    const added = folded(character).length
    const [start, end] = [at, at + character.length]
    const last = parts.at(-1)
    const isAdjacent = last !== undefined && last[1] === start
    // A mark belongs to the character before it.
    let isPart = added === 0 && isAdjacent
    for (let i = length; i < length + added; i++) isPart ||= isMatched.has(i)
    if (isPart && isAdjacent) last[1] = end
    else if (isPart) parts.push([start, end])
    at = end
    length += added
  }
  return parts
}
