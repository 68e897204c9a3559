/** What somebody wrote where a number is asked for, as a reader of a locale means it. Numbers are exact decimals in ASCII. */
export type Reading =
  /** In his own locale it is this and nothing else. `unit` is what stood beside it. */
  | { is: 'understood'; text: string; unit: string }
  /** It is written as in another locale: this is what it would be there. */
  | { is: 'ambiguous'; suggestion: string }
  | { is: 'unknown' }

interface Conventions {
  decimal: '.' | ','
  /** The other one of both is a sign between groups of digits. */
  groupsByOther: boolean
  /** How many digits stand in a group that is not the last. */
  groupSize: number
  numerals: string
}

const known = new Map<string, Conventions>()

function conventionsOf(locale: string): Conventions {
  const found = known.get(locale)
  if (found) return found
  const plain = new Intl.NumberFormat(locale).formatToParts(123456789.5)
  const money = new Intl.NumberFormat(locale, { style: 'currency', currency: 'EUR' }).formatToParts(123456789.5)
  // Beside Arabic signs of their own, ASCII ones are as in English.
  const decimal = plain.find(({ type }) => type === 'decimal')?.value === ',' ? ',' : '.'
  const signs = [...plain, ...money].filter(({ type }) => type === 'group').map(({ value }) => value)
  const groups = plain.filter(({ type }) => type === 'integer')
  const made: Conventions = {
    decimal,
    groupsByOther: signs.some(sign => (sign === '.' || sign === ',' ? sign !== decimal : sign === '٬')),
    groupSize: groups.at(-2)?.value.length ?? 3,
    numerals: new Intl.NumberFormat(locale, { useGrouping: false, minimumIntegerDigits: 10 }).format(123456789),
  }
  known.set(locale, made)
  return made
}

const ascii = '0123456789'
/** Arabic-Indic and Persian ones are read whatever the locale. */
const alwaysRead = [ascii, '٠١٢٣٤٥٦٧٨٩', '۰۱۲۳۴۵۶۷۸۹']

/** The same with ASCII digits; null where it has those of two kinds. */
function inAscii(typed: string, numerals: string): string | null {
  if (/^\p{ASCII}*$/u.test(typed)) return typed
  const used = [...new Set([...alwaysRead, numerals])].filter(kind => [...kind].some(digit => typed.includes(digit)))
  if (used.length > 1) return null
  const [digits = ascii] = used
  return [...typed].map(sign => ascii[[...digits].indexOf(sign)] ?? sign).join('')
}

/** Marks of the direction of text, which a pasted number may have around and in it. */
const directionMarks = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g
/** What stands between groups and nowhere else: spaces, apostrophes, the Arabic sign. */
const alwaysGroups = /[ \u00a0\u2007\u2009\u202f'’٬]/g
/** Longer is no number that anybody means. */
const longest = 60

/**
 * Reads a number as a reader of the locale means it. Spaces and apostrophes part groups everywhere; a full stop and a comma
 * mean what they mean in his locale, and where they can't, what they would in another is suggested, not taken.
 */
export function readDecimal(typed: string, locale: string, isUnit: (text: string) => boolean = () => false): Reading {
  const conventions = conventionsOf(locale)
  const written = typed.length > longest ? null : inAscii(typed.replace(directionMarks, ''), conventions.numerals)
  const parts = /^([^\d.,٫]*?)([+−-]?)\s*(?=[\d.,٫])([\d.,٫'’٬\s]*[\d.,٫])([^\d]*)$/u.exec(written?.trim() ?? '')
  if (!parts) return { is: 'unknown' }
  const [, before = '', sign = '', number = '', after = ''] = parts
  const negative = sign !== '' && sign !== '+'
  const beside = [before, after].map(text => text.trim()).filter(Boolean)
  // A sign may stand before the unit, too.
  const unit = sign === '' ? (beside[0]?.replace(/^[-−+]\s*/, '') ?? '') : (beside[0] ?? '')
  const signed = negative || /^[-−]/.test(beside[0] ?? '')
  if (beside.length > 1 || (unit !== '' && !isUnit(unit))) return { is: 'unknown' }
  const read = readUnsigned(number, conventions)
  if (!read) return { is: 'unknown' }
  const text = signed ? `-${read.text}` : read.text
  return read.own ? { is: 'understood', text, unit } : { is: 'ambiguous', suggestion: text }
}

/** A number without its sign: as the locale writes it, or as another does. */
function readUnsigned(written: string, conventions: Conventions): { text: string; own: boolean } | null {
  const { decimal, groupsByOther } = conventions
  const other = decimal === '.' ? ',' : '.'
  const number = written.replaceAll('٫', decimal)
  const [decimals, others] = [number.split(decimal).length - 1, number.split(other).length - 1]
  const neutral = number.match(alwaysGroups) ?? []

  if (others === 0 && decimals <= 1) return exact(number, decimal, neutral, conventions, true)
  if (others === 0) return neutral.length > 0 ? null : exact(number, null, [decimal], conventions, false)
  if (neutral.length > 0)
    return others === 1 && decimals === 0 ? exact(number, other, neutral, conventions, false) : null
  if (decimals === 0) {
    const grouped = exact(number, null, [other], conventions, groupsByOther)
    return grouped ?? (others === 1 ? exact(number, other, [], conventions, false) : null)
  }
  // Both are there: the last one is the decimal sign, if it is there once.
  if (number.lastIndexOf(decimal) > number.lastIndexOf(other)) {
    return decimals === 1 ? exact(number, decimal, [other], conventions, groupsByOther) : null
  }
  return others === 1 ? exact(number, other, [decimal], conventions, false) : null
}

/** The exact decimal, if its groups are right. */
function exact(
  number: string,
  decimal: string | null,
  groups: readonly string[],
  { groupSize }: Conventions,
  own: boolean,
): { text: string; own: boolean } | null {
  const [whole = '', fraction = ''] = decimal === null ? [number] : number.split(decimal)
  if (!/^\d*$/.test(fraction) || (whole === '' && fraction === '')) return null
  const [group] = groups
  if (group !== undefined && !isGrouped(whole, groups, groupSize)) return null
  const digits = group === undefined ? whole : whole.replaceAll(group, '')
  if (!/^\d*$/.test(digits)) return null
  const integer = digits.replace(/^0+(?=\d)/, '') || '0'
  return { text: fraction === '' ? integer : `${integer}.${fraction}`, own }
}

/** Groups of three, or as the locale has them, with one and the same sign between them. */
function isGrouped(whole: string, signs: readonly string[], groupSize: number): boolean {
  if (new Set(signs).size > 1) return false
  const [first = '', ...rest] = whole.split(signs[0] as string)
  const last = rest.pop() ?? ''
  const isIn = (size: number): boolean =>
    /^[1-9]\d*$/.test(first) && first.length <= size && rest.every(group => group.length === size)
  return last.length === 3 && (isIn(3) || isIn(groupSize))
}

const formats = new Map<string, Intl.NumberFormat>()

/** To make one takes as long as to write with it a thousand times. */
function formatOf(locale: string, digits: number, useGrouping: boolean): Intl.NumberFormat {
  const key = `${locale} ${digits} ${useGrouping}`
  const found = formats.get(key)
  if (found) return found
  const fraction = { minimumFractionDigits: digits, maximumFractionDigits: digits }
  const made = new Intl.NumberFormat(locale, { ...fraction, useGrouping })
  formats.set(key, made)
  return made
}

/** How a reader of the locale writes an exact decimal, with all its digits, and so many decimals at least. */
export function writeDecimal(text: string, locale: string, { grouped = true, decimals = 0 } = {}): string {
  const digits = Math.min(Math.max(text.split('.')[1]?.length ?? 0, decimals), 20)
  return formatOf(locale, digits, grouped).format(text as `${number}`)
}
