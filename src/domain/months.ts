/** Matches a month such as `2026-04`. Months in this format can be compared as strings. */
export const monthPattern = /^\d{4}-(?:0[1-9]|1[0-2])$/

/** Maximum number of months in a trend. */
export const trendMonths = 120

/** Includes the first and the last month. If `from` or `to` is absent, the range is open at that end. */
export interface MonthRange {
  from?: string
  to?: string
}

type Ends = { [end in keyof MonthRange]: string | undefined }

/** Returns undefined if both months are missing, which means no filter by month. */
export const monthRange = ({ from, to }: Ends): MonthRange | undefined =>
  from === undefined && to === undefined
    ? undefined
    : { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }

/** Replaces the filter fields `from` and `to` by one field, the range `months`. */
export function withMonths<Stated extends Ends>({ from, to, ...filter }: Stated) {
  const months = monthRange({ from, to })
  return { ...filter, ...(months && { months }) }
}

export const isInRange = ({ from, to }: MonthRange, month: string): boolean =>
  (from === undefined || month >= from) && (to === undefined || month <= to)

export const monthCharacters = '2026-04'.length

export const monthAt = (time: string): string => time.slice(0, monthCharacters)

/** Returns the month in which the period ends or, without a period, in which the result was computed. */
export const monthOf = (period: { to: string } | null | undefined, computedAt: string): string =>
  monthAt(period?.to ?? computedAt)

const firstMonth = '0000-01'
const lastMonth = '9999-12'

const numberOf = (month: string): number => Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1

/** Returns an earlier month if `count` is negative. Clamps the result to four-digit years. */
export function monthAfter(month: string, count: number): string {
  const number = Math.min(Math.max(numberOf(month) + count, numberOf(firstMonth)), numberOf(lastMonth))
  return `${String(Math.floor(number / 12)).padStart(4, '0')}-${String((number % 12) + 1).padStart(2, '0')}`
}

export const yearBefore = ({ from, to }: Required<MonthRange>): Required<MonthRange> => ({
  from: monthAfter(from, -12),
  to: monthAfter(to, -12),
})

/** Returns the part of a range that is over in the given current month, or null if no month of the range is over. */
export function monthsOver({ from, to }: Required<MonthRange>, currentMonth: string): Required<MonthRange> | null {
  if (from >= currentMonth) return null
  return { from, to: to < currentMonth ? to : monthAfter(currentMonth, -1) }
}

export const lengthOf = ({ from = firstMonth, to = lastMonth }: MonthRange): number => numberOf(to) - numberOf(from) + 1

export const monthsIn = (range: MonthRange): string[] =>
  Array.from({ length: lengthOf(range) }, (_, i) => monthAfter(range.from ?? firstMonth, i))
