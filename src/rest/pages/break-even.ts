export interface CostAndValue {
  avgMinutes: number
  costPerSession: number
  costPerHour: number
  /** Session length in minutes at which value equals cost. Null if value never equals cost. */
  breakEvenMinutes: number | null
}

export interface NumberFormats {
  money(amount: number): string
  /** Formats a value that is not an amount of money, with 2 decimals. */
  figure(value: number): string
  number(value: number): string
}

/** If the currency is unknown, amounts have no symbol. */
export const moneyOptions = (
  currency?: string | null,
  options: Intl.NumberFormatOptions = {},
): Intl.NumberFormatOptions => ({
  ...(currency ? { style: 'currency', currency } : { minimumFractionDigits: 2 }),
  maximumFractionDigits: 2,
  ...options,
})

export type NumberFormat = Pick<Intl.NumberFormat, 'format'>

/** Writes a minus sign (U+2212) instead of the hyphen that `Intl` writes in most locales. */
export function minusFormat(locales: string | readonly string[], options: Intl.NumberFormatOptions): NumberFormat {
  const numbers = new Intl.NumberFormat(locales, options)
  return { format: value => numbers.format(value).replace('-', '\u2212') }
}

export const moneyFormat = (
  locales: readonly string[],
  currency?: string | null,
  options?: Intl.NumberFormatOptions,
): NumberFormat => minusFormat(locales, moneyOptions(currency, options))

/** All numbers and amounts that the functions receive are already formatted. */
export interface PictureWords {
  title: string
  valueOfSession: string
  costOfSession(cost: string): string
  breakEven(minutes: string): string
  worth(minutes: string, value: string): string
  label(minutes: string, cost: string, value: string): string
  /** Sentence about the break-even point, which is appended to `label`. */
  equal(minutes: string): string
}

/** An SVG element that can contain text, but no other elements. */
export interface Shape {
  element: 'line' | 'circle' | 'rect' | 'text'
  attributes: Record<string, string | number>
  text?: string
}

export interface Picture {
  title: string
  label: string
  viewBox: string
  shapes: Shape[]
}

/**
 * A session's value grows with its length, and its cost is constant: a session breaks even where the lines cross. No
 * line crosses a text. The page defines the colours: `--value`, `--cost`, `--ink`, `--soft`, `--line` and `--surface`.
 */
export function breakEvenPicture(
  { avgMinutes, costPerSession, costPerHour, breakEvenMinutes }: CostAndValue,
  { money, figure, number }: NumberFormats,
  texts: PictureWords,
  width: number,
): Picture {
  // Height of a text line at the largest font size that a page uses for the picture.
  const row = Math.round(width / 26)
  const [left, right, top, bottom] = [8, width - 8, 2 * row + 10, 2 * row + 120]
  const worth = (minutes: number): number => (minutes * costPerHour) / 60
  const longest = Math.max(avgMinutes * 1.25, Math.min(breakEvenMinutes ?? 0, avgMinutes * 6 || 1_440) * 1.4, 10)
  const most = Math.max(worth(longest), costPerSession * 1.2, 0.01)
  const x = (minutes: number): number => tenths(left + (minutes / longest) * (right - left))
  const y = (amount: number): number => tenths(bottom - (amount / most) * (bottom - top))

  const [valueLine, costLine] = [
    { stroke: 'var(--value)', 'stroke-width': 2 },
    { stroke: 'var(--cost)', 'stroke-width': 2 },
  ]
  const key = (text: string, at: number, attributes: Shape['attributes'], colour: string): Shape[] => [
    line([left, at * row - 5], [left + 20, at * row - 5], attributes),
    words(text, [left + 28, at * row], 'start', colour),
  ]
  /** Draws a dashed line from an amount down to the axis. The line's text is in a row below the axis. */
  const mark = (minutes: number, amount: number, text: string, below: number, colour: string): Shape[] => {
    const at = x(minutes)
    return [
      line([at, y(amount)], [at, bottom], { stroke: 'var(--ink)', 'stroke-dasharray': '3 4' }),
      centred(text, [at, bottom + below * row - 2], [left, right], width, colour),
    ]
  }

  const value = worth(avgMinutes)
  const shapes = [
    ...key(texts.valueOfSession, 1, valueLine, 'value'),
    ...key(texts.costOfSession(money(costPerSession)), 2, costLine, 'cost'),
    line([left, bottom], [right, bottom], { stroke: 'var(--line)' }),
    line([left, y(costPerSession)], [right, y(costPerSession)], costLine),
    line([left, bottom], [right, y(worth(longest))], valueLine),
  ]
  if (breakEvenMinutes !== null && breakEvenMinutes <= longest) {
    shapes.push(...mark(breakEvenMinutes, costPerSession, texts.breakEven(figure(breakEvenMinutes)), 1, 'soft'))
  }
  const dot = { cx: x(avgMinutes), cy: y(value), r: 5, fill: 'var(--value)', stroke: 'var(--surface)' }
  shapes.push(...mark(avgMinutes, value, texts.worth(number(avgMinutes), money(value)), 2, 'ink'), {
    element: 'circle',
    attributes: { ...dot, 'stroke-width': 2 },
  })

  const equal = breakEvenMinutes === null ? '' : ` ${texts.equal(figure(breakEvenMinutes))}`
  return {
    title: texts.title,
    label: `${texts.label(number(avgMinutes), money(costPerSession), money(value))}${equal}`,
    viewBox: `0 0 ${width} ${bottom + 2 * row + 4}`,
    shapes,
  }
}

export const tenths = (value: number): number => Math.round(value * 10) / 10

type Point = [x: number, y: number]

export const line = (from: Point, to: Point, attributes: Shape['attributes']): Shape => ({
  element: 'line',
  attributes: { x1: from[0], y1: from[1], x2: to[0], y2: to[1], ...attributes },
})

const words = (text: string, at: Point, anchor: string, colour: string): Shape => ({
  element: 'text',
  attributes: { x: at[0], y: at[1], 'text-anchor': anchor, fill: `var(--${colour})` },
  text,
})

/** Width of a character at the largest font size, as a fraction of the picture's width. */
const characterWidth = 0.018

/** If the text would cross an edge, it begins or ends at that edge instead. */
export function centred(
  text: string,
  [x, y]: Point,
  [left, right]: [left: number, right: number],
  width: number,
  colour: string,
): Shape {
  const half = (text.length * characterWidth * width) / 2
  if (x - half < left) return words(text, [left, y], 'start', colour)
  return x + half > right ? words(text, [right, y], 'end', colour) : words(text, [x, y], 'middle', colour)
}
