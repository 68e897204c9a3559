/** Whether the day or the month comes first in a numeric date such as 03/04/2026. */
export type DateOrder = 'day' | 'month'

/** A date such as 2026-03-31 or, if the text is ambiguous, both possible dates. */
export type ParsedDate = string | Record<DateOrder, string>

const isoPattern = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?$/
const figuresPattern = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})$/
const dayFirstPattern = /^(\d{1,2})(?:\.|er|st|nd|rd|th)?[- ](\p{L}+)\.?,?[- ](\d{4}|\d{2})$/u
const monthFirstPattern = /^(\p{L}+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})$/u

/**
 * Parses a date in ISO 8601 or in a locale's notation. Returns null if the text is not a date, and both possible dates
 * if the order of day and month is ambiguous. A two-digit year means 20xx.
 */
export function parseDate(text: string, order: DateOrder | null, locale: string): ParsedDate | null {
  const [, year, month, day] = isoPattern.exec(text) ?? []
  if (year) return dateFrom(year, month, day)
  const [, first, sign, second, last = ''] = figuresPattern.exec(text) ?? []
  if (first) {
    const day = dateFrom(last, second, first)
    const month = dateFrom(last, first, second)
    const known = sign === '.' ? 'day' : order
    if (known) return known === 'day' ? day : month
    return day && month && day !== month ? { day, month } : (day ?? month)
  }
  const [, before, named, yearAfter] = dayFirstPattern.exec(text) ?? []
  if (named) return dateFrom(yearAfter, monthOf(named, locale), before)
  const [, name, after, yearLast] = monthFirstPattern.exec(text) ?? []
  return name ? dateFrom(yearLast, monthOf(name, locale), after) : null
}

const isoMonthPattern = /^(\d{4})[-/.](\d{1,2})$/
const monthFiguresPattern = /^(\d{1,2})[-/.](\d{4})$/
const namedMonthPattern = /^(\p{L}+)\.?(?:[ /,-]*(\d{4})|(?:-| ?['’])(\d{2}))$/u
/**
 * Matches a text such as "May 26", which means a month if it is in the row's only date cell. If the row has two date
 * cells, "May 26" could also mean a day.
 */
const monthOrDayPattern = /^(\p{L}+)\.? (\d{2})$/u

/**
 * Returns the first and last day of a month such as "Jan 2026", "Mar-26" or "03/2026". Accepts "Mar 26" only if
 * `isAlone` is true. Returns null for any other text.
 */
export function parseMonth(text: string, isAlone: boolean, locale: string): Record<'from' | 'to', string> | null {
  const [, isoYear, isoMonth] = isoMonthPattern.exec(text) ?? []
  const [, figures, figuresYear] = monthFiguresPattern.exec(text) ?? []
  const [, name, longYear, shortYear] = namedMonthPattern.exec(text) ?? []
  const [, lone, loneYear] = (isAlone && monthOrDayPattern.exec(text)) || []
  const year = isoYear ?? figuresYear ?? longYear ?? shortYear ?? loneYear
  const named = name ?? lone
  const month = isoMonth ?? figures ?? (named && monthOf(named, locale))
  const from = year && month ? dateFrom(year, month, '1') : null
  if (from === null) return null
  const last = new Date(from)
  // "Mar 31" more likely means 31 March than March 2031.
  if (loneYear && last.getUTCFullYear() > new Date().getUTCFullYear() + 1) return null
  last.setUTCMonth(last.getUTCMonth() + 1, 0)
  return { from, to: last.toISOString().slice(0, 10) }
}

/** Returns the order of day and month if all unambiguous dates have the same order, and null otherwise. */
export function detectDateOrder(texts: Iterable<string>): DateOrder | null {
  const shown = new Set<DateOrder>()
  for (const text of texts) {
    const [, first, sign, second] = figuresPattern.exec(text) ?? []
    if (sign === '.' || sign === undefined) continue
    if (Number(first) > 12) shown.add('day')
    if (Number(second) > 12) shown.add('month')
  }
  return shown.size === 1 ? ([...shown][0] ?? null) : null
}

function dateFrom(year = '', month: string | number | undefined = '', day = ''): string | null {
  const date = [year.padStart(4, '20'), String(month).padStart(2, '0'), day.padStart(2, '0')].join('-')
  const ms = Date.parse(date)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date) ? date : null
}

/**
 * Returns the number of a month, 1 to 12. `name` can be the month's name in the locale or in English, or an unambiguous
 * prefix of at least three letters.
 */
function monthOf(name: string, locale: string): number | undefined {
  const sought = plain(name)
  if (sought.length < 3) return undefined
  for (const names of [monthsIn(locale), monthsIn('en')]) {
    const matches = names.filter(month => month.startsWith(sought))
    if (matches.length === 1) return names.indexOf(String(matches[0])) + 1
    if (matches.length > 1) return undefined
  }
  return undefined
}

const plain = (name: string): string => name.normalize('NFKD').toLowerCase().replaceAll(/\P{L}/gu, '')

const known = new Map<string, string[]>()

function monthsIn(locale: string): string[] {
  const cached = known.get(locale)
  if (cached) return cached
  const names = new Intl.DateTimeFormat(locale, { month: 'long', timeZone: 'UTC' })
  const months = Array.from({ length: 12 }, (_, month) => plain(names.format(Date.UTC(2026, month))))
  known.set(locale, months)
  return months
}
