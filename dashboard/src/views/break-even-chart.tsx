import { breakEvenPicture } from '../../../src/rest/pages/break-even'
import { currencyFormats } from '../format'
import type { Numbers } from '../types'
import { words } from '../words'
import { Figure } from './figure'

/** Width of the charts on the result card, in SVG units. */
export const pictureWidth = 460

interface CostAgainstValueProps {
  inputs: Numbers
  currency: string | null
  breakEven: number | null
}

/**
 * Chart of the cost and value per session, depending on the session's length. The value grows with the length while the
 * cost is constant, so the lines cross at the break-even length.
 */
export function BreakEvenChart({ inputs, currency, breakEven }: CostAgainstValueProps) {
  const costAndValue = { ...inputs, breakEvenMinutes: breakEven }
  return <Figure {...breakEvenPicture(costAndValue, currencyFormats(currency), words.picture, pictureWidth)} />
}
