/**
 * Returns about four round, evenly spaced amounts for a chart axis, starting at 0. The last amount is at least `most`.
 */
export function levelsTo(most: number): number[] {
  if (most <= 0) return [0]
  const power = 10 ** Math.floor(Math.log10(most / 4))
  const step = power * ([1, 2, 2.5, 5].find(times => times * power * 4 >= most) ?? 10)
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => Number((i * step).toPrecision(12)))
}

/**
 * Returns the smallest interval in months between axis labels at which labels of width `nameWidth` fit. `bandWidth` is
 * the width of a month in the chart.
 */
export const monthsApart = (nameWidth: number, bandWidth: number): number =>
  [1, 2, 3, 4, 6, 12].find(months => months * bandWidth >= nameWidth) ?? 24
