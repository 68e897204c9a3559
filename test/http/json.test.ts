import fc from 'fast-check'
import { unreadableNumber } from '../../src/domain/errors'
import { isExact, withoutRounding } from '../../src/http/json'

/** Returns the significant digits and the power of ten of a numeral, without zeros at either end. */
function decimalOf(text: string): string {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().replace(/^-/, '').split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const significant = (whole + fraction).replace(/^0+/, '')
  const digits = significant.replace(/0+$/, '')
  if (digits === '') return '0'
  return `${digits}e${Number(exponent) - fraction.length + significant.length - digits.length}`
}

const numeral = fc
  .tuple(
    fc.bigInt({ min: 0n, max: 10n ** 20n }),
    fc.option(fc.stringMatching(/^\d{1,20}$/)),
    fc.option(fc.integer({ min: -320, max: 300 })),
  )
  .map(
    ([whole, fraction, exponent]) =>
      `${whole}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`,
  )

test('a numeral is exact if its double is written with the same digits', () => {
  fc.assert(
    fc.property(numeral, text => {
      const same = Number.isFinite(Number(text)) && decimalOf(text) === decimalOf(String(Number(text)))
      expect(isExact(text)).toBe(same)
    }),
    { numRuns: 2_000 },
  )
})

test('every number is exact in the form that JSON.stringify gives it', () => {
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), n => isExact(JSON.stringify(n))))
})

test('a text in which every numeral is exact is returned unchanged', () => {
  const long = '12345678901234567.5e-3'
  fc.assert(
    fc.property(fc.json(), text => {
      const also = JSON.stringify([long, `"${long}\\`, text])
      expect(withoutRounding(also)).toBe(also)
      expect(JSON.parse(withoutRounding(text))).toEqual(JSON.parse(text))
    }),
  )
})

test('a body that consists of numerals is checked quickly', () => {
  const text = `[${'1.0000000000000000001,'.repeat(3_000)}1${'0'.repeat(60_000)}]`
  const began = performance.now()
  expect(JSON.parse(withoutRounding(text))).toEqual(Array(3_001).fill(unreadableNumber))
  expect(performance.now() - began).toBeLessThan(5_000)
})
