import type { Grammar } from '../../../words/grammar'

/**
 * English text of the key figures. The text catalogues in other languages have the same structure.
 */
export const figuresEn = ({ counted }: Grammar) => {
  const results = { one: 'result', other: 'results' }
  return {
    report: 'Report',
    label: 'Key figures',
    of: (count: number, withoutCurrency: boolean) =>
      `from ${counted(count, results)}${withoutCurrency ? ' without a currency' : ''}`,
    results: (count: number) => counted(count, results),
    otherCurrencies: 'Net benefit in other currencies',
    ratio: 'Benefit-cost ratio',
    ofRatio: (ratio: string) => `ratio ${ratio}`,
    change: 'Change',
    comparedWith: (range: string) => `Compared with ${range}`,
    toDate: (months: string, before: string) => `Change to date: ${months}, compared with ${before}`,
    noneOver: 'No comparison with a year earlier, because these months are not over',
    nothingBefore: (range: string) => `No results in ${range} to compare with`,
    calculations: 'Calculations',
  }
}
