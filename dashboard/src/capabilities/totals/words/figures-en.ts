import type { Grammar, Phrase } from '../../../words/grammar'

/** English texts of the key figures and of the search in the list. All other catalogues have the same shape. */
export const figuresEn = ({ number, counted }: Grammar) => {
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
    nothingBefore: (range: string) => `No results in ${range} to compare with`,
    calculations: 'Calculations',
    aMinute: 'Results per minute',
    at: <T>(count: T, time: string): Phrase<T> => [count, ' at ', time],
    inLastMinutes: <T>(count: T, minutes: number): Phrase<T> => [
      count,
      ` in the last ${counted(minutes, { one: 'minute', other: 'minutes' })}`,
    ],
    minutes: (minutes: number, total: number, most: number) =>
      `Results in each of the last ${number(minutes)} minutes: ${number(total)} in total, at most ${number(most)} in one minute.`,
    search: {
      label: 'Find',
      hint: 'Mentor, organisation or calculation',
      open: <T>(id: T): Phrase<T> => ['Open ', id],
      nothing: (text: string) => `Nothing contains “${text}”.`,
      newest: 'Only the newest calculations were searched.',
    },
  }
}
