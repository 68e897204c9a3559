import fc from 'fast-check'
import { type DateOrder, detectDateOrder, parseDate, parseMonth } from '../../dashboard/src/dates'

/** Returns the order of day and month in a locale. */
function localeDateOrder(locale: string): DateOrder {
  const parts = new Intl.DateTimeFormat(locale).formatToParts().map(({ type }) => type)
  return parts.indexOf('month') < parts.indexOf('day') ? 'month' : 'day'
}

test.each([
  ['2026-03-31', '2026-03-31'],
  ['2026/3/1', '2026-03-01'],
  ['2026-03-31T00:00:00', '2026-03-31'],
  ['2026-03-31 00:00', '2026-03-31'],
  ['31/03/2026', '2026-03-31'],
  ['3/31/2026', '2026-03-31'],
  ['31.3.26', '2026-03-31'],
  ['4.3.2026', '2026-03-04'],
  ['4/4/2026', '2026-04-04'],
  ['31 March 2026', '2026-03-31'],
  ['31-Mar-26', '2026-03-31'],
  ['March 31, 2026', '2026-03-31'],
  ['1st Sept 2026', '2026-09-01'],
])('%s is a date', (text, date) => {
  expect(parseDate(text, null, 'en-GB')).toBe(date)
})

test.each([
  '',
  '2026-02-30',
  '31/02/2026',
  '31.3.',
  '2026-03-31 12:00',
  '45000',
  '31/3-2026',
  '31 Octember 2026',
  '3/4/202',
  'Ju 3, 2026',
])('%j is not a date', text => {
  expect(parseDate(text, null, 'en-GB')).toBeNull()
})

test.each([
  ['de-DE', '31. März 2026', '2026-03-31'],
  ['de-DE', '1. Okt. 2026', '2026-10-01'],
  ['fr-FR', '1er août 2026', '2026-08-01'],
  ['fr-FR', '14 juil. 2026', '2026-07-14'],
  ['fr-FR', '14 jui 2026', null],
  ['fr-FR', '14 December 2026', '2026-12-14'],
])('months are recognised by their names in %s and in English: %s', (locale, text, date) => {
  expect(parseDate(text, null, locale)).toBe(date)
})

test.each([
  ['Feb 2026', 'en-GB', '2026-02-28'],
  ['February 2028', 'en-GB', '2028-02-29'],
  ['Sept-26', 'en-GB', '2026-09-30'],
  ['Jan ’26', 'en-GB', '2026-01-31'],
  ['2026-04', 'en-GB', '2026-04-30'],
  ['4/2026', 'en-GB', '2026-04-30'],
  ['04.2026', 'de-DE', '2026-04-30'],
  ['März 2026', 'de-DE', '2026-03-31'],
  ['déc. 2026', 'fr-FR', '2026-12-31'],
])('%s is a month in %s, which ends on %s', (text, locale, to) => {
  expect(parseMonth(text, false, locale)).toEqual({ from: `${to.slice(0, 8)}01`, to })
})

test.each(['', 'Mar 31', 'March', '2026', '13/2026', '31 March 2026', 'Spring 2026', '26-Mar'])(
  '%j is not a month with its year',
  text => {
    expect(parseMonth(text, true, 'en-GB')).toBeNull()
  },
)

test('a name and two figures are a month only if no other cell has a day', () => {
  expect(parseMonth('May 26', true, 'en-GB')).toEqual({ from: '2026-05-01', to: '2026-05-31' })
  expect(parseMonth('May 26', false, 'en-GB')).toBeNull()
})

test('an ambiguous numeric date is read in the given order, or not at all', () => {
  expect(parseDate('3/4/2026', 'day', 'en-GB')).toBe('2026-04-03')
  expect(parseDate('3/4/2026', 'month', 'en-GB')).toBe('2026-03-04')
  expect(parseDate('3/4/2026', null, 'en-GB')).toEqual({ day: '2026-04-03', month: '2026-03-04' })
  expect(parseDate('3/31/2026', 'day', 'en-GB')).toBeNull()
})

test('the order is derived from the unambiguous dates', () => {
  expect(detectDateOrder(['3/4/2026', '31/3/2026'])).toBe('day')
  expect(detectDateOrder(['3/4/2026', '3/31/2026'])).toBe('month')
  expect(detectDateOrder(['31/3/2026', '3/31/2026'])).toBeNull()
  expect(detectDateOrder(['3/4/2026', '31.3.2026', '2026-03-31', ''])).toBeNull()
})

test.each(['en-GB', 'en-US', 'de-DE', 'de-CH', 'fr-FR', 'fr-CA'])(
  'any date in the format of %s is read back',
  locale => {
    const styles = (['short', 'medium', 'long'] as const).map(
      dateStyle => new Intl.DateTimeFormat(locale, { dateStyle, timeZone: 'UTC' }),
    )
    const day = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
    fc.assert(
      fc.property(day, fc.constantFrom(...styles), (day, style) => {
        expect(parseDate(style.format(day), localeDateOrder(locale), locale)).toBe(day.toISOString().slice(0, 10))
      }),
    )
  },
)
