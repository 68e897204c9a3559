import { breakEvenPicture } from '../../../src/rest/pages/break-even'
import { currencyFormats } from '../format'
import type { Numbers } from '../types'
import { words } from '../words'
import { Figure } from './figure'

/** Width of the pictures on the card of a result, in SVG units. */
export const pictureWidth = 460

interface CostAgainstValueProps {
  inputs: Numbers
  currency: string | null
  breakEven: number | null
}

/**
 * Chart of cost and value by the length of a session. Value grows with the length, cost does not, and they break even
 * where the lines cross.
 */
export function BreakEvenChart({ inputs, currency, breakEven }: CostAgainstValueProps) {
  const costAndValue = { ...inputs, breakEvenMinutes: breakEven }
  return <Figure {...breakEvenPicture(costAndValue, currencyFormats(currency), words.picture, pictureWidth)} />
}
