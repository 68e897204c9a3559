/** Result of parsing a number in a user's locale. `text` and `suggestion` are exact decimals in ASCII. */
export type ParsedDecimal =
  /** A valid number in this locale. `unit` is the text before or after the number. */
  | { status: 'valid'; text: string; unit: string }
  /** A number that is valid only in another locale. `suggestion` is the value that the number has in that locale. */
  | { status: 'ambiguous'; suggestion: string }
  | { status: 'invalid' }

interface Conventions {
  decimal: '.' | ','
  /** Whether the locale separates groups of digits with a comma or a full stop, not with a space or an apostrophe. */
  groupsByOther: boolean
  /** Number of digits per group. The last digit group of a number always has three digits. */
  groupSize: number
  numerals: string
}

const conventionsByLocale = new Map<string, Conventions>()

function conventionsOf(locale: string): Conventions {
  const found = conventionsByLocale.get(locale)
  if (found) return found
  const plain = new Intl.NumberFormat(locale).formatToParts(123456789.5)
  const money = new Intl.NumberFormat(locale, { style: 'currency', currency: 'EUR' }).formatToParts(123456789.5)
  // In locales with Arabic separators, ASCII commas and full stops mean the same as in English.
  const decimal = plain.find(({ type }) => type === 'decimal')?.value === ',' ? ',' : '.'
  const signs = [...plain, ...money].filter(({ type }) => type === 'group').map(({ value }) => value)
  const groups = plain.filter(({ type }) => type === 'integer')
  const conventions: Conventions = {
    decimal,
    groupsByOther: signs.some(sign => (sign === '.' || sign === ',' ? sign !== decimal : sign === '٬')),
    groupSize: groups.at(-2)?.value.length ?? 3,
    numerals: new Intl.NumberFormat(locale, { useGrouping: false, minimumIntegerDigits: 10 }).format(123456789),
  }
  conventionsByLocale.set(locale, conventions)
  return conventions
}

const ascii = '0123456789'
/** Digits that are accepted in every locale: ASCII, Arabic-Indic and Persian. */
const digitScripts = [ascii, '٠١٢٣٤٥٦٧٨٩', '۰۱۲۳۴۵۶۷۸۹']

/** Converts the digits in a text to ASCII digits. Returns null if the text mixes digits from several scripts. */
function toAscii(typed: string, numerals: string): string | null {
  if (/^\p{ASCII}*$/u.test(typed)) return typed
  const used = [...new Set([...digitScripts, numerals])].filter(kind => [...kind].some(digit => typed.includes(digit)))
  if (used.length > 1) return null
  const [digits = ascii] = used
  return [...typed].map(sign => ascii[[...digits].indexOf(sign)] ?? sign).join('')
}

/** Bidirectional control characters, which a pasted number may contain. */
const directionMarks = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g
/** Characters that separate groups of digits in every locale: spaces, apostrophes, and the Arabic thousands separator. */
const groupSeparators = /[ \u00a0\u2007\u2009\u202f'’٬]/g
/** A negative amount in accounting notation: a number in brackets, with its unit inside or outside the brackets. */
const bracketed = /^([^()\p{Nd}]*)\(([^()]*)\)([^()\p{Nd}]*)$/u
/** Maximum number of characters in a text that is parsed as a number. */
const maxCharacters = 60

/**
 * Parses a number in the notation of the user's locale. In every locale, spaces and apostrophes separate groups of
 * digits. The meaning of full stops and commas depends on the locale. If a text is a valid number only in another
 * locale, the result is a suggestion, not a number.
 *
 * Browsers and libraries misread numbers from other locales: in a German locale, `<input type="number">` turned 3,5
 * into 35, and `@internationalized/number` reads 1.5 as 15.
 */
export function parseDecimal(
  typed: string,
  locale: string,
  isUnit: (text: string) => boolean = () => false,
): ParsedDecimal {
  const [, left, inside, right] = bracketed.exec(typed.trim()) ?? []
  if (inside !== undefined) return negated(parseDecimal(`${left}${inside}${right}`, locale, isUnit))
  const conventions = conventionsOf(locale)
  const written = typed.length > maxCharacters ? null : toAscii(typed.replace(directionMarks, ''), conventions.numerals)
  const parts = /^([^\d.,٫]*?)([+−-]?)\s*(?=[\d.,٫])([\d.,٫'’٬\s]*[\d.,٫])([^\d]*)$/u.exec(written?.trim() ?? '')
  if (!parts) return { status: 'invalid' }
  const [, before = '', sign = '', number = '', after = ''] = parts
  const negative = sign !== '' && sign !== '+'
  const beside = [before, after].map(text => text.trim()).filter(Boolean)
  // A minus sign can precede the unit.
  const unit = sign === '' ? (beside[0]?.replace(/^[-−+]\s*/, '') ?? '') : (beside[0] ?? '')
  const signed = negative || /^[-−]/.test(beside[0] ?? '')
  if (beside.length > 1 || (unit !== '' && !isUnit(unit))) return { status: 'invalid' }
  const read = parseUnsigned(number, conventions)
  if (!read) return { status: 'invalid' }
  const text = signed ? `-${read.text}` : read.text
  return read.own ? { status: 'valid', text, unit } : { status: 'ambiguous', suggestion: text }
}

/** Returns the parsed number with a minus sign added. If the number is already negative, the result is invalid. */
function negated(parsed: ParsedDecimal): ParsedDecimal {
  if (parsed.status === 'invalid') return parsed
  const text = parsed.status === 'valid' ? parsed.text : parsed.suggestion
  if (text.startsWith('-')) return { status: 'invalid' }
  return parsed.status === 'valid' ? { ...parsed, text: `-${text}` } : { ...parsed, suggestion: `-${text}` }
}

/** Whether a number is in brackets, which is accounting notation for a negative amount. */
export const isBracketed = (typed: string): boolean => bracketed.test(typed.trim())

/** Parses a number without a sign. `own` is false if the number's notation is valid only in another locale. */
function parseUnsigned(written: string, conventions: Conventions): { text: string; own: boolean } | null {
  const { decimal, groupsByOther } = conventions
  const other = decimal === '.' ? ',' : '.'
  const number = written.replaceAll('٫', decimal)
  const [decimals, others] = [number.split(decimal).length - 1, number.split(other).length - 1]
  const neutral = number.match(groupSeparators) ?? []

  if (others === 0 && decimals <= 1) return exactDecimal(number, decimal, neutral, conventions, true)
  if (others === 0) return neutral.length > 0 ? null : exactDecimal(number, null, [decimal], conventions, false)
  if (neutral.length > 0)
    return others === 1 && decimals === 0 ? exactDecimal(number, other, neutral, conventions, false) : null
  if (decimals === 0) {
    const grouped = exactDecimal(number, null, [other], conventions, groupsByOther)
    return grouped ?? (others === 1 ? exactDecimal(number, other, [], conventions, false) : null)
  }
  // If full stops and commas both occur, the last one is the decimal separator, provided that it occurs only once.
  if (number.lastIndexOf(decimal) > number.lastIndexOf(other)) {
    return decimals === 1 ? exactDecimal(number, decimal, [other], conventions, groupsByOther) : null
  }
  return others === 1 ? exactDecimal(number, other, [decimal], conventions, false) : null
}

/** Returns the number as an exact decimal, or null if its digits or digit groups are malformed. */
function exactDecimal(
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

/**
 * Whether all digit groups have either three digits or the locale's group size, and are separated by the same
 * character.
 */
function isGrouped(whole: string, signs: readonly string[], groupSize: number): boolean {
  if (new Set(signs).size > 1) return false
  const [first = '', ...rest] = whole.split(signs[0] as string)
  const last = rest.pop() ?? ''
  const isIn = (size: number): boolean =>
    /^[1-9]\d*$/.test(first) && first.length <= size && rest.every(group => group.length === size)
  return last.length === 3 && (isIn(3) || isIn(groupSize))
}

const formats = new Map<string, Intl.NumberFormat>()

/** Returns a cached number formatter, because creating a formatter takes as long as formatting a thousand numbers. */
function formatOf(locale: string, digits: number, useGrouping: boolean): Intl.NumberFormat {
  const key = `${locale} ${digits} ${useGrouping}`
  const found = formats.get(key)
  if (found) return found
  const fraction = { minimumFractionDigits: digits, maximumFractionDigits: digits }
  const format = new Intl.NumberFormat(locale, { ...fraction, useGrouping })
  formats.set(key, format)
  return format
}

/**
 * Formats an exact decimal in a locale. Keeps up to 20 decimals, and pads the number with zeros to at least `decimals`
 * decimals.
 */
export function formatDecimal(text: string, locale: string, { grouped = true, decimals = 0 } = {}): string {
  const digits = Math.min(Math.max(text.split('.')[1]?.length ?? 0, decimals), 20)
  return formatOf(locale, digits, grouped).format(text as `${number}`)
}

/** An exact decimal, as a JSON number or as a string such as "12.50". */
export type Decimal = number | `${number}`

/**
 * Converts exact decimals to integers by multiplying all of them by the same power of ten. `digits` is the exponent.
 */
function scaled(...values: Decimal[]): { integers: bigint[]; digits: number } {
  const parts = values.map(value => String(value).split('.'))
  const digits = Math.max(...parts.map(([, fraction = '']) => fraction.length))
  return { integers: parts.map(([whole, fraction = '']) => BigInt(whole + fraction.padEnd(digits, '0'))), digits }
}

function decimalOf(integer: bigint, digits: number): `${number}` {
  const text = String(integer < 0n ? -integer : integer).padStart(digits + 1, '0')
  const fraction = text.slice(text.length - digits).replace(/0+$/, '')
  const whole = text.slice(0, text.length - digits)
  return `${integer < 0n ? '-' : ''}${whole}${digits > 0 && fraction ? `.${fraction}` : ''}` as `${number}`
}

/** Returns a − b exactly. */
export function subtract(a: Decimal, b: Decimal): `${number}` {
  const { integers, digits } = scaled(a, b)
  return decimalOf((integers[0] as bigint) - (integers[1] as bigint), digits)
}

/** Converts hours and minutes to minutes, exactly. */
export function minutesOf(hours: Decimal, minutes: Decimal = 0): `${number}` {
  const { integers, digits } = scaled(hours, minutes)
  return decimalOf(60n * (integers[0] as bigint) + (integers[1] as bigint), digits)
}

/** Returns a ÷ b, rounded to `decimals` decimals, half away from zero. `b` must not be 0. */
export function divide(a: Decimal, b: Decimal, decimals: number): `${number}` {
  const { integers } = scaled(a, b)
  const [dividend, divisor] = integers as [bigint, bigint]
  const twice = (dividend * 10n ** BigInt(decimals) * 2n) / divisor
  return decimalOf((twice + (twice < 0n ? -1n : 1n)) / 2n, decimals)
}
