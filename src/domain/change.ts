export interface FigureChange {
  difference: number
  /** Difference as a share of the earlier figure, such as 0.25, or null if the earlier figure is 0. */
  share: number | null
}

/** The change is exact for figures with at most 2 decimals. Returns null if either figure is missing. */
export function changeOf(now: number | null | undefined, before: number | null | undefined): FigureChange | null {
  if (now == null || before == null) return null
  const difference = differenceOf(now, before)
  return { difference, share: before === 0 ? null : difference / Math.abs(before) }
}

export const differenceOf = (amount: number, other: number): number =>
  amountOf(hundredthsOf(amount) - hundredthsOf(other))

/** Converts an amount with at most 2 decimals to hundredths. The conversion is exact up to 2^46, about 70 trillion. */
export const hundredthsOf = (amount: number): bigint => BigInt(amount.toFixed(2).replace('.', ''))

/** Converts an amount in hundredths to the nearest number. */
export function amountOf(hundredths: bigint): number {
  const number = Number(hundredths)
  // Round only once: divide a number that is exact, but parse a larger amount from its decimal text.
  return Number.isSafeInteger(number) ? number / 100 : Number(`${hundredths}e-2`)
}
