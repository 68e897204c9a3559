import { Decimal } from 'decimal.js'

/**
 * Decimals whose arithmetic is exact: 60 digits carry every product of legal inputs and every sum of many amounts, and
 * every quotient far past where its rounding is decided.
 */
export const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_UP })
export type Exact = Decimal

/** Rounds half away from zero to 2 decimals; never −0. */
export const rounded = (exact: Exact): number => exact.toDecimalPlaces(2).toNumber() + 0
