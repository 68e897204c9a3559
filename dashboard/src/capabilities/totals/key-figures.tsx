import { useState } from 'preact/hooks'
import { currencyFormats, formatFigure, formatMonthRange, formatNumber } from '../../format'
import { stableStates } from '../../route'
import { route } from '../../router'
import { useStore } from '../../store'
import { withResultIn } from '../../views/list/filters'
import { ValueAndCost } from '../../views/value-and-cost'
import { words } from '../../words'
import { summary } from './summary'
import type { Amounts, Summary } from './types'
import { figuresWords } from './words'
import './key-figures.css'

export function KeyFigures() {
  const figures = useStore(summary)
  return (
    <section class="key-figures" aria-label={figuresWords.label} aria-busy={figures === null}>
      <NetBenefit figures={figures} />
      <OtherCurrencies figures={figures} />
      <StateCounts figures={figures} />
    </section>
  )
}

const unknown = '–'

const noAmounts: Amounts = {
  currency: null,
  results: 0,
  sessionsHeld: 0,
  totalHours: 0,
  programmeCost: 0,
  timeValue: 0,
  netBenefit: 0,
  benefitCostRatio: null,
}

function NetBenefit({ figures }: { figures: Summary | null }) {
  const [amounts = noAmounts, ...others] = figures?.amounts ?? []
  const { currency, results, netBenefit, timeValue, programmeCost, benefitCostRatio: ratio } = amounts
  const { money } = currencyFormats(currency)
  const { months } = useStore(route).filter
  return (
    <div class="figure net">
      <h2>
        {words.netBenefit}
        {months && `, ${formatMonthRange(months)}`}
      </h2>
      <p class={`amount ${netBenefit < 0 ? 'loss' : ''}`} data-testid="net-benefit">
        {figures ? money(netBenefit) : unknown}
      </p>
      {figures && (
        <>
          <ValueAndCost currency={currency} timeValue={timeValue} programmeCost={programmeCost} />
          <p class="soft">
            {ratio !== null && [...words.spent(money(ratio), money(1)), ', ']}
            {figuresWords[ratio === null ? 'of' : 'results'](results, currency === null && others.length > 0)}
          </p>
        </>
      )}
    </div>
  )
}

const othersAtFirst = 4

/** Sums in the other currencies. Amounts of different currencies are never added. */
function OtherCurrencies({ figures }: { figures: Summary | null }) {
  const [all, setAll] = useState(false)
  const [, ...others] = figures?.amounts ?? []
  if (others.length === 0) return null
  const shown = all ? others : others.slice(0, othersAtFirst)
  return (
    <div class="figure others">
      <h2 id="other-currencies">{figuresWords.otherCurrencies}</h2>
      <ul aria-labelledby="other-currencies">
        {shown.map(({ currency, results, netBenefit, benefitCostRatio: ratio }) => (
          <li key={currency}>
            <strong class={netBenefit < 0 ? 'loss' : ''}>{currencyFormats(currency).money(netBenefit)}</strong>
            <span class="soft">
              {currency === null && `${words.list.noCurrency}, `}
              {ratio !== null && `${figuresWords.ratio(formatFigure(ratio))}, `}
              {figuresWords.results(results, false)}
            </span>
          </li>
        ))}
      </ul>
      {others.length > shown.length && (
        <button type="button" class="quiet" onClick={() => setAll(true)}>
          {words.showAll(others.length)}
        </button>
      )}
    </div>
  )
}

function StateCounts({ figures }: { figures: Summary | null }) {
  const { months } = useStore(route).filter
  const count = (state: string): number => figures?.states.find(found => found.state === state)?.count ?? 0
  return (
    <div class="figure">
      <h2>{months ? withResultIn(months) : figuresWords.calculations}</h2>
      <p class="amount" data-testid="session-count">
        {figures ? formatNumber(figures.sessions) : unknown}
      </p>
      <div class="bar" aria-hidden="true">
        {stableStates.map(state => (
          <span key={state} data-state={state} style={{ flexGrow: count(state) }} />
        ))}
      </div>
      <dl class="legend">
        {stableStates.map(state => (
          <div key={state}>
            <dt>
              <span class="swatch" data-state={state} aria-hidden="true" />
              {words.list.stateNames[state]}
            </dt>
            <dd data-testid={`count-${state}`}>{figures ? formatNumber(count(state)) : unknown}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
