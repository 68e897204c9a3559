import { Decimal } from 'decimal.js'
import fc from 'fast-check'
import { amountsOf, noSums } from '../../../src/capabilities/totals/model'

const Precise = Decimal.clone({ precision: 200, rounding: Decimal.ROUND_HALF_UP })
const decimal = (hundredths: bigint): Decimal => new Precise(String(hundredths)).div(100)
const shown = (exact: Decimal): number => exact.toDecimalPlaces(2).toNumber() + 0

const hundredths = fc.oneof(fc.bigInt(0n, 1_000n), fc.bigInt(0n, 10n ** 12n), fc.bigInt(0n, 10n ** 40n))

test('amounts are the exact sums, rounded half up to 2 decimals, then to the nearest number', () => {
  fc.assert(
    fc.property(hundredths, hundredths, hundredths, (minutes, cost, value) => {
      const [amounts] = amountsOf(new Map([[null, { ...noSums, results: 1, minutes, cost, value }]]))
      expect(amounts).toEqual({
        currency: null,
        results: 1,
        sessions_held: 0,
        total_hours: shown(decimal(minutes).div(60)),
        programme_cost: shown(decimal(cost)),
        time_value: shown(decimal(value)),
        net_benefit: shown(decimal(value).minus(decimal(cost))),
        benefit_cost_ratio: cost === 0n ? null : shown(decimal(value).div(decimal(cost))),
      })
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  [30n, 0.01],
  [29n, 0],
  [90n, 0.02],
  [6_000n, 1],
])('%d hundredths of a minute are %d hours', (minutes, hours) => {
  const [amounts] = amountsOf(new Map([[null, { ...noSums, results: 1, minutes }]]))
  expect(amounts?.total_hours).toBe(hours)
})
