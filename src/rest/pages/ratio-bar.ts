import { centred, line, type NumberFormats, type Picture, tenths } from './break-even'

/** A ratio is null if it is undefined. The lowest and the highest ratio are missing if there is no range. */
export interface Ratios {
  low: number | null | undefined
  stated: number | null
  high: number | null | undefined
}

/** The functions receive the ratios, and the ratio 1 (`one`), already formatted as amounts. */
export interface RatioBarWords {
  between(low: string, high: string, one: string): string
  breakEven(one: string): string
  label(low: string, high: string, stated: string, one: string): string
}

/**
 * Draws a dot at the stated ratio and a line where value and cost are equal. Returns null if there is no range to draw,
 * because a ratio is missing or both ends are equal. The page must define the colours of `breakEvenPicture`.
 */
export function ratioBar(
  { low, stated, high }: Ratios,
  { money }: Pick<NumberFormats, 'money'>,
  texts: RatioBarWords,
  width: number,
): Picture | null {
  if (typeof low !== 'number' || stated === null || typeof high !== 'number' || low === high) return null
  // Height of a text line at the largest font size that a page uses for the picture.
  const row = Math.round(width / 26)
  const [left, right, middle, half] = [8, width - 8, row + 16, 10]
  const below = middle + half + row - 2
  const most = Math.max(high, 1) * 1.04
  const x = (ratio: number): number => tenths(left + (ratio / most) * (right - left))
  const one = money(1)
  return {
    title: texts.between(money(low), money(high), one),
    label: texts.label(money(low), money(high), money(stated), one),
    viewBox: `0 0 ${width} ${below + 6}`,
    shapes: [
      centred(money(stated), [x(stated), row], [left, right], width, 'ink'),
      line([left, middle], [right, middle], { stroke: 'var(--line)' }),
      line([x(low), middle], [x(high), middle], { stroke: 'var(--value)', 'stroke-width': 8 }),
      line([x(1), middle - half], [x(1), middle + half], {
        stroke: 'var(--ink)',
        'stroke-width': 2,
      }),
      {
        element: 'circle',
        attributes: {
          cx: x(stated),
          cy: middle,
          r: 7,
          fill: 'var(--value)',
          stroke: 'var(--surface)',
          'stroke-width': 2,
        },
      },
      centred(texts.breakEven(one), [x(1), below], [left, right], width, 'soft'),
    ],
  }
}
