import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { number } from '../format'
import { calculateQuery, dispatchMutation } from '../graphql/documents'
import { ask, change, Refusal } from '../graphql/requests'
import { announce } from '../store'
import type { Inputs, Outputs, Session } from '../types'
import { example } from './example'
import { Field } from './field'
import { RefusalText } from './refusal'
import './calculator.css'

type Name = keyof Inputs
type Values = Record<Name, string>

const fields: { name: Name; label: string; unit: string; hint: string; step: string }[] = [
  { name: 'sessions', label: 'Sessions held', unit: '', hint: `A whole number up to ${number(1_000_000)}`, step: '1' },
  { name: 'avgMinutes', label: 'Mean length', unit: 'min', hint: `Minutes, up to ${number(1_440)}`, step: 'any' },
  {
    name: 'costPerSession',
    label: 'Cost of a session',
    unit: '',
    hint: 'What the organisation spends on one',
    step: 'any',
  },
  { name: 'costPerHour', label: 'Value of an hour', unit: '', hint: 'What paid help would cost', step: 'any' },
]

const blankValues: Values = { sessions: '', avgMinutes: '', costPerSession: '', costPerHour: '' }
const textOf = (inputs: Inputs): Values => ({
  sessions: String(inputs.sessions),
  avgMinutes: String(inputs.avgMinutes),
  costPerSession: String(inputs.costPerSession),
  costPerHour: String(inputs.costPerHour),
})

const same = (a: Values, b: Values): boolean => fields.every(({ name }) => sameNumber(a[name], b[name]))
const sameNumber = (a: string, b: string): boolean => a === b || (a !== '' && b !== '' && Number(a) === Number(b))

/** The numbers that are filled in; what is empty is left out, for the server to name. */
const inputsOf = (values: Values): Partial<Inputs> =>
  Object.fromEntries(fields.filter(({ name }) => values[name] !== '').map(({ name }) => [name, Number(values[name])]))

/** What the server says of each field. */
const faultsOf = ({ details }: Refusal): Partial<Record<Name, string>> =>
  Object.fromEntries(fields.flatMap(({ name }) => (details[name] ? [[name, details[name]]] : [])))

export interface Preview {
  inputs: Inputs
  outputs: Outputs
}

interface CalculatorProps {
  session: Session
  /** What the numbers in the form would give, while they are other than the result's. */
  preview(preview: Preview | null): void
}

/** The four numbers: what they would give while they are typed, and the result when they are saved. */
export function Calculator({ session, preview }: CalculatorProps) {
  const saved = session.result ? textOf(session.result.inputs) : null
  const [base, setBase] = useState<Values>(saved ?? blankValues)
  const [values, setValues] = useState<Values>(base)
  const [faults, setFaults] = useState<Partial<Record<Name, string>>>({})
  const [failure, setFailure] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const asked = useRef(0)
  const form = useRef<HTMLFormElement>(null)
  const id = useId()
  const changed = !same(values, base)
  const resultId = session.result?.id

  // Another page saved a result: the form follows it, unless something is being typed here.
  useEffect(() => {
    if (!saved) return
    if (!changed || same(values, saved)) setValues(saved)
    setBase(saved)
  }, [resultId])

  useEffect(() => {
    const ask_ = ++asked.current
    if (!changed || fields.some(({ name }) => values[name] === '')) {
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
        if (error instanceof Refusal) setFaults(faultsOf(error))
      }
    }, 150)
    return () => clearTimeout(timer)
  }, [values, base])

  const closed = session.state === 'CLOSED'
  const unchanged = !changed && session.state === 'LOADED'

  const save = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (busy || unchanged) return
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
      setFaults(named)
      if (Object.keys(named).length === 0) setFailure((error as Error).message)
      const first = fields.find(({ name }) => named[name])
      if (first) form.current?.querySelector<HTMLElement>(`[name="${first.name}"]`)?.focus()
    } finally {
      setBusy(false)
    }
  }

  return (
    <form class="card calculator" ref={form} onSubmit={save} noValidate aria-labelledby={`${id}-heading`}>
      <h2 id={`${id}-heading`}>Calculator</h2>
      <div class="fields">
        {fields.map(({ name, label, unit, hint, step }) => (
          <Field
            key={name}
            label={label}
            unit={unit}
            hint={hint}
            fault={faults[name]}
            input={{
              name,
              type: 'number',
              inputmode: name === 'sessions' ? 'numeric' : 'decimal',
              min: '0',
              step,
              value: values[name],
              disabled: closed,
              placeholder: String(example[name]),
              onInput: ({ currentTarget }) => setValues({ ...values, [name]: currentTarget.value }),
            }}
          />
        ))}
      </div>
      <RefusalText text={failure} />
      <div class="buttons">
        <button type="submit" class="primary" aria-disabled={busy || unchanged} disabled={closed}>
          {session.result ? 'Save result' : 'Calculate'}
        </button>
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
