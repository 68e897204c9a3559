import { currencies } from '../../../src/domain/limits'
import { moneyOptions } from '../../../src/rest/pages/break-even'
import { formatsOf, localeOf, numberFormat } from '../../../src/rest/pages/formats'

/** Counts the formats that are made. */
const made = [jest.spyOn(Intl, 'NumberFormat'), jest.spyOn(Intl, 'DateTimeFormat')]
const madeBy = (work: () => unknown): number => {
  for (const spy of made) spy.mockClear()
  work()
  return made.reduce((sum, spy) => sum + spy.mock.calls.length, 0)
}
afterAll(() => jest.restoreAllMocks())

test.each([
  ['en', 'en'],
  ['en-GB', 'en-GB'],
  ['de-CH-1996-x-any', 'de-CH'],
  ['fr-Latn-CA-u-nu-arab-cu-eur', 'fr-CA'],
  ['en-XX', 'en'],
  ['en-001', 'en-001'],
  ['en-', undefined],
  ['en-toolongforasubtag', undefined],
])('the locale of %s is %s', (tag, locale) => {
  expect(localeOf(tag)).toBe(locale)
})

test('formats are made once for each locale and currency, whatever tags the clients send', () => {
  const formats = (tag: string, currency?: string) => formatsOf(localeOf(tag) ?? '', currency).money(1)
  expect(madeBy(() => formats('de-BE', 'XOF'))).toBeGreaterThan(5)
  expect(madeBy(() => formats('de-BE', 'XOF'))).toBe(0)
  // To look the locale up takes one format for each region.
  expect(madeBy(() => formats('de-BE-u-nu-thai', 'XOF'))).toBe(0)
  // An amount, a price and a difference.
  expect(madeBy(() => formats('de-BE', 'XAF'))).toBe(3)
  const regions = Array.from({ length: 26 * 26 }, (_, i) => String.fromCharCode(65 + Math.floor(i / 26), 65 + (i % 26)))
  const ask = () => regions.map(region => formats(`fr-${region}-x-${region}`, 'EUR'))
  expect(madeBy(ask)).toBeLessThan(2 * regions.length)
  expect(madeBy(ask)).toBe(0)
})

test('beyond their memory, the formats that were not used for longest are dropped', () => {
  const format = (locale: string, currency: string) => numberFormat(locale, moneyOptions(currency))
  format('en-NZ', 'GBP')
  const others = ['en-GB', 'de-AT', 'fr-BE', 'en-AU', 'en-CA', 'en-IE', 'en-ZA', 'de-LI', 'fr-CH', 'fr-CA']
  const withDecimals = (decimals: number) => () => {
    for (const locale of others) {
      for (const currency of currencies)
        numberFormat(locale, moneyOptions(currency, { maximumFractionDigits: decimals }))
    }
  }
  for (const decimals of [2, 3, 4]) expect(madeBy(withDecimals(decimals))).toBeGreaterThan(1_000)
  expect(madeBy(withDecimals(4))).toBe(0)
  expect(madeBy(() => format('en-NZ', 'GBP'))).toBe(1)
})
