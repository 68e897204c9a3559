import { detectMapping, detectTable } from '../../../dashboard/src/import/columns'
import { detectNotation, localeWith } from '../../../dashboard/src/import/notation'

const writingIn = (locale: string, ...rows: string[]) => {
  const table = detectTable([['Mentor', 'Sessions', 'Cost', 'First day'], ...rows.map(row => row.split('|'))])
  return detectNotation(table, detectMapping(table), locale)
}

test.each([
  ['de-DE', ['Ada|25|3.50|', 'Bo|1.234|3.50|'], '.'],
  ['en-GB', ['Ada|25|3,50|', 'Bo|1.234|£4|'], ','],
  ['en-GB', ['Ada|1.234.567|4|'], ','],
  ['de-DE', ['Ada|25|1,234.50|'], '.'],
] as const)('in %s, the numbers of %j reveal their decimal mark: %s', (locale, rows, mark) => {
  expect(writingIn(locale, ...rows).decimalSeparator).toBe(mark)
})

test.each([
  ['de-DE', ','],
  ['fr-FR', ','],
  ['de-CH', '.'],
  ['en-US', '.'],
])('numbers that reveal no mark, or two, are read as in %s', (locale, mark) => {
  expect(writingIn(locale, 'Ada|25|1.234|').decimalSeparator).toBe(mark)
  expect(writingIn(locale, 'Ada|25|3.50|', 'Bo|25|3,50|').decimalSeparator).toBe(mark)
  expect(localeWith(mark as '.' | ',', locale)).toBe(locale)
})

test('texts of the export are read in its own format', () => {
  const table = detectTable([
    ['mentor_id', 'cost_per_session'],
    ['Ada', '1.234'],
  ])
  expect(detectNotation(table, detectMapping(table), 'de-DE').decimalSeparator).toBe('.')
})

test('dates reveal their order', () => {
  expect(writingIn('en-GB', 'Ada|25|3|3/31/2026').dateOrder).toBe('month')
  expect(writingIn('en-GB', 'Ada|25|3|3/4/2026').dateOrder).toBeNull()
})
