import { Decimal } from 'decimal.js'

/**
 * Decimals with exact arithmetic. 60 digits hold every product of legal inputs and every sum of many amounts. They hold
 * every quotient with far more digits than its rounding needs.
 */
export const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_UP })
export type Exact = Decimal

/** Rounds half away from zero to 2 decimals. Never returns −0. */
export const rounded = (exact: Exact): number => exact.toDecimalPlaces(2).toNumber() + 0
