import { h } from 'preact'
import { breakEvenPicture } from '../../../src/rest/pages/break-even'
import { money, number } from '../format'
import type { Inputs } from '../types'
import './cost-against-value.css'

/** A session's value grows with its length and its cost does not: where the lines cross, it breaks even. */
export function CostAgainstValue({ inputs, breakEven }: { inputs: Inputs; breakEven: number | null }) {
  const costAndValue = { ...inputs, breakEvenMinutes: breakEven }
  const { title, label, viewBox, shapes } = breakEvenPicture(costAndValue, { money, figure: money, number }, 460)
  return (
    <figure>
      <figcaption class="soft">{title}</figcaption>
      <svg viewBox={viewBox} role="img" aria-label={label}>
        {shapes.map(({ element, attributes, text }) => h(element, attributes, text))}
      </svg>
    </figure>
  )
}
