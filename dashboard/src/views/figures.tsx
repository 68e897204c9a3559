import { useState } from 'preact/hooks'
import { figure, formatsIn, minuteOf, number } from '../format'
import { summary } from '../live/summary'
import { statesAtRest } from '../route'
import { useStore } from '../store'
import type { Amounts, Summary } from '../types'
import { words } from '../words'
import { Statement } from './statement'
import './figures.css'

/** What the sessions under the filter come to, now. */
export function Figures() {
  const figures = useStore(summary)
  return (
    <section class="figures" aria-label={words.figures.label} aria-busy={figures === null}>
      <NetBenefit figures={figures} />
      <OtherCurrencies figures={figures} />
      <States figures={figures} />
      <Calculations figures={figures} />
    </section>
  )
}

const nothing: Amounts = {
  currency: null,
  results: 0,
  programmeCost: 0,
  timeValue: 0,
  netBenefit: 0,
  benefitCostRatio: null,
}

/** What the results come to that state the currency of most. */
function NetBenefit({ figures }: { figures: Summary | null }) {
  const [amounts = nothing, ...others] = figures?.amounts ?? []
  const { currency, results, netBenefit, timeValue, programmeCost, benefitCostRatio: ratio } = amounts
  const { money } = formatsIn(currency)
  return (
    <div class="figure net">
      <h2>{words.netBenefit}</h2>
      <p class={`amount ${netBenefit < 0 ? 'loss' : ''}`} data-testid="net-benefit">
        {figures ? money(netBenefit) : '–'}
      </p>
      <Statement currency={currency} timeValue={timeValue} programmeCost={programmeCost} />
      <p class="soft">
        {ratio !== null && [...words.spent(money(ratio), money(1)), ', ']}
        {words.figures[ratio === null ? 'of' : 'results'](results, currency === null && others.length > 0)}
      </p>
    </div>
  )
}

const othersAtFirst = 4

/** What the others come to, currency by currency: amounts of two are never added up. */
function OtherCurrencies({ figures }: { figures: Summary | null }) {
  const [all, setAll] = useState(false)
  const [, ...others] = figures?.amounts ?? []
  if (others.length === 0) return null
  const shown = all ? others : others.slice(0, othersAtFirst)
  return (
    <div class="figure others">
      <h2 id="other-currencies">{words.figures.otherCurrencies}</h2>
      <ul aria-labelledby="other-currencies">
        {shown.map(({ currency, results, netBenefit, benefitCostRatio: ratio }) => (
          <li key={currency}>
            <strong class={netBenefit < 0 ? 'loss' : ''}>{formatsIn(currency).money(netBenefit)}</strong>
            <span class="soft">
              {currency === null && `${words.figures.noCurrency}, `}
              {ratio !== null && `${words.figures.ratio(figure(ratio))}, `}
              {words.figures.results(results, false)}
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

function States({ figures }: { figures: Summary | null }) {
  const count = (state: string): number => figures?.states.find(found => found.state === state)?.count ?? 0
  const total = figures?.sessions ?? 0
  return (
    <div class="figure">
      <h2>{words.figures.calculations}</h2>
      <p class="amount" data-testid="session-count">
        {figures ? number(total) : '–'}
      </p>
      <div class="bar" aria-hidden="true">
        {statesAtRest.map(state => (
          <span key={state} data-state={state} style={{ flexGrow: count(state) }} />
        ))}
      </div>
      <dl class="legend">
        {statesAtRest.map(state => (
          <div key={state}>
            <dt>
              <span class="swatch" data-state={state} aria-hidden="true" />
              {words.states[state]}
            </dt>
            <dd data-testid={`count-${state}`}>{number(count(state))}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

const shownMinutes = 30
const none: Summary['calculations'] = Array.from({ length: shownMinutes }, (_, i) => ({
  minute: new Date(Math.floor(Date.now() / 60_000 - shownMinutes + 1 + i) * 60_000).toISOString(),
  count: 0,
}))

function Calculations({ figures }: { figures: Summary | null }) {
  const calculations = figures?.calculations ?? none
  const [pointed, point] = useState<number | null>(null)
  const total = calculations.reduce((sum, { count }) => sum + count, 0)
  const most = Math.max(...calculations.map(({ count }) => count))
  const top = Math.max(most * 1.05, 4)
  const percent = (count: number): string => `${(100 * count) / top}%`
  const at = pointed === null ? undefined : calculations[pointed]
  return (
    <div class="figure calculations">
      <h2>{words.figures.aMinute}</h2>
      <p class="soft">
        {at
          ? words.figures.at(<strong>{number(at.count)}</strong>, minuteOf(Date.parse(at.minute)))
          : words.figures.inLastMinutes(<strong data-testid="calculations">{number(total)}</strong>, shownMinutes)}
      </p>
      <div
        class="minutes"
        role="img"
        aria-label={words.figures.minutes(shownMinutes, total, most)}
        onPointerLeave={() => point(null)}
      >
        {levels(top).map(count => (
          <span key={count} class="level" style={{ bottom: percent(count) }}>
            <small>{number(count)}</small>
          </span>
        ))}
        {calculations.map(({ minute, count }, i) => (
          <span key={minute} class="minute" onPointerEnter={() => point(i)}>
            <span style={{ height: percent(count) }} />
            {new Date(minute).getMinutes() % 10 === 0 && <small>{minuteOf(Date.parse(minute))}</small>}
          </span>
        ))}
      </div>
    </div>
  )
}

/** Round counts up to the top, about three of them above zero. */
function levels(top: number): number[] {
  const power = 10 ** Math.floor(Math.log10(top / 3))
  const step = Math.max(1, ([1, 2, 5, 10].find(times => times * power >= top / 3) ?? 10) * power)
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, i) => i * step)
}
