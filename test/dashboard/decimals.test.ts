import fc from 'fast-check'
import {
  divide,
  formatDecimal,
  minutesOf,
  type ParsedDecimal,
  parseDecimal,
  subtract,
} from '../../dashboard/src/decimals'

const isMoney = (text: string): boolean => ['£', '€', 'US$', 'EUR', 'CHF'].includes(text)
const said = (reading: ParsedDecimal): string =>
  reading.status === 'valid' ? reading.text : reading.status === 'ambiguous' ? `${reading.suggestion}?` : 'unknown'

/** How readers of each locale understand a text: as a decimal, as ambiguous (with a question mark), or as no number. */
test.each([
  // as typed, in English, German and French
  ['25', '25', '25', '25'],
  ['007', '7', '7', '7'],
  ['3.5', '3.5', '3.5?', '3.5?'],
  ['3,5', '3.5?', '3.5', '3.5'],
  ['3,50', '3.50?', '3.50', '3.50'],
  ['1.5', '1.5', '1.5?', '1.5?'],
  ['1.234', '1.234', '1234', '1234?'],
  ['1,234', '1234', '1.234', '1.234'],
  ['0.234', '0.234', '0.234?', '0.234?'],
  ['0,234', '0.234?', '0.234', '0.234'],
  ['1,234.50', '1234.50', '1234.50?', '1234.50?'],
  ['1.234,50', '1234.50?', '1234.50', '1234.50?'],
  ['1.234.567', '1234567?', '1234567', '1234567?'],
  ['1,234,567', '1234567', '1234567?', '1234567?'],
  ['1 234,50', '1234.50?', '1234.50', '1234.50'],
  ['1\u202f234,50', '1234.50?', '1234.50', '1234.50'],
  ['1\u00a0234.50', '1234.50', '1234.50?', '1234.50?'],
  ['1’234.50', '1234.50', '1234.50?', '1234.50?'],
  ["1'234", '1234', '1234', '1234'],
  ['12 34', 'unknown', 'unknown', 'unknown'],
  ["1'234 567", 'unknown', 'unknown', 'unknown'],
  ['1,23,456', 'unknown', 'unknown', 'unknown'],
  ['1234,567', '1234.567?', '1234.567', '1234.567'],
  ['1234.567', '1234.567', '1234.567?', '1234.567?'],
  ['1,234.567,8', 'unknown', 'unknown', 'unknown'],
  ['.5', '0.5', '0.5?', '0.5?'],
  ['5.', '5', '5?', '5?'],
  ['-3', '-3', '-3', '-3'],
  ['−3', '-3', '-3', '-3'],
  ['+3', '3', '3', '3'],
  ['٣٫٥', '3.5', '3.5', '3.5'],
  ['١٬٢٣٤٫٥٠', '1234.50', '1234.50', '1234.50'],
  ['۱۲۳', '123', '123', '123'],
  ['1٢', 'unknown', 'unknown', 'unknown'],
  ['£3.50', '3.50', '3.50?', '3.50?'],
  ['3,50 €', '3.50?', '3.50', '3.50'],
  ['EUR 12', '12', '12', '12'],
  ['-£3', '-3', '-3', '-3'],
  ['US$ 1,234', '1234', '1.234', '1.234'],
  ['(£4.50)', '-4.50', '-4.50?', '-4.50?'],
  ['£(4)', '-4', '-4', '-4'],
  ['( 4 ) €', '-4', '-4', '-4'],
  ['(-4)', 'unknown', 'unknown', 'unknown'],
  ['(4', 'unknown', 'unknown', 'unknown'],
  ['3 (4)', 'unknown', 'unknown', 'unknown'],
  ['((4))', 'unknown', 'unknown', 'unknown'],
  ['\u200e12\u200f', '12', '12', '12'],
  ['€ 3 EUR', 'unknown', 'unknown', 'unknown'],
  ['12 %', 'unknown', 'unknown', 'unknown'],
  ['12 apples', 'unknown', 'unknown', 'unknown'],
  ['1e3', 'unknown', 'unknown', 'unknown'],
  ['0x10', 'unknown', 'unknown', 'unknown'],
  ['1/2', 'unknown', 'unknown', 'unknown'],
  ['.', 'unknown', 'unknown', 'unknown'],
  ['--3', 'unknown', 'unknown', 'unknown'],
  ['', 'unknown', 'unknown', 'unknown'],
  ['9'.repeat(61), 'unknown', 'unknown', 'unknown'],
])('%j is %s in English, %s in German and %s in French', (typed, ...expected) => {
  expect(['en-GB', 'de-DE', 'fr-FR'].map(locale => said(parseDecimal(typed, locale, isMoney)))).toEqual(expected)
})

test.each([
  ['de-CH', '1’234.50', '1234.50'],
  ['de-CH', '3,50', '3.50?'],
  ['de-AT', '1.234,50', '1234.50'],
  ['en-IN', '12,34,567.5', '1234567.5'],
  ['en-IN', '1,234,567', '1234567'],
  ['ar-EG', '١٬٢٣٤٫٥', '1234.5'],
  ['ar-EG', '1,234.5', '1234.5'],
  ['ar-EG', '١٢.٥', '12.5'],
  ['fa-IR', '۱٬۲۳۴٫۵', '1234.5'],
  ['bn-BD', '১২৩', '123'],
])('readers of %s understand %s as %s', (locale, typed, expected) => {
  expect(said(parseDecimal(typed, locale))).toBe(expected)
})

const locales = ['en-GB', 'en-US', 'en-IN', 'de-DE', 'de-AT', 'de-CH', 'fr-FR', 'fr-CA', 'fr-CH', 'ar-EG', 'fa-IR']
const locale = fc.constantFrom(...locales)
const decimal = fc
  .tuple(fc.nat(9_999_999), fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 4 }))
  .map(([whole, fraction]) => (fraction === '' ? `${whole}` : `${whole}.${fraction}`))

test("a locale's own format is understood there, with and without grouping", () => {
  fc.assert(
    fc.property(decimal, locale, fc.boolean(), (text, locale, grouped) => {
      expect(parseDecimal(formatDecimal(text, locale, { grouped }), locale)).toEqual({
        status: 'valid',
        text,
        unit: '',
      })
    }),
    { numRuns: 2_000 },
  )
})

test('a suggestion is unambiguous once it is typed', () => {
  const typed = fc.string({ unit: fc.constantFrom(...'0123456789.,’ '), maxLength: 12 })
  fc.assert(
    fc.property(typed, locale, (typed, locale) => {
      const reading = parseDecimal(typed, locale)
      if (reading.status !== 'ambiguous') return
      const again = parseDecimal(formatDecimal(reading.suggestion, locale, { grouped: false }), locale)
      expect(again).toEqual({ status: 'valid', text: reading.suggestion, unit: '' })
    }),
    { numRuns: 5_000 },
  )
})

test("an unambiguous text of digits, points and commas is in the locale's own format", () => {
  const typed = fc.string({ unit: fc.constantFrom(...'0123456789.,'), minLength: 1, maxLength: 9 })
  const western = fc.constantFrom('en-GB', 'de-DE')
  fc.assert(
    fc.property(typed, western, (typed, locale) => {
      const reading = parseDecimal(typed, locale)
      if (reading.status !== 'valid') return
      const written = [true, false].map(grouped => formatDecimal(reading.text, locale, { grouped }))
      const [sign] = locale === 'de-DE' ? ',' : '.'
      const plain = typed.replace(new RegExp(`[${sign}]$`), '').replace(/^0+(?=\d)/, '')
      expect(written).toContain(plain.startsWith(sign as string) ? `0${plain}` : plain)
    }),
    { numRuns: 5_000 },
  )
})

test('a decimal within the limits keeps its digits as a JSON number', () => {
  fc.assert(
    fc.property(decimal, text => {
      const sent = JSON.stringify(Number(text))
      expect(sent).toBe(text.includes('.') ? text.replace(/\.?0+$/, '') : text)
    }),
  )
})

test.each([
  [0.3, 0.1, '0.2'],
  [1.1, 1.1, '0'],
  [0.07, 100, '-99.93'],
  [999_999_999_999.99, 0.01, '999999999999.98'],
  ['12.50', 12.5, '0'],
  [-3.5, -0.0001, '-3.4999'],
  [100, 0.5, '99.5'],
] as const)('%s minus %s is exactly %s', (a, b, expected) => {
  expect(subtract(a, b)).toBe(expected)
})

test('a difference has no rounding error, whatever the decimals', () => {
  const decimal = fc.tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 4 }))
  const textOf = (units: number, digits: number) => String(units / 10 ** digits) as `${number}`
  fc.assert(
    fc.property(decimal, decimal, ([a, aDigits], [b, bDigits]) => {
      const difference = subtract(textOf(a, aDigits), textOf(b, bDigits))
      expect(Math.round(Number(difference) * 1e4)).toBe(a * 10 ** (4 - aDigits) - b * 10 ** (4 - bDigits))
      expect(difference).not.toMatch(/\.\d*0$|^-0$|\.$/)
    }),
  )
})

test.each([
  [1, 30, '90'],
  [0, 5, '5'],
  [1.5, 0, '90'],
  ['1.10', 0, '66'],
  [0.01, 0.5, '1.1'],
] as const)('%s hours and %s minutes are exactly %s minutes', (hours, minutes, expected) => {
  expect(minutesOf(hours, minutes)).toBe(expected)
})

test.each([
  [1, 8, 3, '0.125'],
  [1, 3, 3, '0.333'],
  [2, 3, 3, '0.667'],
  [0.0005, 1, 3, '0.001'],
  [-0.0005, 1, 3, '-0.001'],
  [0.0004, 1, 3, '0'],
  [-0.0004, 1, 3, '0'],
  [3, 0.0003, 3, '10000'],
  [1, 8, 0, '0'],
] as const)('%s divided by %s is, to %s decimals, %s', (a, b, decimals, expected) => {
  expect(divide(a, b, decimals)).toBe(expected)
})
