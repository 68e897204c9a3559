import * as fc from 'fast-check'
import { monthsOfChart, yearBefore } from '../../../dashboard/src/capabilities/totals/report/months'
import type { Amounts, Month } from '../../../packages/client/src/index'

const amountOf = (hundredths: number | bigint): number => Number(`${hundredths}e-2`)

const sums = (value: number, cost: number, currency: string | null = 'GBP'): Amounts => ({
  currency,
  results: 1,
  sessionsHeld: 1,
  totalHours: 1,
  timeValue: amountOf(value),
  programmeCost: amountOf(cost),
  netBenefit: amountOf(value - cost),
  benefitCostRatio: null,
})

const monthOf = (i: number): string => `${2020 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, '0')}-01`
const month = (i: number, ...amounts: Amounts[]): Month => ({ month: monthOf(i), results: amounts.length, amounts })
const later = '2040-01-01'

test('the sums so far are exact, also if doubles do not add up exactly', () => {
  const hundredths = fc.integer({ min: 0, max: 100 * 2 ** 46 })
  void fc.assert(
    fc.property(fc.array(fc.tuple(hundredths, hundredths), { minLength: 1, maxLength: 120 }), amounts => {
      const months = monthsOfChart(
        amounts.map(([value, cost], i) => month(i, sums(value, cost), sums(1, 1, 'EUR'))),
        [],
        'GBP',
        later,
      )
      const total = (of: 0 | 1): bigint => amounts.reduce((sum, pair) => sum + BigInt(pair[of]), 0n)
      expect(months.at(-1)?.soFar).toEqual({
        timeValue: amountOf(total(0)),
        programmeCost: amountOf(total(1)),
        netBenefit: amountOf(total(0) - total(1)),
      })
    }),
  )
})

test('months without a result keep the sums so far, but months to come have none', () => {
  const months = [month(0), month(1, sums(30, 10)), month(2), month(3), month(4)]
  const soFar = (today: string) => monthsOfChart(months, [], 'GBP', today).map(({ soFar }) => soFar?.timeValue)
  expect(soFar('2020-03-15T10:00:00.000Z')).toEqual([0, 0.3, 0.3, undefined, undefined])
  expect(soFar('2019-12-15T10:00:00.000Z')).toEqual([0, 0.3, undefined, undefined, undefined])
  expect(monthsOfChart([month(0), month(1)], [], 'GBP', later).map(({ soFar }) => soFar)).toEqual([
    undefined,
    undefined,
  ])
})

test('each month is beside the same month a year earlier, in the same currency', () => {
  const before = [month(0, sums(10, 1)), month(1, sums(20, 1, 'EUR'))]
  const months = monthsOfChart([month(12, sums(30, 1)), month(13, sums(40, 1)), month(14)], before, 'GBP', later)
  expect(months.map(({ before }) => before?.timeValue)).toEqual([0.1, undefined, undefined])
  expect([yearBefore('2026-01-01'), yearBefore('2000-12-01')]).toEqual(['2025-01-01', '1999-12-01'])
})
