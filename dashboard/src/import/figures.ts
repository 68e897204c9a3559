/** What stands before the decimals of a number. */
export type Mark = '.' | ','

const groups = { '.': /[\s'’,]/g, ',': /[\s'’.]/g }
const wellGrouped = {
  '.': /^-?(\d{1,3}([\s'’,])\d{3}(\2\d{3})*|\d+)?(\.\d+)?$/,
  ',': /^-?(\d{1,3}([\s'’.])\d{3}(\2\d{3})*|\d+)?(,\d+)?$/,
}

/** The number that a text is, as JSON writes it; null where it is none. Thousands may stand apart. */
export function figureOf(text: string, mark: Mark): string | null {
  const plain = text.trim().replace('−', '-')
  if (!/\d/.test(plain) || !wellGrouped[mark].test(plain)) return null
  const [whole = '', decimals] = plain.replaceAll(groups[mark], '').split(mark)
  const digits = whole.replace(/^(-?)0*(?=\d)/, '$1').replace(/^(-?)$/, '$10')
  return decimals === undefined ? digits : `${digits}.${decimals}`
}

/** The mark that the texts themselves show: those that can be read in one way only, all in the same. */
export function markOf(texts: Iterable<string>): Mark | null {
  const shown = new Set<Mark>()
  for (const text of texts) {
    const read = (['.', ','] as const).filter(mark => figureOf(text, mark) !== null)
    if (read.length === 1 && /[.,]/.test(text)) shown.add(read[0] as Mark)
  }
  return shown.size === 1 ? ([...shown][0] ?? null) : null
}
