import { divide, subtract } from '../../decimals'
import { currencyName, formatNumber, formatShare, formatValue, isMoney, type Unit } from '../../format'
import { numberNames, rangeNames } from '../../inputs'
import type { Result } from '../../types'
import { inputUnits, outputNames, shownOutputs } from '../../views/session/result'
import { words } from '../../words'
import { compareWords } from './words'

/** A line of the comparison that shows one number per calculation. */
export interface NumberLine {
  name: string
  unit: Unit
  /** Returns the number that this line shows for a result, or null if the result has no such number. */
  read(result: Result): number | null
}

/** A line of the comparison that shows text. Differences are shown only for numbers. */
export interface TextLine {
  name: string
  text(result: Result): string | null
  /** Returns a note about how a result compares with the first result, or null if there is nothing to note. */
  note?(result: Result, first: Result): string | null
}

export interface LineGroup {
  name: string
  lines: (NumberLine | TextLine)[]
}

const hasSameCurrency = (a: Result, b: Result): boolean => a.inputs.currency === b.inputs.currency

const inputLines: LineGroup['lines'] = [
  {
    name: words.calculator.currency,
    text: ({ inputs: { currency } }) => currency && `${currency}, ${currencyName(currency)}`,
    note: (result, first) => (hasSameCurrency(result, first) ? null : words.older.otherCurrency),
  },
  ...numberNames.map(
    (name): NumberLine => ({
      name: words.calculator[name],
      unit: inputUnits[name],
      read: ({ inputs }) => inputs[name],
    }),
  ),
  ...rangeNames.map(
    (name): NumberLine => ({
      name: words.calculator[name],
      unit: 'price',
      read: ({ inputs: { costPerHourRange } }) => costPerHourRange?.[name] ?? null,
    }),
  ),
  { name: words.calculator.valueSource, text: ({ inputs }) => inputs.valueSource },
]

const outputLines: NumberLine[] = outputNames.map(output => ({
  ...shownOutputs[output],
  read: ({ outputs }) => outputs[output],
}))

const namesOfBounds = { low: compareWords.withLowest, high: compareWords.withHighest }

const rangeLines: NumberLine[] = (['benefitCostRatio', 'netBenefit'] as const).flatMap(output =>
  rangeNames.map(bound => ({
    name: namesOfBounds[bound](shownOutputs[output].name),
    unit: shownOutputs[output].unit,
    read: ({ outputs: { range } }: Result) => range?.[bound][output] ?? null,
  })),
)

const groups: LineGroup[] = [
  { name: compareWords.numbers, lines: inputLines },
  { name: compareWords.result, lines: outputLines },
  { name: compareWords.range, lines: rangeLines },
]

const isFilled = (line: NumberLine | TextLine, result: Result): boolean =>
  ('read' in line ? line.read(result) : line.text(result)) !== null

/** Returns the lines for which at least one result has a value, grouped under headings. */
export const linesOf = (results: Result[]): LineGroup[] =>
  groups
    .map(({ name, lines }) => ({ name, lines: lines.filter(line => results.some(result => isFilled(line, result))) }))
    .filter(({ lines }) => lines.length > 0)

/** A difference from the first result, as displayed text and as text for screen readers. */
export interface Difference {
  shown: string
  spoken: string
}

/**
 * Returns the difference between two results in one line of the comparison. Returns null if a number is missing, or if
 * the amounts have different currencies.
 */
export function differenceOf({ unit, read }: NumberLine, result: Result, first: Result): Difference | null {
  const [value, base] = [read(result), read(first)]
  if (value === null || base === null || (isMoney(unit) && !hasSameCurrency(result, first))) return null
  const difference = subtract(value, base)
  if (difference === '0') return { shown: '=', spoken: compareWords.same }
  const isLess = difference.startsWith('-')
  const size = (isLess ? difference.slice(1) : difference) as `${number}`
  const isPercentage = unit === 'percent'
  const amount = isPercentage
    ? compareWords.points(formatNumber(size))
    : formatValue(size, unit, result.inputs.currency)
  // Omit the relative difference between two percentages, because users would misread it.
  const share = base === 0 || isPercentage ? null : formatShare(divide(size, Math.abs(base), 3))
  return {
    shown: `${isLess ? '−' : '+'}${amount}${share === null ? '' : ` (${isLess ? '−' : '+'}${share})`}`,
    spoken: compareWords[isLess ? 'less' : 'more'](amount, share),
  }
}
