import { useRef, useState } from 'preact/hooks'
import {
  currencyFormats,
  formatDateTime,
  formatPeriod,
  formatSigned,
  formatTime,
  formatTimeSince,
  formatValue,
  isMoney,
  type Unit,
} from '../../format'
import { client } from '../../graphql/client'
import { numberNames, rangeNames } from '../../inputs'
import { clock, useStore } from '../../store'
import type { Inputs, Result, Session, Transition } from '../../types'
import { words } from '../../words'
import { ErrorMessage, useError } from '../error-message'
import { StateDot } from '../state'
import { inputUnits, outputNames, shownOutputs } from './result'
import './history.css'

const texts = words.older

const initiallyShown = 20

type Computed = Pick<Result, 'id' | 'computedAt' | 'inputs' | 'outputs'>

export interface HistoryProps {
  session: Session
  transitions: Transition[]
  /**
   * Copies a result's inputs into the form. This function is absent for a closed session, whose results are deleted.
   */
  onUse: ((inputs: Inputs) => void) | undefined
}

/**
 * Transitions of a session, latest first. The user can expand a transition with an older result to compare the result
 * with the current one, and to reuse its inputs.
 */
export function HistoryList({ session, transitions, onUse }: HistoryProps) {
  const now = useStore(clock)
  const [all, setAll] = useState(false)
  const [opened, open] = useState<string | null>(null)
  const [read, setRead] = useState<Computed[]>([])
  const [failure, fail] = useError()
  const firstShownAt = useRef(Date.now())
  const latest = visibleTransitions(transitions)
  const shown = all ? latest : latest.slice(0, initiallyShown)

  const toggle = async (id: string): Promise<void> => {
    fail(null)
    open(opened === id ? null : id)
    if (opened === id || read.some(result => result.id === id)) return
    try {
      setRead((await client.listResults(session.id)) ?? [])
    } catch (error) {
      open(null)
      fail(error as Error)
    }
  }

  return (
    <>
      <ol reversed>
        {shown.map(({ event, from, to, sequence, at, resultId, by }) => {
          const result = from === 'LOADING' ? session.results.find(result => result.resultId === resultId) : undefined
          const isOlder = result !== undefined && result.id !== session.result?.id && onUse !== undefined
          const isOpen = isOlder && opened === result.id
          const older = isOpen ? read.find(({ id }) => id === result.id) : undefined
          const name = [from, to].includes('LOADING') ? words.states[to] : words.events[event]
          return (
            <li key={sequence} data-new={Date.parse(at) >= firstShownAt.current}>
              <StateDot state={to} />
              <span class="happened">
                {isOlder ? (
                  <button type="button" class="quiet" aria-expanded={isOpen} onClick={() => toggle(result.id)}>
                    {name}
                  </button>
                ) : (
                  name
                )}
                {by !== null && <span class="soft">{words.timeline.by(<bdi>{by}</bdi>)}</span>}
                {result && <ResultDetails result={result} />}
              </span>
              <span class="when soft">
                <time dateTime={at} title={formatDateTime(at)}>
                  {now - Date.parse(at) < 3_600_000 ? formatTimeSince(at, now) : formatTime(at)}
                </time>
              </span>
              {older && onUse && (
                <div class="comparison">
                  <Comparison older={older} current={session.result} />
                  <button type="button" onClick={() => onUse(older.inputs)}>
                    {texts.take}
                  </button>
                </div>
              )}
            </li>
          )
        })}
      </ol>
      {latest.length > shown.length && (
        <button type="button" class="quiet" onClick={() => setAll(true)}>
          {words.showAll(latest.length)}
        </button>
      )}
      <ErrorMessage text={failure} />
    </>
  )
}

/**
 * Returns the transitions, latest first. Omits the start of a calculation unless the start is the latest transition.
 */
const visibleTransitions = (transitions: Transition[]): Transition[] =>
  transitions.filter(({ to }, i) => to !== 'LOADING' || i === transitions.length - 1).reverse()

/** The net benefit of a result, and the optional inputs that describe the result. */
function ResultDetails({ result: { inputs, outputs } }: { result: Session['results'][number] }) {
  const { label, currency, period } = inputs
  return (
    <>
      <span class="soft">
        {words.netBenefit}{' '}
        <span class={outputs.netBenefit < 0 ? 'loss' : ''}>{currencyFormats(currency).money(outputs.netBenefit)}</span>
      </span>
      {label && <bdi class="soft">{label}</bdi>}
      {period && <span class="soft">{formatPeriod(period)}</span>}
    </>
  )
}

interface ComparedValue {
  name: string
  unit: Unit
  read(result: Computed): number | null
  /** Whether the row is hidden if both results have the same value. */
  isOptional?: boolean
}

const comparedValues: ComparedValue[] = [
  ...numberNames.map(name => ({
    name: words.calculator[name],
    unit: inputUnits[name],
    read: ({ inputs }: Computed) => inputs[name],
  })),
  ...rangeNames.map(name => ({
    name: words.calculator[name],
    unit: 'price' as const,
    read: ({ inputs }: Computed) => inputs.costPerHourRange?.[name] ?? null,
    isOptional: true,
  })),
  ...outputNames
    .filter(output => shownOutputs[output].isCompared)
    .map(output => ({ ...shownOutputs[output], read: ({ outputs }: Computed) => outputs[output] })),
]

/** Text fields that are shown only if they differ between the two compared results. */
const comparedTexts = ['valueSource', 'note'] as const

/** Two results side by side. Differences are shown only between amounts in the same currency. */
function Comparison({ older, current }: { older: Computed; current: Computed | null }) {
  const isOneCurrency = older.inputs.currency === current?.inputs.currency
  const isShown = ({ read, isOptional }: ComparedValue): boolean =>
    !isOptional || read(older) !== (current && read(current))
  const differing = comparedTexts.filter(name => older.inputs[name] !== (current?.inputs[name] ?? null))
  const statedText = (name: string, text: string | null) => (
    <dd>
      <span class="soft">{name} </span>
      {text === null ? <span class="soft">{words.none}</span> : <bdi>{text}</bdi>}
    </dd>
  )
  const valueText = (result: Computed, { unit, read }: ComparedValue) => {
    const value = read(result)
    if (value === null) return <span class="soft">{words.none}</span>
    return <span class={value < 0 ? 'loss' : ''}>{formatValue(value, unit, result.inputs.currency)}</span>
  }
  const differenceText = ({ unit, read }: ComparedValue): string | null => {
    const [now, then] = [current && read(current), read(older)]
    if (now === null || then === null || now === then || (isMoney(unit) && !isOneCurrency)) return null
    const difference = Math.round((now - then) * 10_000) / 10_000
    return isMoney(unit) ? currencyFormats(older.inputs.currency).difference(difference) : formatSigned(difference)
  }
  return (
    <>
      <table>
        <thead>
          <tr>
            <td />
            <th scope="col">{texts.older}</th>
            {current && <th scope="col">{texts.current}</th>}
          </tr>
        </thead>
        <tbody>
          {comparedValues.filter(isShown).map(row => {
            const difference = differenceText(row)
            return (
              <tr key={row.name}>
                <th scope="row">{row.name}</th>
                <td>{valueText(older, row)}</td>
                {current && (
                  <td>
                    {valueText(current, row)}
                    {difference !== null && <span class="difference">{difference}</span>}
                  </td>
                )}
              </tr>
            )
          })}
        </tbody>
      </table>
      {differing.length > 0 && (
        <dl class="result-texts both">
          {differing.map(name => (
            <div key={name}>
              <dt>{words.calculator[name]}</dt>
              {statedText(texts.older, older.inputs[name])}
              {current && statedText(texts.current, current.inputs[name])}
            </div>
          ))}
        </dl>
      )}
      {current && !isOneCurrency && <p class="soft">{texts.otherCurrency}</p>}
    </>
  )
}
