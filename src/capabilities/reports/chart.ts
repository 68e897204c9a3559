import { type Shape, tenths } from '../../rest/pages/break-even'

interface MonthAmounts {
  name: string
  value: number
  cost: number
}

interface ChartWords {
  value: string
  cost: string
  mark(amount: number): string
}

const width = 640
/** Height of a text line at the page's largest font size, in SVG units. */
const row = 25
/** In SVG units. The tick labels are to the left, the legend is above, and the month names are below. */
const [left, right, top, bottom] = [128, width - 8, 2 * row + 16, 2 * row + 176]
/** Maximum number of month labels. More month labels would overlap on a phone. */
const labels = 4
const halfLabel = 60

export const chartViewBox = `0 0 ${width} ${bottom + row + 4}`

/** Value bars are filled and cost bars are hollow, so that they can be told apart without colours. */
export function chartOf(months: MonthAmounts[], words: ChartWords): Shape[] {
  const largest = Math.max(...months.flatMap(({ value, cost }) => [value, cost]))
  const step = stepOf(largest)
  const most = step * Math.max(1, Math.ceil(largest / step))
  const slot = (right - left) / months.length
  const bar = Math.min(slot * 0.38, 28)
  const y = (amount: number): number => tenths(bottom - (amount / most) * (bottom - top))
  const text = (words: string, x: number, y: number, anchor: string, colour: string): Shape => ({
    element: 'text',
    attributes: { x: tenths(x), y, 'text-anchor': anchor, fill: `var(--${colour})` },
    text: words,
  })

  const marks = Array.from({ length: Math.round(most / step) + 1 }, (_, i) => i * step).flatMap((amount): Shape[] => [
    { element: 'line', attributes: { x1: left, x2: right, y1: y(amount), y2: y(amount), stroke: 'var(--line)' } },
    text(words.mark(amount), left - 8, y(amount) + 5, 'end', 'soft'),
  ])
  const bars = months.flatMap(({ value, cost }, i): Shape[] => {
    const middle = left + (i + 0.5) * slot
    return [...valueBar(middle - bar, y(value), bar), ...costBar(middle, y(cost), bar)]
  })
  const every = Math.ceil(months.length / labels)
  const labelled = months.flatMap(({ name }, i): Shape[] => {
    if (i % every !== 0) return []
    const middle = left + (i + 0.5) * slot
    const isLast = middle + halfLabel > width
    return [text(name, isLast ? width : middle, bottom + row - 4, isLast ? 'end' : 'middle', 'soft')]
  })
  return [
    ...valueBar(left, row - 17, 14, row - 3),
    text(words.value, left + 22, row - 3, 'start', 'value'),
    ...costBar(left, 2 * row - 17, 14, 2 * row - 3),
    text(words.cost, left + 22, 2 * row - 3, 'start', 'cost'),
    ...marks,
    ...bars,
    ...labelled,
  ]
}

const valueBar = (x: number, y: number, width: number, base = bottom): Shape[] =>
  y >= base
    ? []
    : [
        {
          element: 'rect',
          attributes: { x: tenths(x), y, width: tenths(width), height: tenths(base - y), fill: 'var(--value)' },
        },
      ]

/** Draws a hollow bar. The outline lies inside the given area, so that filled and hollow bars have the same size. */
function costBar(x: number, y: number, width: number, base = bottom): Shape[] {
  if (y >= base) return []
  const line = Math.min(2, width / 2)
  const attributes = {
    x: tenths(x + line / 2),
    y: tenths(y + line / 2),
    width: tenths(width - line),
    height: tenths(Math.max(0, base - y - line)),
    fill: 'none',
    stroke: 'var(--cost)',
    'stroke-width': tenths(line),
  }
  return [{ element: 'rect', attributes }]
}

/** Returns 1, 2 or 5 times a power of ten, so that at most five ticks are above 0. */
function stepOf(largest: number): number {
  if (largest <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(largest / 5))
  const factor = [1, 2, 5, 10].find(factor => factor * power * 5 >= largest) ?? 10
  return factor * power
}
