import { useState } from 'preact/hooks'
import { yearBefore } from '../../../../src/domain/months'
import { currencyFormats, formatFigure, formatMonthRange, formatNumber } from '../../format'
import type { BoundedRange } from '../../months'
import { hrefOf, navigateOnClick, route } from '../../router'
import { useStore } from '../../store'
import { words } from '../../words'
import { FigureStrip } from './figure-strip'
import { comparedMonths, summary, summaryToDate, summaryYearBefore } from './summary'
import type { Amounts, Summary } from './types'
import { figuresWords } from './words'
import './key-figures.css'

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

/** Key figures of the calculations that match the filter, in the currency with the most results. */
export function KeyFigures() {
  const figures = useStore(summary)
  const [first = noAmounts, ...others] = figures?.amounts ?? []
  const { filter } = useStore(route)
  const [toDate, yearBefore] = [useStore(summaryToDate), useStore(summaryYearBefore)]
  const inCurrency = (of: Summary | null) => of?.amounts.find(({ currency }) => currency === first.currency)
  const isOver = comparedMonths(filter)?.to === filter.months?.to
  const compared = { now: inCurrency(isOver ? figures : toDate), before: inCurrency(yearBefore) }
  return (
    <section class="key-figures" aria-label={figuresWords.label} aria-busy={figures === null}>
      <FigureStrip sums={figures && first} compared={compared} />
      {figures && <Facts figures={figures} first={first} isCompared={compared.before !== undefined} />}
      {others.length > 0 && <OtherCurrencies others={others} />}
    </section>
  )
}

interface FactsProps {
  figures: Summary
  /** Totals in the displayed currency. */
  first: Amounts
  isCompared: boolean
}

/** Explains what the figures include and omit, and which months they are compared with. */
function Facts({ figures, first, isCompared }: FactsProps) {
  const { filter } = useStore(route)
  const isKnown = useStore(summaryYearBefore) !== null
  const hasOthers = figures.amounts.length > 1
  const count = (state: string): number => figures.states.find(found => found.state === state)?.count ?? 0
  const { from, to } = filter.months ?? {}
  const months = comparedMonths(filter)
  const comparison = months
    ? isKnown && comparisonText(months, to === months.to, isCompared)
    : from && to && figuresWords.noneOver
  return (
    <ul class="facts soft">
      <li>{figuresWords.of(first.results, first.currency === null && hasOthers)}</li>
      <li>
        {figuresWords.calculations} <strong data-testid="session-count">{formatNumber(figures.sessions)}</strong>
      </li>
      {(['INITIAL', 'ERROR'] as const).map(state => {
        const to = { filter: { ...filter, state } }
        return (
          count(state) > 0 &&
          filter.state !== state && (
            <li key={state}>
              <a href={hrefOf(to)} onClick={navigateOnClick(to)}>
                {words.list.stateNames[state]} <strong>{formatNumber(count(state))}</strong>
              </a>
            </li>
          )
        )
      })}
      {comparison && <li>{comparison}</li>}
    </ul>
  )
}

/**
 * Returns a text that says which months are compared. `isOver` says whether all months of the selected range are over.
 */
export function comparisonText(months: BoundedRange, isOver: boolean, isCompared: boolean): string {
  const before = formatMonthRange(yearBefore(months))
  if (!isCompared) return figuresWords.nothingBefore(before)
  return isOver ? figuresWords.comparedWith(before) : figuresWords.toDate(formatMonthRange(months), before)
}

const othersAtFirst = 3

/** Totals in the other currencies. Amounts in different currencies are never added together. */
function OtherCurrencies({ others }: { others: Amounts[] }) {
  const [all, setAll] = useState(false)
  const shown = all ? others : others.slice(0, othersAtFirst)
  return (
    <div class="others">
      <span class="soft" id="other-currencies">
        {figuresWords.otherCurrencies}
      </span>
      <ul class="facts" aria-labelledby="other-currencies">
        {shown.map(({ currency, results, netBenefit, benefitCostRatio: ratio }) => (
          <li key={currency}>
            <strong class={netBenefit < 0 ? 'loss' : ''}>{currencyFormats(currency).money(netBenefit)}</strong>{' '}
            <span class="soft">
              {[
                ...(currency === null ? [words.list.noCurrency] : []),
                ...(ratio === null ? [] : [figuresWords.ofRatio(formatFigure(ratio))]),
                figuresWords.results(results),
              ].join(', ')}
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
