import { mappingOf, tableOf } from '../../../dashboard/src/import/columns'
import { localeOf, writingOf } from '../../../dashboard/src/import/writing'

const writingIn = (locale: string, ...rows: string[]) => {
  const table = tableOf([['Mentor', 'Sessions', 'Cost', 'First day'], ...rows.map(row => row.split('|'))])
  return writingOf(table, mappingOf(table), locale)
}

test.each([
  ['de-DE', ['Ada|25|3.50|', 'Bo|1.234|3.50|'], '.'],
  ['en-GB', ['Ada|25|3,50|', 'Bo|1.234|£4|'], ','],
  ['en-GB', ['Ada|1.234.567|4|'], ','],
  ['de-DE', ['Ada|25|1,234.50|'], '.'],
] as const)('in %s, the numbers of %j reveal their decimal mark: %s', (locale, rows, mark) => {
  expect(writingIn(locale, ...rows).mark).toBe(mark)
})

test.each([
  ['de-DE', ','],
  ['fr-FR', ','],
  ['de-CH', '.'],
  ['en-US', '.'],
])('numbers that reveal no mark, or two, are read as in %s', (locale, mark) => {
  expect(writingIn(locale, 'Ada|25|1.234|').mark).toBe(mark)
  expect(writingIn(locale, 'Ada|25|3.50|', 'Bo|25|3,50|').mark).toBe(mark)
  expect(localeOf(mark as '.' | ',', locale)).toBe(locale)
})

test('texts of the export are read in its own format', () => {
  const table = tableOf([
    ['mentor_id', 'cost_per_session'],
    ['Ada', '1.234'],
  ])
  expect(writingOf(table, mappingOf(table), 'de-DE').mark).toBe('.')
})

test('dates reveal their order', () => {
  expect(writingIn('en-GB', 'Ada|25|3|3/31/2026').order).toBe('month')
  expect(writingIn('en-GB', 'Ada|25|3|3/4/2026').order).toBeNull()
})
