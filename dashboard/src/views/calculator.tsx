import type { InputHTMLAttributes, TargetedInputEvent } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { currencyName, datesOf, number } from '../format'
import { calculateQuery, dispatchMutation } from '../graphql/documents'
import { ask, change, Refusal } from '../graphql/requests'
import { announce, unsaved } from '../store'
import type { Inputs, Numbers, Outputs, Period, Session, Stated } from '../types'
import { example, exampleLabel } from './example'
import { Field } from './field'
import { RefusalText } from './refusal'
import './calculator.css'

type Name = keyof Numbers | 'label' | 'currency' | keyof Period
type Values = Record<Name, string>
type Faults = Partial<Values>

const numberFields: {
  name: keyof Numbers
  label: string
  unit?: string
  isMoney?: true
  hint: string
  step: string
}[] = [
  { name: 'sessions', label: 'Sessions held', hint: `A whole number up to ${number(1_000_000)}`, step: '1' },
  { name: 'avgMinutes', label: 'Mean length', unit: 'min', hint: `Minutes, up to ${number(1_440)}`, step: 'any' },
  {
    name: 'costPerSession',
    label: 'Cost of a session',
    isMoney: true,
    hint: 'What the organisation spends on one',
    step: 'any',
  },
  { name: 'costPerHour', label: 'Value of an hour', isMoney: true, hint: 'What paid help would cost', step: 'any' },
]

const commonCurrencies = ['GBP', 'EUR', 'USD', 'AUD', 'CAD', 'CHF', 'DKK', 'INR', 'JPY', 'NOK', 'NZD', 'SEK', 'ZAR']

/** What the numbers are of: all of it may be left out. */
const statedFields: { name: Exclude<Name, keyof Numbers>; label: string; hint: string; input: InputHTMLAttributes }[] =
  [
    { name: 'label', label: 'What was valued', hint: 'Shown with the result', input: { placeholder: exampleLabel } },
    {
      name: 'currency',
      label: 'Currency',
      hint: 'Of the amounts, by its code',
      input: { placeholder: 'GBP', class: 'code', list: 'currencies', autocapitalize: 'characters', spellcheck: false },
    },
    { name: 'from', label: 'First day', hint: 'When the sessions began', input: { type: 'date' } },
    { name: 'to', label: 'Last day', hint: 'When they ended', input: { type: 'date' } },
  ]

const names: Name[] = [...numberFields, ...statedFields].map(({ name }) => name)

const blankValues = Object.fromEntries(names.map(name => [name, ''])) as Values
const textOf = ({ label, currency, period, ...numbers }: Numbers & Partial<Stated>): Values => ({
  sessions: String(numbers.sessions),
  avgMinutes: String(numbers.avgMinutes),
  costPerSession: String(numbers.costPerSession),
  costPerHour: String(numbers.costPerHour),
  label: label ?? '',
  currency: currency ?? '',
  from: period?.from ?? '',
  to: period?.to ?? '',
})

/** What is filled in; numbers and days that are missing are left out, for the server to name. */
function inputsOf(values: Values) {
  const { label, currency, from, to } = values
  const filled = numberFields.filter(({ name }) => values[name] !== '')
  return {
    ...(Object.fromEntries(filled.map(({ name }) => [name, Number(values[name])])) as Partial<Numbers>),
    label: label || null,
    currency: currency.trim().toUpperCase() || null,
    period: from || to ? { ...(from && { from }), ...(to && { to }) } : null,
  }
}

const same = (a: Values, b: Values): boolean => JSON.stringify(inputsOf(a)) === JSON.stringify(inputsOf(b))

/** What is said of the numbers, while that is folded away. */
function summaryOf({ label, currency, from, to }: Values): string {
  const period = from && from <= to ? datesOf({ from, to }) : ''
  return [label, currency.toUpperCase(), period].filter(Boolean).join(', ')
}

const draftKey = ({ id }: Session): string => `draft ${id}`

/** What was typed here before, and not saved. */
const draftOf = (session: Session): Values | null =>
  JSON.parse(sessionStorage.getItem(draftKey(session)) ?? 'null') as Values | null

const isComplete = (values: Values): boolean =>
  numberFields.every(({ name }) => values[name] !== '') && (values.from === '') === (values.to === '')

/** What the server says of each field. */
const faultsOf = ({ details }: Refusal): Faults =>
  Object.fromEntries(names.flatMap(name => (details[name] ? [[name, details[name]]] : [])))

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
  const [faults, setFaults] = useState<Faults>({})
  const [failure, setFailure] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const asked = useRef(0)
  const form = useRef<HTMLFormElement>(null)
  const stated = useRef<HTMLDetailsElement>(null)
  const id = useId()
  const changed = !same(values, base)
  const resultId = session.result?.id

  // Another page saved a result: the form follows it, unless something is being typed here.
  useEffect(() => {
    if (!saved) return
    if (!changed || same(values, saved)) setValues(saved)
    setBase(saved)
  }, [resultId])

  // What is typed is still there after a sign-in, which leaves the page.
  useEffect(() => {
    unsaved.set(changed)
    if (changed) sessionStorage.setItem(draftKey(session), JSON.stringify(values))
    else sessionStorage.removeItem(draftKey(session))
  }, [changed, values])
  useEffect(() => () => unsaved.set(false), [])

  /** Says what is wrong at the fields, and unfolds those that it is wrong with. */
  const refuse = (named: Faults): void => {
    setFaults(named)
    if (stated.current && statedFields.some(({ name }) => named[name])) stated.current.open = true
  }

  useEffect(() => {
    const ask_ = ++asked.current
    if (!changed || !isComplete(values)) {
      preview(null)
      if (!changed) setFaults({})
      return
    }
    const timer = setTimeout(async () => {
      const inputs = inputsOf(values)
      try {
        const { calculate } = await ask<{ calculate: Outputs }>(calculateQuery, { inputs })
        if (ask_ !== asked.current) return
        setFaults({})
        preview({ inputs: inputs as Inputs, outputs: calculate })
      } catch (error) {
        if (ask_ !== asked.current) return
        preview(null)
        if (error instanceof Refusal) refuse(faultsOf(error))
      }
    }, 150)
    return () => clearTimeout(timer)
  }, [values, base])

  const closed = session.state === 'CLOSED'
  const unchanged = !changed && session.state === 'LOADED'
  const said = summaryOf(values)
  const code = inputsOf(values).currency ?? undefined
  const inputOf = (name: Name) => ({
    name,
    value: values[name],
    disabled: closed,
    onInput: ({ currentTarget }: TargetedInputEvent<HTMLInputElement>) =>
      setValues({ ...values, [name]: currentTarget.value }),
  })

  const save = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (busy || unchanged || !saves) return
    asked.current++
    setBusy(true)
    setFailure(null)
    try {
      const payload = inputsOf(values)
      await change(dispatchMutation, { sessionId: session.id, event: 'CALCULATE_REQUESTED', payload })
      setBase(values)
      setFaults({})
      announce('Result saved.')
    } catch (error) {
      const named = error instanceof Refusal ? faultsOf(error) : {}
      refuse(named)
      if (Object.keys(named).length === 0) setFailure((error as Error).message)
      const first = names.find(name => named[name])
      if (first) form.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus()
    } finally {
      setBusy(false)
    }
  }

  return (
    <form class="card calculator" ref={form} onSubmit={save} noValidate aria-labelledby={`${id}-heading`}>
      <h2 id={`${id}-heading`}>Calculator</h2>
      <div class="fields">
        {numberFields.map(({ name, label, unit, isMoney, hint, step }) => (
          <Field
            key={name}
            label={label}
            unit={isMoney ? code : unit}
            hint={hint}
            fault={faults[name]}
            input={{
              ...inputOf(name),
              type: 'number',
              inputmode: name === 'sessions' ? 'numeric' : 'decimal',
              min: '0',
              step,
              placeholder: String(example[name]),
            }}
          />
        ))}
      </div>
      <details class="stated" data-said={said !== ''} ref={stated}>
        <summary>
          Label, currency, period <span class="soft">{said || 'optional'}</span>
        </summary>
        <div class="fields">
          {statedFields.map(({ name, label, hint, input }) => (
            <Field key={name} label={label} hint={hint} fault={faults[name]} input={{ ...input, ...inputOf(name) }} />
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
            {session.result ? 'Save result' : 'Calculate'}
          </button>
        )}
        {changed && session.result && (
          <button type="button" onClick={() => setValues(base)}>
            Undo changes
          </button>
        )}
        {!session.result && !closed && same(values, blankValues) && (
          <button type="button" onClick={() => setValues(textOf(example))}>
            Fill in an example
          </button>
        )}
      </div>
    </form>
  )
}
