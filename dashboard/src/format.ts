import { minusFormat, moneyFormat, type NumberFormats } from '../../src/rest/pages/break-even'
import type { Decimal } from './decimals'
import type { MonthRange } from './months'
import type { Period } from './types'
import { locale, words } from './words'

const locales = [locale]

const twoDecimals = moneyFormat(locales)
const upToFourDecimals = minusFormat(locales, { maximumFractionDigits: 4 })
const signedDecimals = minusFormat(locales, {
  minimumFractionDigits: 2,
  maximumFractionDigits: 4,
  trailingZeroDisplay: 'stripIfInteger',
  signDisplay: 'exceptZero',
})
const relative = new Intl.RelativeTimeFormat(locales, { style: 'short', numeric: 'always' })
const relativeNow = new Intl.RelativeTimeFormat(locales, { style: 'short', numeric: 'auto' })
const clockTime = new Intl.DateTimeFormat(locales, { hour: 'numeric', minute: '2-digit', second: '2-digit' })
const minuteTime = new Intl.DateTimeFormat(locales, { hour: 'numeric', minute: '2-digit' })
const dateTime = new Intl.DateTimeFormat(locales, { dateStyle: 'medium', timeStyle: 'short' })
const date = new Intl.DateTimeFormat(locales, { dateStyle: 'medium' })
const day = new Intl.DateTimeFormat(locales, { dateStyle: 'long' })
const dates = new Intl.DateTimeFormat(locales, { dateStyle: 'medium', timeZone: 'UTC' })
const months = new Intl.DateTimeFormat(locales, { month: 'long', year: 'numeric', timeZone: 'UTC' })
const monthAndYear = new Intl.DateTimeFormat(locales, { month: 'short', year: 'numeric', timeZone: 'UTC' })
const monthNames = new Intl.DateTimeFormat(locales, { month: 'long', timeZone: 'UTC' })
const shortMonth = new Intl.DateTimeFormat(locales, { month: 'short', timeZone: 'UTC' })
const currencies = new Intl.DisplayNames(locales, { type: 'currency' })

export const formatFigure = (value: Decimal): string => twoDecimals.format(value)
export const formatNumber = (value: Decimal): string => upToFourDecimals.format(value)
export const formatSigned = (value: number): string => signedDecimals.format(value)

interface CurrencyFormats extends NumberFormats {
  /** Formats a round amount in compact notation, for a chart axis. */
  short(amount: number): string
  /** Formats the difference between two amounts, with a plus or minus sign. */
  difference(amount: number): string
  /** Formats an amount that a user has entered, with up to 4 decimals. */
  price(amount: Decimal): string
  money(amount: Decimal): string
}

const formats = new Map<string | null, CurrencyFormats>()

/** Returns the formatters for a currency. If the currency is null, amounts are formatted without a symbol. */
export function currencyFormats(currency: string | null): CurrencyFormats {
  const known = formats.get(currency)
  if (known) return known
  const money = moneyFormat(locales, currency)
  const signed = moneyFormat(locales, currency, { signDisplay: 'exceptZero', maximumFractionDigits: 4 })
  const price = moneyFormat(locales, currency, { maximumFractionDigits: 4 })
  const short = moneyFormat(locales, currency, {
    notation: 'compact',
    minimumFractionDigits: 0,
    maximumFractionDigits: 2,
  })
  const created = {
    money: (amount: Decimal) => money.format(amount),
    short: (amount: number) => short.format(amount),
    difference: (amount: number) => signed.format(amount),
    price: (amount: Decimal) => price.format(amount),
    figure: formatFigure,
    number: formatNumber,
  }
  formats.set(currency, created)
  return created
}

/**
 * Formats an exact decimal as an amount. Keeps all decimals, and pads them with zeros: whole amounts to `wholeDecimals`
 * decimals, other amounts to at least 2.
 */
export function formatExactAmount(text: string, currency: string, { wholeDecimals = 2 } = {}): string {
  const decimals = text.split('.')[1]?.length ?? 0
  const digits = decimals === 0 ? wholeDecimals : Math.max(decimals, 2)
  const format = moneyFormat(locales, currency, { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return format.format(text as `${number}`)
}

const lists = new Intl.ListFormat(locales)
export const formatList = (items: string[]): string => lists.format(items)

/** Currencies that the page suggests. Users can also enter currencies that are not suggested. */
export const commonCurrencies = 'GBP EUR USD AUD CAD CHF DKK INR JPY NOK NZD SEK ZAR'.split(' ')

export const currencyName = (code: string): string => currencies.of(code) ?? code
export const formatPeriod = ({ from, to }: Period): string => dates.formatRange(new Date(from), new Date(to))
/** Formats a month, given by its first day. */
export const formatMonth = (month: string): string => months.format(new Date(month))
export const formatMonths = (first: string, last: string): string => months.formatRange(new Date(first), new Date(last))
/** Formats a month such as `2026-04` as "Apr 2026". */
export const formatMonthAndYear = (month: string): string => monthAndYear.format(new Date(month))
/** Formats a range of months as "Apr 2025 – Mar 2026". */
export function formatMonthRange({ from, to }: MonthRange): string {
  if (from === undefined) return words.months.until(formatMonthAndYear(to ?? ''))
  if (to === undefined) return words.months.since(formatMonthAndYear(from))
  return monthAndYear.formatRange(new Date(from), new Date(to))
}
export const monthName = (month: number): string => monthNames.format(new Date(Date.UTC(2026, month - 1)))
export const formatShortMonth = (month: string): string => shortMonth.format(new Date(month))
export const formatTime = (timestamp: string): string => clockTime.format(new Date(timestamp))
export const formatMinute = (ms: number): string => minuteTime.format(ms)
export const formatDateTime = (timestamp: string): string => dateTime.format(new Date(timestamp))
export const formatDate = (timestamp: string): string => date.format(new Date(timestamp))
export const formatLongDate = (timestamp: string): string => day.format(new Date(timestamp))

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/**
 * Returns the time elapsed since a timestamp, in the largest unit that fits. Seconds are rounded down to a multiple of
 * five, so that the displayed text changes less often.
 */
function elapsed(timestamp: string, now: number) {
  const seconds = Math.max(0, Math.round((now - Date.parse(timestamp)) / 1_000))
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? units[3]
  const count = unit === 'second' ? Math.floor(seconds / 5) * 5 : Math.floor(seconds / size)
  return { unit, count }
}

export function formatTimeSince(timestamp: string, now: number): string {
  const { unit, count } = elapsed(timestamp, now)
  return count === 0 ? relativeNow.format(0, unit) : relative.format(-count, unit)
}

export const formatSecondsUntil = (seconds: number): string => relative.format(seconds, 'second')

const quantityFormat = (unit: 'hour' | 'minute' | 'percent') =>
  new Intl.NumberFormat(locales, {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  })
const quantityFormats = {
  hour: quantityFormat('hour'),
  minute: quantityFormat('minute'),
  percent: quantityFormat('percent'),
}

/** Formats a quantity with 2 decimals and its unit. */
const formatQuantity = (value: Decimal, unit: keyof typeof quantityFormats): string =>
  quantityFormats[unit].format(value).replace('-', '\u2212')

/**
 * Unit of a number. `money` is a calculated amount, and `price` is an amount that a user entered. A ratio has 2
 * decimals.
 */
export type Unit = 'money' | 'price' | 'ratio' | 'count' | keyof typeof quantityFormats

export const isMoney = (unit: Unit): unit is 'money' | 'price' => unit === 'money' || unit === 'price'

export function formatValue(value: Decimal, unit: Unit, currency: string | null): string {
  if (isMoney(unit)) return currencyFormats(currency)[unit](value)
  if (unit === 'ratio') return formatFigure(value)
  return unit === 'count' ? formatNumber(value) : formatQuantity(value, unit)
}

const shares = minusFormat(locales, { style: 'percent', maximumFractionDigits: 1 })
const signedShares = minusFormat(locales, { style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' })

/** Formats a fraction such as 0.125 as a percentage with up to 1 decimal. */
export const formatShare = (share: Decimal): string => shares.format(share)
export const formatSignedShare = (share: number): string => signedShares.format(share)

/** Short name of the unit "minute" in the user's locale. */
export const minuteUnit = quantityFormats.minute.formatToParts(2).find(({ type }) => type === 'unit')?.value ?? ''

/** Returns a unit's name in lower case and without a trailing full stop, as users may type it. */
const withoutStop = (unit: string): string => unit.toLowerCase().replace(/\.$/, '')

/** Returns a function that checks whether a text is a name of this unit in the user's locale or in English. */
function unitTest(unit: 'minute' | 'hour', plural: string): (text: string) => boolean {
  const names = new Set(
    [locale, 'en'].flatMap(locale =>
      (['short', 'long', 'narrow'] as const).flatMap(unitDisplay =>
        [1, 2].flatMap(count =>
          new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay })
            .formatToParts(count)
            .flatMap(({ type, value }) => (type === 'unit' ? withoutStop(value) : [])),
        ),
      ),
    ),
  ).add(plural)
  return text => names.has(withoutStop(text))
}

export const isMinuteUnit = unitTest('minute', 'mins')
export const isHourUnit = unitTest('hour', 'hrs')

const currencyCodes = new Set(Intl.supportedValuesOf('currency'))

const currencySymbols = new Map<string, Set<string>>()

/** Returns the symbols of a currency in the user's locale. */
function symbolsOf(code: string): Set<string> {
  const found = currencySymbols.get(code)
  if (found) return found
  if (!currencyCodes.has(code)) return new Set()
  const parts = (['symbol', 'narrowSymbol'] as const).flatMap(currencyDisplay =>
    new Intl.NumberFormat(locale, { style: 'currency', currency: code, currencyDisplay }).formatToParts(1),
  )
  const symbols = new Set(parts.filter(({ type }) => type === 'currency').map(({ value }) => value))
  currencySymbols.set(code, symbols)
  return symbols
}

/** Matches a currency symbol, with or without letters beside it, such as $, US$ or the French $US. */
const signPattern = /^(\p{L}{0,3})(\p{Sc})(\p{L}{0,3})$/u

/**
 * Currency of each unambiguous symbol. Symbols shared by several common currencies, such as $ and ¥, are excluded. In
 * the keys, letters always precede the symbol, as in US$.
 */
const currencyOfSign: Record<string, string> = {
  '£': 'GBP',
  'GB£': 'GBP',
  '€': 'EUR',
  '₹': 'INR',
  '₺': 'TRY',
  '₪': 'ILS',
  '₴': 'UAH',
  '₦': 'NGN',
  '₱': 'PHP',
  '₫': 'VND',
  '₩': 'KRW',
  '฿': 'THB',
  US$: 'USD',
  CA$: 'CAD',
  AU$: 'AUD',
  A$: 'AUD',
  NZ$: 'NZD',
  HK$: 'HKD',
  R$: 'BRL',
  'CN¥': 'CNY',
  'JP¥': 'JPY',
}

/** Returns the currency of a symbol or code beside a number, or null if the symbol may stand for several currencies. */
export function currencyOfUnit(text: string): string | null {
  const code = text.toUpperCase()
  if (currencyCodes.has(code)) return code
  const [, before = '', sign = '', after = ''] = signPattern.exec(code) ?? []
  return currencyOfSign[before + after + sign] ?? null
}

/**
 * Whether the text beside a number is a symbol or code of the currency `code`. Without `code`, any currency matches.
 */
export function isCurrencyUnit(text: string, code?: string): boolean {
  if (code === undefined) return currencyCodes.has(text.toUpperCase()) || signPattern.test(text)
  const meant = currencyOfUnit(text)
  if (meant === code || symbolsOf(code).has(text)) return true
  const [, , sign = ''] = signPattern.exec(text) ?? []
  return meant === null && symbolsOf(code).has(sign)
}
