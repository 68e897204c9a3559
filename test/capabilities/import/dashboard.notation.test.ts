import { detectMapping, detectTable } from '../../../dashboard/src/capabilities/import/columns'
import { datesIn, detectNotation, localeWith, numbersIn } from '../../../dashboard/src/capabilities/import/notation'

const head = ['Mentor', 'Sessions', 'Cost', 'Hourly rate', 'First day', 'Last day']
const writingIn = (locale: string, ...rows: string[]) => {
  const table = detectTable([head, ...rows.map(row => row.split('|'))])
  return detectNotation(table, detectMapping(table), locale)
}

test.each([
  ['de-DE', ['Ada|25|3.50|', 'Bo|1.234|3.50|'], '.'],
  ['en-GB', ['Ada|25|3,50|', 'Bo|1.234|£4|'], ','],
  ['en-GB', ['Ada|1.234.567|4|'], ','],
  ['de-DE', ['Ada|25|1,234.50|'], '.'],
] as const)('in %s, the numbers of %j reveal their decimal separator: %s', (locale, rows, separator) => {
  const { separators, asked } = writingIn(locale, ...rows)
  expect([separators.sessions, separators.costPerSession, asked]).toEqual([separator, separator, []])
})

test('each column reveals its own decimal separator', () => {
  const { separators, asked } = writingIn('en-GB', 'Ada|25|3,50|30.50', 'Bo|25|1,234|1,234')
  expect([separators.costPerSession, separators.costPerHour, asked]).toEqual([',', '.', []])
})

test.each([
  ['de-DE', ','],
  ['fr-FR', ','],
  ['de-CH', '.'],
  ['en-US', '.'],
] as const)('numbers that mean only one number, but reveal no separator, are read as in %s', (locale, separator) => {
  // A number of sessions has no decimals.
  const { separators, asked } = writingIn(locale, 'Ada|1.234|4|30')
  expect([separators.sessions, separators.costPerSession, asked]).toEqual([separator, separator, []])
  expect(localeWith(separator, locale)).toBe(locale)
})

test.each(['de-DE', 'en-GB'])('a column with a number that could mean two, in %s, is asked about', locale => {
  const alone = writingIn(locale, 'Ada|25|1.234|30', 'Bo|25|4|30')
  expect([alone.separators.costPerSession, alone.asked]).toEqual([null, ['costPerSession']])
  const mixed = writingIn(locale, 'Ada|25|1.234|30', 'Bo|25|3,50|30', 'Cy|25|3.50|30')
  expect([mixed.separators.costPerSession, mixed.asked]).toEqual([null, ['costPerSession']])
})

test.each([
  ['costPerSession', '1,234', { '.': '1234', ',': '1.234' }],
  ['costPerSession', '£1.234', { '.': '1.234', ',': '1234' }],
  ['costPerSession', '1,234.50', null],
  ['costPerSession', '3,50', null],
  ['costPerSession', '0.125', null],
  ['sessions', '1,234', null],
  ['avgMinutes', '1,234', null],
] as const)('%s %s could mean: %j', (column, text, numbers) => {
  expect(numbersIn(column, text, 'en-GB')).toEqual(numbers)
})

test('a column in which both separators occur is read by the one of most numbers, in any language', () => {
  for (const locale of ['en-GB', 'de-DE']) {
    const { separators, asked } = writingIn(locale, 'Ada|25|3.50|30', 'Bo|25|4.50|30', 'Cy|25|1.234,50|30')
    expect([separators.costPerSession, asked]).toEqual(['.', []])
  }
})

test('texts of the export are read in its own format, unless a spreadsheet has changed it', () => {
  const separatorOf = (...costs: string[]) => {
    const table = detectTable([['mentor_id', 'cost_per_session'], ...costs.map(cost => ['Ada', cost])])
    const { separators, asked } = detectNotation(table, detectMapping(table), 'de-DE')
    return [separators.costPerSession, asked]
  }
  expect(separatorOf('1.234')).toEqual(['.', []])
  expect(separatorOf('1.234', '3,5')).toEqual([',', []])
})

test('a known decimal separator is not asked about', () => {
  const table = detectTable([head, ['Ada', '25', '1.234', '3,5', '', '']])
  const { separators, asked } = detectNotation(table, detectMapping(table), 'en-GB', '.')
  expect([separators.costPerSession, separators.costPerHour, asked]).toEqual(['.', '.', []])
})

test('dates reveal their order, each column for itself or for both', () => {
  expect(writingIn('en-GB', 'Ada|25|3|3|3/31/2026|5/4/2026').dateOrders).toEqual({ from: 'month', to: 'month' })
  expect(writingIn('en-GB', 'Ada|25|3|3|3/31/2026|31/4/2026').dateOrders).toEqual({ from: 'month', to: 'day' })
})

test('a column with a date that could mean two days is asked about', () => {
  const { dateOrders, asked } = writingIn('en-GB', 'Ada|25|3|3|3/4/2026|2026-05-06')
  expect([dateOrders.from, asked]).toEqual([null, ['from']])
  expect(datesIn('3/4/2026', 'en-GB')).toEqual({ day: '2026-04-03', month: '2026-03-04' })
  expect(datesIn('13/4/2026', 'en-GB')).toBeNull()
})
