const ascii = /^[\0-\x7f]*$/

/**
 * Maximum length of a folded text, in UTF-16 code units: three for each character of the longest id. A letter folds to
 * at most three code units. Only whole-word ligatures, such as U+FDFA, fold to more code units (18).
 */
export const foldedLength = 3 * 200

/**
 * Apostrophes, and characters that people type in place of apostrophes. `folded` handles `´` separately, because NFKD
 * decomposes it.
 */
const apostrophes = /['`ʹʻʼʽˈ‘’‛′]/g

const ignored = /[\p{M}'`ʹʻʼʽˈ‘’‛′]/gu

/**
 * Letters up to U+024F that Unicode does not decompose, each with its ASCII equivalent. Source:
 * https://github.com/unicode-org/cldr/blob/main/common/transforms/Latin-ASCII.xml.
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
 * Folds a text so that searches ignore case, accents and apostrophes: `é` becomes `E`, `ß` becomes `SS`, and `ø`
 * becomes `O`. Each code point is folded independently of its context. The result is truncated to `foldedLength`.
 */
export function folded(text: string): string {
  if (ascii.test(text)) return text.replace(apostrophes, '').toUpperCase().slice(0, foldedLength)
  const letters = text.replaceAll('´', '').normalize('NFKD').replace(ignored, '')
  // Convert to lower case first, because `toUpperCase` converts the small ß to SS, but leaves the capital ẞ unchanged.
  const capitals = letters.toLowerCase().toUpperCase()
  const whole = capitals.replace(latinLetter, letter => latinLetters.get(letter) ?? letter)
  // Do not split a surrogate pair.
  return whole.length <= foldedLength ? whole : whole.slice(0, foldedLength).replace(/[\ud800-\udbff]$/, '')
}

/** Words consist of letters and digits. */
export const foldedWords = (text: string): string[] =>
  folded(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)

const endsInWord = /[\p{L}\p{N}]$/u

/** Returns the first place from `start` at which a folded word begins a word of a folded text, or -1. */
export function beginningOf(word: string, text: string, start = 0): number {
  for (let at = text.indexOf(word, start); at >= 0; at = text.indexOf(word, at + 1))
    if (!endsInWord.test(text.slice(Math.max(0, at - 2), at))) return at
  return -1
}

/**
 * Returns the beginnings of words in `text` that match a word in `other`, in order. Overlapping or adjacent parts are
 * merged.
 */
export function foldedMatches(text: string, other: string): [start: number, end: number][] {
  const whole = folded(text)
  const isMatched = new Set<number>()
  for (const word of foldedWords(other)) {
    for (let start = beginningOf(word, whole); start >= 0; start = beginningOf(word, whole, start + 1))
      for (let at = start; at < start + word.length; at++) isMatched.add(at)
  }
  const parts: [start: number, end: number][] = []
  let [at, length] = [0, 0]
  for (const character of text) {
    const added = folded(character).length
    const [start, end] = [at, at + character.length]
    const last = parts.at(-1)
    const isAdjacent = last !== undefined && last[1] === start
    // A combining mark belongs to the character before it.
    let isPart = added === 0 && isAdjacent
    for (let i = length; i < length + added; i++) isPart ||= isMatched.has(i)
    if (isPart && isAdjacent) last[1] = end
    else if (isPart) parts.push([start, end])
    at = end
    length += added
  }
  return parts
}
