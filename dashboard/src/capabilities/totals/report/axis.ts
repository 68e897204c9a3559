/** Returns about four round, evenly spaced amounts for an axis, starting at 0. The last amount is at least `most`. */
export function levelsTo(most: number): number[] {
  if (most <= 0) return [0]
  const power = 10 ** Math.floor(Math.log10(most / 4))
  const step = power * ([1, 2, 2.5, 5].find(times => times * power * 4 >= most) ?? 10)
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => Number((i * step).toPrecision(12)))
}

/**
 * Returns the interval in months between axis labels, so that labels of width `nameWidth` fit if each month has the
 * width `bandWidth`.
 */
export const monthsApart = (nameWidth: number, bandWidth: number): number =>
  [1, 2, 3, 4, 6, 12].find(months => months * bandWidth >= nameWidth) ?? 24
