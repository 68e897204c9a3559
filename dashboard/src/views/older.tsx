import { useState } from 'preact/hooks'
import { datesOf, dateTimeOf, figure, figureIn, formatsIn, number, signed } from '../format'
import { client } from '../graphql/client'
import type { Inputs, Numbers, Outputs, Result, Session } from '../types'
import { words } from '../words'
import { RefusalText, useFailure } from './refusal'
import './older.css'

const said = words.older
/** Number of results listed at first. */
const listedAtFirst = 5

type Computed = Pick<Result, 'id' | 'computedAt' | 'inputs' | 'outputs'>

interface OlderResultsProps {
  session: Session
  /** Puts the inputs of a result into the form. */
  take(inputs: Inputs): void
}

/** Results before the current one, to compare with it and to use again. */
export function OlderResults({ session, take }: OlderResultsProps) {
  const [opened, open] = useState<string | null>(null)
  const [all, setAll] = useState(false)
  const [read, setRead] = useState<Computed[]>([])
  const [failure, fail] = useFailure()
  const older = session.results.filter(({ id }) => id !== session.result?.id)
  if (older.length === 0) return null

  const toggle = async (id: string): Promise<void> => {
    fail(null)
    open(opened === id ? null : id)
    if (opened === id || read.some(result => result.id === id)) return
    try {
      setRead((await client.results(session.id)) ?? [])
    } catch (error) {
      open(null)
      fail(error as Error)
    }
  }

  return (
    <section class="card older" aria-label={said.heading}>
      <h2>{said.heading}</h2>
      <ul>
        {older.slice(0, all ? older.length : listedAtFirst).map(({ id, computedAt, inputs, outputs }) => {
          const result = opened === id ? read.find(result => result.id === id) : undefined
          return (
            <li key={id}>
              <button type="button" class="quiet" aria-expanded={opened === id} onClick={() => toggle(id)}>
                {inputs.label ? <bdi>{inputs.label}</bdi> : dateTimeOf(computedAt)}
              </button>
              <span class={outputs.netBenefit < 0 ? 'net loss' : 'net'}>
                {formatsIn(inputs.currency).money(outputs.netBenefit)}
              </span>
              {inputs.label && <span class="soft">{dateTimeOf(computedAt)}</span>}
              {result && (
                <div class="compared">
                  <Comparison older={result} current={session.result} />
                  <button type="button" onClick={() => take(result.inputs)}>
                    {said.take}
                  </button>
                </div>
              )}
            </li>
          )
        })}
      </ul>
      {!all && older.length > listedAtFirst && (
        <button type="button" class="quiet" onClick={() => setAll(true)}>
          {words.showAll(older.length)}
        </button>
      )}
      <RefusalText text={failure} />
    </section>
  )
}

const figures = [
  { name: 'sessions', as: number },
  { name: 'avgMinutes', as: (value: number) => figureIn(value, 'minute') },
  { name: 'costPerSession', as: null },
  { name: 'costPerHour', as: null },
] as const satisfies { name: keyof Numbers; as: unknown }[]

/** `as: null` formats an amount of money. */
const outputs = [
  { name: 'benefitCostRatio', as: figure },
  { name: 'timeValue', as: null },
  { name: 'programmeCost', as: null },
  { name: 'netBenefit', as: null },
  { name: 'totalHours', as: (value: number) => figureIn(value, 'hour') },
  { name: 'roiPercent', as: (value: number) => figureIn(value, 'percent') },
  { name: 'breakEvenMinutes', as: (value: number) => figureIn(value, 'minute') },
] as const satisfies { name: keyof Outputs; as: unknown }[]

const nameOf = (output: (typeof outputs)[number]['name']): string =>
  output === 'timeValue' || output === 'programmeCost' || output === 'netBenefit'
    ? words[output]
    : output === 'benefitCostRatio'
      ? words.list.columns.ratio
      : words.result[output]

/** Two results side by side. Amounts of different currencies are not subtracted. */
function Comparison({ older, current }: { older: Computed; current: Computed | null }) {
  const isOneCurrency = older.inputs.currency === current?.inputs.currency
  const rows = [
    ...figures.map(({ name, as }) => ({
      name: words.calculator[name],
      as,
      of: ({ inputs }: Computed): number | null => inputs[name],
    })),
    ...outputs.map(({ name, as }) => ({
      name: nameOf(name),
      as,
      of: ({ outputs }: Computed): number | null => outputs[name],
    })),
  ]
  const written = (result: Computed, { as, of }: (typeof rows)[number]) => {
    const value = of(result)
    if (value === null) return <span class="soft">{words.none}</span>
    return <span class={value < 0 ? 'loss' : ''}>{(as ?? formatsIn(result.inputs.currency).money)(value)}</span>
  }
  const differenceOf = ({ as, of }: (typeof rows)[number]): string | null => {
    const [now, then] = [current && of(current), of(older)]
    if (now === null || then === null || now === then || (as === null && !isOneCurrency)) return null
    const difference = Math.round((now - then) * 10_000) / 10_000
    return as === null ? formatsIn(older.inputs.currency).difference(difference) : signed(difference)
  }
  return (
    <>
      {older.inputs.period && <p class="soft">{datesOf(older.inputs.period)}</p>}
      <table>
        <thead>
          <tr>
            <td />
            <th scope="col">{said.older}</th>
            {current && <th scope="col">{said.current}</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => {
            const difference = differenceOf(row)
            return (
              <tr key={row.name}>
                <th scope="row">{row.name}</th>
                <td>{written(older, row)}</td>
                {current && (
                  <td>
                    {written(current, row)}
                    {difference !== null && <span class="difference">{difference}</span>}
                  </td>
                )}
              </tr>
            )
          })}
        </tbody>
      </table>
      {current && !isOneCurrency && <p class="soft">{said.otherCurrency}</p>}
    </>
  )
}
