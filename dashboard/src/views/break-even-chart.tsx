import { h } from 'preact'
import { breakEvenPicture } from '../../../src/rest/pages/break-even'
import { currencyFormats } from '../format'
import type { Numbers } from '../types'
import { words } from '../words'
import './break-even-chart.css'

interface CostAgainstValueProps {
  inputs: Numbers
  currency: string | null
  breakEven: number | null
}

/**
 * Chart of cost and value by the length of a session. Value grows with the length, cost does not, and they break even
 * at the crossing.
 */
export function BreakEvenChart({ inputs, currency, breakEven }: CostAgainstValueProps) {
  const costAndValue = { ...inputs, breakEvenMinutes: breakEven }
  const { title, label, viewBox, shapes } = breakEvenPicture(
    costAndValue,
    currencyFormats(currency),
    words.picture,
    460,
  )
  return (
    <figure>
      <figcaption class="soft">{title}</figcaption>
      <svg viewBox={viewBox} role="img" aria-label={label}>
        {shapes.map(({ element, attributes, text }) => h(element, attributes, text))}
      </svg>
    </figure>
  )
}
