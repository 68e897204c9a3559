import fc from 'fast-check'
import { amountIn } from '../../../dashboard/src/import/amounts'
import { figureOf, markOf } from '../../../dashboard/src/import/figures'

test.each([
  ['25', '25', '25'],
  ['0', '0', '0'],
  ['-3', '-3', '-3'],
  ['−3', '-3', '-3'],
  ['007', '7', '7'],
  ['3.50', '3.50', null],
  ['3,50', null, '3.50'],
  ['.5', '0.5', null],
  ['-,5', null, '-0.5'],
  ['1,234.5', '1234.5', null],
  ['1.234,5', null, '1234.5'],
  ['1.234', '1.234', '1234'],
  ['1,234', '1234', '1.234'],
  ['1 234', '1234', '1234'],
  ['1\u202f234\u202f567', '1234567', '1234567'],
  ['1’234.50', '1234.50', null],
  ['1,23,456', null, null],
  ['1,2345', null, '1.2345'],
  ['1,234 567', null, null],
  ['1.', null, null],
  ['', null, null],
  ['-', null, null],
  ['1e5', null, null],
  ['Infinity', null, null],
  ['٣', null, null],
  ['3 1/2', null, null],
])('%j is the number %j with a point, %j with a comma', (text, point, comma) => {
  expect([figureOf(text, '.'), figureOf(text, ',')]).toEqual([point, comma])
})

test('the mark is what those numbers show that can be read in one way only', () => {
  expect(markOf(['25', '1.234', '3.50'])).toBe('.')
  expect(markOf(['25', '1.234', '3,50'])).toBe(',')
  expect(markOf(['25', '1.234', '1 234', ''])).toBeNull()
  expect(markOf(['3.50', '3,50'])).toBeNull()
})

test.each([
  ['en-GB', '.'],
  ['de-DE', ','],
  ['de-CH', '.'],
  ['fr-FR', ','],
] as const)('any number that %s writes is read back', (locale, mark) => {
  const formats = [true, false].map(
    useGrouping => new Intl.NumberFormat(locale, { useGrouping, maximumFractionDigits: 4 }),
  )
  fc.assert(
    fc.property(fc.integer({ min: -1e10, max: 1e10 }), fc.constantFrom(...formats), (tenThousandths, format) => {
      const number = tenThousandths / 10_000
      expect(Number(figureOf(format.format(number), mark))).toBe(number)
    }),
  )
})

test.each([
  ['', '£3.50', '3.50'],
  ['', '3,50 €', '3,50'],
  ['', 'GBP 3.50', 'GBP 3.50'],
  ['GBP', '£3.50', '3.50'],
  ['GBP', '-£3.50', '-3.50'],
  ['GBP', '3.50 GBP', '3.50'],
  ['CHF', 'CHF 3.50', '3.50'],
  ['USD', 'US$3.50', '3.50'],
  ['EUR', '£3.50', null],
  ['EUR', '3.50 USD', null],
  ['EUR', 'three', 'three'],
  ['EUR', '3.50', '3.50'],
])('of an amount in %j the sign is taken off, if it is that of its currency: %j', (currency, text, left) => {
  expect(amountIn(currency, text)).toBe(left)
})
