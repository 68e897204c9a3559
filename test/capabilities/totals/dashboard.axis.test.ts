import * as fc from 'fast-check'
import { levelsTo, monthsApart } from '../../../dashboard/src/capabilities/totals/report/axis'

test.each([
  [0, [0]],
  [0.03, [0, 0.01, 0.02, 0.03]],
  [8, [0, 2, 4, 6, 8]],
  [1_000, [0, 250, 500, 750, 1_000]],
  [17_041.5, [0, 5_000, 10_000, 15_000, 20_000]],
])('an axis up to %d has the levels %j', (most, levels) => {
  expect(levelsTo(most)).toEqual(levels)
})

test('an axis has few levels, and the last is at or above every shown value', () => {
  void fc.assert(
    fc.property(fc.double({ min: 0.01, max: 1e15, noNaN: true }), most => {
      const levels = levelsTo(most)
      expect(levels.length).toBeLessThanOrEqual(5)
      expect(levels.at(-1)).toBeGreaterThanOrEqual(most)
      expect(levels.at(-2)).toBeLessThan(most)
    }),
  )
})

test('as many months are labelled as there is room for', () => {
  expect([50, 30, 16, 9, 2, 1].map(band => monthsApart(40, band))).toEqual([1, 2, 3, 6, 24, 24])
})
