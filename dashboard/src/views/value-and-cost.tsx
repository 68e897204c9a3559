import type { ComponentChildren } from 'preact'
import { currencyFormats } from '../format'
import { words } from '../words'
import './value-and-cost.css'

interface StatementProps {
  currency: string | null
  timeValue: number
  programmeCost: number
  /** Figures that are derived from the time value and the programme cost. */
  children?: ComponentChildren
}

export function ValueAndCost({ currency, timeValue, programmeCost, children }: StatementProps) {
  const { money } = currencyFormats(currency)
  return (
    <dl class="value-and-cost">
      <dt>
        <span class="swatch value" aria-hidden="true" />
        {words.timeValue}
      </dt>
      <dd data-testid="time-value">{money(timeValue)}</dd>
      <dt>
        <span class="swatch cost" aria-hidden="true" />
        {words.programmeCost}
      </dt>
      <dd data-testid="programme-cost">{money(0 - programmeCost)}</dd>
      {children}
    </dl>
  )
}
