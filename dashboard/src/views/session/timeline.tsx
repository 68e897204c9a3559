import { useRef, useState } from 'preact/hooks'
import { currencyFormats, formatDateTime, formatPeriod, formatTime, formatTimeSince } from '../../format'
import { clock, useStore } from '../../store'
import type { Session, Transition } from '../../types'
import { words } from '../../words'
import { StateDot } from '../state'
import './timeline.css'

const initiallyShown = 60

interface TimelineProps extends Pick<Session, 'results'> {
  transitions: Transition[]
}

/** Transitions of a session, latest first. */
export function Timeline({ transitions, results }: TimelineProps) {
  const now = useStore(clock)
  const [all, setAll] = useState(false)
  const opened = useRef(Date.now())
  const latest = visibleTransitions(transitions)
  const shown = all ? latest : latest.slice(0, initiallyShown)
  return (
    <section class="card timeline" aria-label={words.timeline.heading}>
      <h2>{words.timeline.heading}</h2>
      <ol reversed>
        {shown.map(({ event, from, to, sequence, at, resultId, by }) => (
          <li key={sequence} data-new={Date.parse(at) >= opened.current}>
            <StateDot state={to} />
            <span class="happened">
              {isCalculation(event) ? words.states[to] : words.events[event]}
              {by !== null && <span class="soft">{words.timeline.by(<bdi>{by}</bdi>)}</span>}
              {from === 'LOADING' && <TransitionResult result={results.find(({ id }) => id === resultId)} />}
            </span>
            <span class="when soft">
              <time dateTime={at} title={formatDateTime(at)}>
                {now - Date.parse(at) < 3_600_000 ? formatTimeSince(at, now) : formatTime(at)}
              </time>
              <span>#{sequence}</span>
            </span>
          </li>
        ))}
      </ol>
      {latest.length > shown.length && (
        <button type="button" class="quiet" onClick={() => setAll(true)}>
          {words.showAll(latest.length)}
        </button>
      )}
    </section>
  )
}

const isCalculation = (event: Transition['event']): boolean =>
  event === 'CALCULATE_REQUESTED' || event === 'RETRY_REQUESTED'

/** Returns the transitions, latest first. Omits the start of a calculation, unless it is the latest transition. */
const visibleTransitions = (transitions: Transition[]): Transition[] =>
  transitions.filter(({ to }, i) => to !== 'LOADING' || i === transitions.length - 1).reverse()

/** Net benefit of a calculation, and the members that describe it. */
function TransitionResult({ result }: { result: Session['results'][number] | undefined }) {
  if (!result) return null
  const { label, currency, period } = result.inputs
  return (
    <>
      <span class="soft">
        {words.netBenefit} {currencyFormats(currency).money(result.outputs.netBenefit)}
      </span>
      {label && <bdi class="soft">{label}</bdi>}
      {period && <span class="soft">{formatPeriod(period)}</span>}
    </>
  )
}
