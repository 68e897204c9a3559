import type { InputHTMLAttributes, TargetedInputEvent } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { currencyName, datesOf, formatsIn, minutesUnit } from '../format'
import { calculateQuery, dispatchMutation } from '../graphql/documents'
import { ask, change, Refusal } from '../graphql/requests'
import {
  blankValues,
  type Fault,
  faultsNamed,
  faultsOf,
  inputsOf,
  limits,
  type Name,
  numberNames,
  same,
  statedNames,
  textOf,
  type Values,
} from '../inputs'
import { announce, announceSoon, unsaved } from '../store'
import type { Inputs, Numbers, Outputs, Session } from '../types'
import { words } from '../words'
import { example } from './example'
import { Field } from './field'
import { RefusalText } from './refusal'
import './calculator.css'

const said = words.calculator

const hints: Record<Name, string> = {
  sessions: said.sessionsHint(limits.sessions.maximum),
  avgMinutes: said.avgMinutesHint(limits.avgMinutes.maximum),
  costPerSession: said.costPerSessionHint,
  costPerHour: said.costPerHourHint,
  label: said.labelHint,
  currency: said.currencyHint,
  from: said.fromHint,
  to: said.toHint,
}

const commonCurrencies = ['GBP', 'EUR', 'USD', 'AUD', 'CAD', 'CHF', 'DKK', 'INR', 'JPY', 'NOK', 'NZD', 'SEK', 'ZAR']

/** How what the numbers are of is asked for: all of it may be left out. */
const statedInputs: Record<(typeof statedNames)[number], InputHTMLAttributes> = {
  label: { placeholder: said.labelExample },
  currency: { placeholder: 'GBP', class: 'code', list: 'currencies', autocapitalize: 'characters', spellcheck: false },
  from: { type: 'date' },
  to: { type: 'date' },
}

/** What is said of the numbers, while that is folded away. */
function summaryOf({ label, currency, from, to }: Values): string {
  const period = from && from <= to ? datesOf({ from, to }) : ''
  return [label, currency.toUpperCase(), period].filter(Boolean).join(', ')
}

const draftKey = ({ id }: Session): string => `draft ${id}`

/** What was typed here before, and not saved. */
const draftOf = (session: Session): Values | null =>
  JSON.parse(sessionStorage.getItem(draftKey(session)) ?? 'null') as Values | null

export interface Preview {
  inputs: Inputs
  outputs: Outputs
}

interface CalculatorProps {
  session: Session
  /** A result can be saved. */
  saves: boolean
  /** What the numbers in the form would give, while they are other than the result's. */
  preview(preview: Preview | null): void
}

/** The four numbers and what they are of: what they would give while they are typed, and the result when they are saved. */
export function Calculator({ session, saves, preview }: CalculatorProps) {
  const saved = session.result ? textOf(session.result.inputs) : null
  const [base, setBase] = useState<Values>(saved ?? blankValues)
  const [values, setValues] = useState<Values>(() => draftOf(session) ?? base)
  /** What the server refused, and of which values. */
  const [refused, setRefused] = useState<{ values: Values; faults: Fault[] } | null>(null)
  /** These values were to be saved: what is not there yet is asked for. */
  const [tried, setTried] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const asked = useRef(0)
  const form = useRef<HTMLFormElement>(null)
  const stated = useRef<HTMLDetailsElement>(null)
  const id = useId()
  const changed = !same(values, base)
  const resultId = session.result?.id
  const found = [
    ...faultsOf(values),
    ...(refused?.faults.filter(({ name }) => refused.values[name] === values[name]) ?? []),
  ]
  const shown = changed ? found.filter(({ unfinished }) => tried || !unfinished) : []
  const faultOf = (name: Name): string | undefined => shown.find(fault => fault.name === name)?.sentence

  // Another page saved a result: the form follows it, unless something is being typed here.
  useEffect(() => {
    if (!saved) return
    if (!changed || same(values, saved)) setValues(saved)
    if (!same(base, saved) && !busy) announceSoon(words.result.saidOther(netOf(session.result as Preview)))
    setBase(saved)
  }, [resultId])

  // What is typed is still there after a sign-in, which leaves the page.
  useEffect(() => {
    unsaved.set(changed)
    if (changed) sessionStorage.setItem(draftKey(session), JSON.stringify(values))
    else sessionStorage.removeItem(draftKey(session))
    if (!changed) setTried(false)
    setFailure(null)
  }, [changed, values])
  useEffect(() => () => unsaved.set(false), [])

  // What is wrong with what is folded away unfolds it.
  const stateds = shown.filter(({ name }) => !(name in limits)).length
  useEffect(() => {
    if (stateds > 0 && stated.current) stated.current.open = true
  }, [stateds])

  useEffect(() => {
    const ask_ = ++asked.current
    if (!changed || found.length > 0) {
      preview(null)
      return
    }
    const timer = setTimeout(async () => {
      const inputs = inputsOf(values)
      try {
        const { calculate } = await ask<{ calculate: Outputs }>(calculateQuery, { inputs })
        if (ask_ !== asked.current) return
        const made = { inputs: inputs as Inputs, outputs: calculate }
        preview(made)
        announceSoon(words.result.saidWhatIf(netOf(made)))
      } catch (error) {
        if (ask_ !== asked.current) return
        preview(null)
        if (error instanceof Refusal) setRefused({ values, faults: faultsNamed(error.members) })
      }
    }, 150)
    return () => clearTimeout(timer)
  }, [values, base])

  const closed = session.state === 'CLOSED'
  const unchanged = !changed && session.state === 'LOADED'
  const summary = summaryOf(values)
  const code = inputsOf(values).currency ?? undefined
  const units: Partial<Record<keyof Numbers, string | undefined>> = {
    avgMinutes: minutesUnit,
    costPerSession: code,
    costPerHour: code,
  }
  const inputOf = (name: Name) => ({
    name,
    value: values[name],
    disabled: closed,
    onInput: ({ currentTarget }: TargetedInputEvent<HTMLInputElement>) =>
      setValues({ ...values, [name]: currentTarget.value }),
  })

  /** Goes to the first field with which something is wrong. */
  const show = (faults: Fault[]): void => {
    setTried(true)
    const [first] = faults
    if (!first) return
    if (!(first.name in limits) && stated.current) stated.current.open = true
    form.current?.querySelector<HTMLElement>(`[name="${first.name}"]`)?.focus()
  }

  const save = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (busy || unchanged || !saves) return
    if (found.length > 0) return show(found)
    asked.current++
    setBusy(true)
    setFailure(null)
    try {
      const payload = inputsOf(values)
      await change(dispatchMutation, { sessionId: session.id, event: 'CALCULATE_REQUESTED', payload })
      setBase(values)
      announce(words.done.CALCULATE_REQUESTED)
    } catch (error) {
      const faults = error instanceof Refusal ? faultsNamed(error.members) : []
      setRefused({ values, faults })
      if (faults.length === 0) setFailure((error as Error).message)
      else show(faults)
    } finally {
      setBusy(false)
    }
  }

  return (
    <form class="card calculator" ref={form} onSubmit={save} noValidate aria-labelledby={`${id}-heading`}>
      <h2 id={`${id}-heading`}>{said.heading}</h2>
      <div class="fields">
        {numberNames.map(name => (
          <Field
            key={name}
            label={said[name]}
            unit={units[name]}
            hint={hints[name]}
            fault={faultOf(name)}
            input={{
              ...inputOf(name),
              type: 'number',
              inputmode: name === 'sessions' ? 'numeric' : 'decimal',
              min: '0',
              step: name === 'sessions' ? '1' : 'any',
              placeholder: String(example[name]),
            }}
          />
        ))}
      </div>
      <details class="stated" data-said={summary !== ''} ref={stated}>
        <summary>
          {said.stated} <bdi class="soft">{summary || said.optional}</bdi>
        </summary>
        <div class="fields">
          {statedNames.map(name => (
            <Field
              key={name}
              label={said[name]}
              hint={hints[name]}
              fault={faultOf(name)}
              input={{ ...statedInputs[name], ...inputOf(name) }}
            />
          ))}
          <datalist id="currencies">
            {commonCurrencies.map(code => (
              <option key={code} value={code}>
                {currencyName(code)}
              </option>
            ))}
          </datalist>
        </div>
      </details>
      <RefusalText text={failure} />
      <div class="buttons">
        {saves && (
          <button type="submit" class="primary" aria-disabled={busy || unchanged} disabled={closed}>
            {session.result ? words.actions.CALCULATE_REQUESTED : said.calculate}
          </button>
        )}
        {changed && session.result && (
          <button type="button" onClick={() => setValues(base)}>
            {said.undo}
          </button>
        )}
        {!session.result && !closed && same(values, blankValues) && (
          <button type="button" onClick={() => setValues(textOf(example))}>
            {said.fillExample}
          </button>
        )}
      </div>
    </form>
  )
}

const netOf = ({ inputs, outputs }: Preview): string => formatsIn(inputs.currency).money(outputs.netBenefit)
