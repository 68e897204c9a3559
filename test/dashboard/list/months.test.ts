import { presetRanges } from '../../../dashboard/src/months'

const [april, january, december] = [4, 1, 12]

test.each([
  ['2025-12', april, '2025-12 – 2025-12', '2025-01 – 2025-12', '2025-01 – 2025-12', '2024-01 – 2024-12'],
  ['2026-01', april, '2026-01 – 2026-01', '2025-02 – 2026-01', '2026-01 – 2026-12', '2025-01 – 2025-12'],
  ['2026-03', april, '2026-03 – 2026-03', '2025-04 – 2026-03', '2026-01 – 2026-12', '2025-01 – 2025-12'],
])('in %s, the presets are these months', (month, start, ...expected) => {
  const { thisMonth, last12, thisYear, lastYear } = presetRanges(month, start)
  expect([thisMonth, last12, thisYear, lastYear].map(({ from, to }) => `${from} – ${to}`)).toEqual(expected)
})

test.each([
  ['2026-03', april, '2025-04 – 2026-03', '2024-04 – 2025-03'],
  ['2026-04', april, '2026-04 – 2027-03', '2025-04 – 2026-03'],
  ['2025-12', april, '2025-04 – 2026-03', '2024-04 – 2025-03'],
  ['2026-01', april, '2025-04 – 2026-03', '2024-04 – 2025-03'],
  ['2026-01', january, '2026-01 – 2026-12', '2025-01 – 2025-12'],
  ['2025-12', january, '2025-01 – 2025-12', '2024-01 – 2024-12'],
  ['2025-11', december, '2024-12 – 2025-11', '2023-12 – 2024-11'],
  ['2025-12', december, '2025-12 – 2026-11', '2024-12 – 2025-11'],
])('in %s, a financial year that starts in month %d has these months', (month, start, ...expected) => {
  const { thisFinancialYear, lastFinancialYear } = presetRanges(month, start)
  expect([thisFinancialYear, lastFinancialYear].map(({ from, to }) => `${from} – ${to}`)).toEqual(expected)
})
