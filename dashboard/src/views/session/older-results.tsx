import { useState } from 'preact/hooks'
import {
  currencyFormats,
  formatDateTime,
  formatPeriod,
  formatSigned,
  formatValue,
  isMoney,
  type Unit,
} from '../../format'
import { client } from '../../graphql/client'
import { numberNames, rangeNames } from '../../inputs'
import type { Inputs, Result, Session } from '../../types'
import { words } from '../../words'
import { ErrorMessage, useError } from '../error-message'
import { inputUnits, outputNames, shownOutputs } from './result'
import './older-results.css'

const texts = words.older
const initiallyListed = 5

type Computed = Pick<Result, 'id' | 'computedAt' | 'inputs' | 'outputs'>

interface OlderResultsProps {
  session: Session
  /** Copies the inputs of a result into the form. */
  onUse(inputs: Inputs): void
}

/** Results before the current one, to compare with it and to use again. */
export function OlderResults({ session, onUse }: OlderResultsProps) {
  const [opened, open] = useState<string | null>(null)
  const [all, setAll] = useState(false)
  const [read, setRead] = useState<Computed[]>([])
  const [failure, fail] = useError()
  const older = session.results.filter(({ id }) => id !== session.result?.id)
  if (older.length === 0) return null

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
    <section class="card older-results" aria-label={texts.heading}>
      <h2>{texts.heading}</h2>
      <ul>
        {older.slice(0, all ? older.length : initiallyListed).map(({ id, computedAt, inputs, outputs }) => {
          const result = opened === id ? read.find(result => result.id === id) : undefined
          return (
            <li key={id}>
              <button type="button" class="quiet" aria-expanded={opened === id} onClick={() => toggle(id)}>
                {inputs.label ? <bdi>{inputs.label}</bdi> : formatDateTime(computedAt)}
              </button>
              <span class={outputs.netBenefit < 0 ? 'net loss' : 'net'}>
                {currencyFormats(inputs.currency).money(outputs.netBenefit)}
              </span>
              {inputs.label && <span class="soft">{formatDateTime(computedAt)}</span>}
              {result && (
                <div class="comparison">
                  <Comparison older={result} current={session.result} />
                  <button type="button" onClick={() => onUse(result.inputs)}>
                    {texts.take}
                  </button>
                </div>
              )}
            </li>
          )
        })}
      </ul>
      {!all && older.length > initiallyListed && (
        <button type="button" class="quiet" onClick={() => setAll(true)}>
          {words.showAll(older.length)}
        </button>
      )}
      <ErrorMessage text={failure} />
    </section>
  )
}

interface ComparedValue {
  name: string
  unit: Unit
  read(result: Computed): number | null
  /** Whether the row is left out if both results have the same value. */
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

/** Texts that are shown if they differ between the results. */
const comparedTexts = ['valueSource', 'note'] as const

/** Two results side by side. Amounts of different currencies are not subtracted. */
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
      {older.inputs.period && <p class="soft">{formatPeriod(older.inputs.period)}</p>}
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
