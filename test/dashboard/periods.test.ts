import { periodInName, quickPeriodsIn } from '../../dashboard/src/periods'

const all = (year: number) => ({ from: `${year}-01-01`, to: `${year}-12-31` })
const march = { from: '2026-03-01', to: '2026-03-31' }
const financialYear = { from: '2025-04-01', to: '2026-03-31' }

test.each([
  ['Year 9 reading, 2025/26', 'en-GB', financialYear],
  ['2025-26', 'en-GB', financialYear],
  ['Reading 2025–2026', 'en-GB', financialYear],
  ['2025', 'en-GB', all(2025)],
  ['Spring 2026, Year 9 reading', 'en-GB', all(2026)],
  ['March 2026', 'en-GB', march],
  ['Reading (Mar 2026)', 'en-GB', march],
  ['Lesen, März 2026', 'de-DE', march],
  ['mars 2026', 'fr-FR', march],
  ['2026-03', 'en-GB', march],
  ['03/2026', 'en-GB', march],
  ['February 2028', 'en-GB', { from: '2028-02-01', to: '2028-02-29' }],
  ['2025/27', 'en-GB', all(2025)],
  ['Year 9 reading', 'en-GB', null],
  ['Room 20251', 'en-GB', null],
])('the name %j in %s proposes its period', (name, locale, period) => {
  expect(periodInName(name, 4, locale)).toEqual(period)
})

test('the quick choices are whole months and financial years', () => {
  expect(quickPeriodsIn('2026-03', 4)).toEqual({
    thisMonth: march,
    lastMonth: { from: '2026-02-01', to: '2026-02-28' },
    thisFinancialYear: financialYear,
    lastFinancialYear: { from: '2024-04-01', to: '2025-03-31' },
  })
})
