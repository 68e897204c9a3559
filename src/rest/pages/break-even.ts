/** Cost and value of a session. */
export interface CostAndValue {
  avgMinutes: number
  costPerSession: number
  costPerHour: number
  /** The length at which a session's value equals its cost; null if there is none. */
  breakEvenMinutes: number | null
}

/** Formats numbers for the reader's locale. */
export interface NumberFormats {
  money(amount: number): string
  /** Formats a value that is not money, to 2 decimals. */
  figure(value: number): string
  number(value: number): string
}

/** Returns the number format of amounts in a currency. If the currency is unknown, amounts have no symbol. */
export const moneyFormat = (
  locales: readonly string[],
  currency?: string | null,
  options: Intl.NumberFormatOptions = {},
): Intl.NumberFormat =>
  new Intl.NumberFormat(locales, {
    ...(currency ? { style: 'currency', currency } : { minimumFractionDigits: 2 }),
    maximumFractionDigits: 2,
    ...options,
  })

/** Texts of the picture in the reader's language. Their numbers and amounts are already formatted. */
export interface PictureWords {
  title: string
  valueOfSession: string
  costOfSession(cost: string): string
  breakEven(minutes: string): string
  worth(minutes: string, value: string): string
  label(minutes: string, cost: string, value: string): string
  /** Follows `label`. */
  equal(minutes: string): string
}

/** An SVG element. It contains at most text. */
export interface Shape {
  element: 'line' | 'circle' | 'text'
  attributes: Record<string, string | number>
  text?: string
}

export interface Picture {
  title: string
  /** Text alternative of the picture. */
  label: string
  viewBox: string
  shapes: Shape[]
}

/**
 * Draws the value of a session, which grows with its length, and its cost, which does not. A session breaks even where
 * the lines cross. The page defines the colours: `--value`, `--cost`, `--ink`, `--soft`, `--line` and `--surface`.
 */
export function breakEvenPicture(
  { avgMinutes, costPerSession, costPerHour, breakEvenMinutes }: CostAndValue,
  { money, figure, number }: NumberFormats,
  texts: PictureWords,
  width: number,
): Picture {
  const [left, right, top, bottom] = [8, width - 8, 26, 200]
  const worth = (minutes: number): number => (minutes * costPerHour) / 60
  const longest = Math.max(avgMinutes * 1.25, Math.min(breakEvenMinutes ?? 0, avgMinutes * 6 || 1_440) * 1.4, 10)
  const most = Math.max(worth(longest), costPerSession * 1.2, 0.01)
  const x = (minutes: number): number => tenths(left + (minutes / longest) * (right - left))
  const y = (amount: number): number => tenths(bottom - (amount / most) * (bottom - top))

  const line = (from: [number, number], to: [number, number], attributes: Shape['attributes']): Shape => ({
    element: 'line',
    attributes: { x1: from[0], y1: from[1], x2: to[0], y2: to[1], ...attributes },
  })
  /** Returns a dashed line at a length, from an amount down to the axis. */
  const mark = (minutes: number, amount: number): Shape =>
    line([x(minutes), y(amount)], [x(minutes), bottom], { stroke: 'var(--ink)', 'stroke-dasharray': '3 4' })
  const words = (text: string, at: [number, number], anchor: string, colour: string): Shape => ({
    element: 'text',
    attributes: { x: at[0], y: at[1], 'text-anchor': anchor, fill: `var(--${colour})`, ...halo },
    text,
  })

  const value = worth(avgMinutes)
  const cost = y(costPerSession)
  const shapes = [
    line([left, bottom], [right, bottom], { stroke: 'var(--line)' }),
    line([left, cost], [right, cost], { stroke: 'var(--cost)', 'stroke-width': 2 }),
    line([left, bottom], [right, y(worth(longest))], { stroke: 'var(--value)', 'stroke-width': 2 }),
    words(texts.valueOfSession, [right, Math.max(y(worth(longest)) - 9, 14)], 'end', 'value'),
    words(
      texts.costOfSession(money(costPerSession)),
      [right, cost + 18 < bottom - 4 ? cost + 18 : cost - 8],
      'end',
      'cost',
    ),
    mark(avgMinutes, value),
  ]
  if (breakEvenMinutes !== null && breakEvenMinutes <= longest) {
    const at = x(breakEvenMinutes)
    const anchor = at > right - 170 ? 'end' : at < left + 170 ? 'start' : 'middle'
    shapes.push(
      mark(breakEvenMinutes, costPerSession),
      words(texts.breakEven(figure(breakEvenMinutes)), [at, bottom + 18], anchor, 'soft'),
    )
  }
  const dot = { cx: x(avgMinutes), cy: y(value), r: 5, fill: 'var(--value)', stroke: 'var(--surface)' }
  shapes.push({ element: 'circle', attributes: { ...dot, 'stroke-width': 2 } })
  const worthThat = texts.worth(number(avgMinutes), money(value))
  const above = Math.max(y(value) - 9, 14)
  // The words may not fit to the left of the dot. On a nearly flat line they would overlap the words at its end.
  const fits = x(avgMinutes) - 10 > left + 250 && y(value) - y(worth(longest)) > 14
  shapes.push(
    fits
      ? words(worthThat, [x(avgMinutes) - 10, above], 'end', 'ink')
      : words(worthThat, [left, above], 'start', 'ink'),
  )

  const equal = breakEvenMinutes === null ? '' : ` ${texts.equal(figure(breakEvenMinutes))}`
  return {
    title: texts.title,
    label: `${texts.label(number(avgMinutes), money(costPerSession), money(value))}${equal}`,
    viewBox: `0 0 ${width} 226`,
    shapes,
  }
}

const tenths = (value: number): number => Math.round(value * 10) / 10

/** Separates words from the lines behind them. */
const halo = {
  stroke: 'var(--surface)',
  'stroke-width': 5,
  'stroke-linejoin': 'round',
  'paint-order': 'stroke',
}
