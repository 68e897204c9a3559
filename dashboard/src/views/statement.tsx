import type { ComponentChildren } from 'preact'
import { formatsIn } from '../format'
import { words } from '../words'
import './statement.css'

interface StatementProps {
  currency: string | null
  timeValue: number
  programmeCost: number
  /** Figures that follow from both. */
  children?: ComponentChildren
}

/** Value and cost, one above the other. */
export function Statement({ currency, timeValue, programmeCost, children }: StatementProps) {
  const { money } = formatsIn(currency)
  return (
    <dl class="statement">
      <dt>
        <span class="swatch value" aria-hidden="true" />
        {words.timeValue}
      </dt>
      <dd data-testid="time-value">{money(timeValue)}</dd>
      <dt>
        <span class="swatch cost" aria-hidden="true" />
        {words.programmeCost}
      </dt>
      <dd data-testid="programme-cost">− {money(programmeCost)}</dd>
      {children}
    </dl>
  )
}
