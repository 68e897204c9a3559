import type { InputHTMLAttributes, TargetedInputEvent } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { currencyName, datesOf, formatsIn, minutesUnit } from '../format'
import { membersIn } from '../graphql/client'
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
  soundInputsOf,
  statedNames,
  textOf,
  typed,
  understoodAs,
  type Values,
} from '../inputs'
import { announce, announceSoon } from '../store'
import type { Inputs, Numbers, Outputs, Session, Transition } from '../types'
import { whatIf } from '../what-if'
import { words } from '../words'
import { ConflictBar } from './conflict'
import { example } from './example'
import { Field } from './field'
import { useForm } from './form'
import { RefusalText, useFailure } from './refusal'
import { useSaving } from './saving'
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

/** Pause in typing after which the input counts as complete, in ms. */
const restMs = 600

const commonCurrencies = ['GBP', 'EUR', 'USD', 'AUD', 'CAD', 'CHF', 'DKK', 'INR', 'JPY', 'NOK', 'NZD', 'SEK', 'ZAR']

/** Inputs of the optional members that describe the numbers. */
const statedInputs: Record<(typeof statedNames)[number], InputHTMLAttributes> = {
  label: { placeholder: said.labelExample },
  currency: { placeholder: 'GBP', class: 'code', list: 'currencies', autocapitalize: 'characters', spellcheck: false },
  from: { type: 'date' },
  to: { type: 'date' },
}

/** Returns the summary of these members while they are collapsed. */
function summaryOf({ label, currency, from, to }: Values): string {
  const period = from && from <= to ? datesOf({ from, to }) : ''
  return [label, currency.toUpperCase(), period].filter(Boolean).join(', ')
}

export interface Preview {
  inputs: Inputs
  outputs: Outputs
}

interface CalculatorProps {
  session: Session
  transitions: Transition[]
  /** Whether the user may save a result. */
  saves: boolean
  /** Inputs of another result, for the form. */
  taken: Inputs | null
  /** Receives the outputs of the form's numbers while they differ from the result's, otherwise null. */
  preview(preview: Preview | null): void
}

/** The form of the calculator. Shows the outputs while the user types, and saves the result. */
export function Calculator({ session, transitions, saves, taken, preview }: CalculatorProps) {
  const { values, setValues, base, baseOn, changed, conflict, sent } = useForm(session, transitions, () => {
    if (session.result) announceSoon(words.result.saidOther(netOf(session.result)))
  })
  /** Faults that the server reported, and the values that they belong to. */
  const [refused, setRefused] = useState<{ values: Values; faults: Fault[] } | null>(null)
  /** Whether the user tried to save these values. Then missing values are faults. */
  const [tried, setTried] = useState(false)
  const [failure, fail] = useFailure()
  const { saving, waits, save: send, stop } = useSaving(session.id)
  const asked = useRef(0)
  const form = useRef<HTMLFormElement>(null)
  const stated = useRef<HTMLDetailsElement>(null)
  const conflicts = useRef<HTMLElement>(null)
  const id = useId()
  const found = [
    ...faultsOf(values),
    ...(refused?.faults.filter(({ name }) => refused.values[name] === values[name]) ?? []),
  ]
  /** Values at the last pause in typing. Until the next pause, a value that may become valid shows no fault. */
  const [settled, setSettled] = useState(values)
  const shown = changed
    ? found.filter(
        ({ name, unfinished, doubtful }) => tried || !(unfinished || (doubtful && settled[name] !== values[name])),
      )
    : []
  const faultOf = (name: Name): Fault | undefined => shown.find(fault => fault.name === name)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(values), restMs)
    return () => clearTimeout(timer)
  }, [values])

  useEffect(() => {
    if (!changed) setTried(false)
    fail(null)
    // The values that wait to be saved are out of date.
    if (waits) stop()
  }, [changed, values])

  useEffect(() => {
    if (!taken) return
    setValues(textOf(taken))
    form.current?.querySelector<HTMLElement>('input')?.focus()
  }, [taken])

  // A fault in a collapsed field opens the section.
  const stateds = shown.filter(({ name }) => !(name in limits)).length
  useEffect(() => {
    if (stateds > 0 && stated.current) stated.current.open = true
  }, [stateds])

  useEffect(() => {
    const asking = ++asked.current
    if (!changed || found.length > 0) return preview(null)
    const inputs = inputsOf(values) as Inputs
    whatIf(inputs).then(
      outputs => {
        if (asking !== asked.current) return
        preview({ inputs, outputs })
        announceSoon(words.result.saidWhatIf(netOf({ inputs, outputs })))
      },
      () => asking === asked.current && preview(null),
    )
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

  const suggestionOf = (name: Name) => {
    const text = faultOf(name)?.suggestion
    return text === undefined ? undefined : { text, take: () => setValues({ ...values, [name]: text }) }
  }

  /** Moves the focus to the first faulty field. */
  const show = (faults: Fault[]): void => {
    setTried(true)
    const [first] = faults
    if (!first) return
    if (!(first.name in limits) && stated.current) stated.current.open = true
    form.current?.querySelector<HTMLElement>(`[name="${first.name}"]`)?.focus()
  }

  const save = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (saving || unchanged || !saves || closed) return
    if (conflict) return conflicts.current?.focus()
    if (found.length > 0) return show(found)
    fail(null)
    sent.current = values
    try {
      const left = await send(soundInputsOf(values), base.version)
      if (!left) return
      if (left.state === 'ERROR') return fail(new Error(said.failed))
      sent.current = null
      baseOn(values, left.version)
      announce(words.done.CALCULATE_REQUESTED)
    } catch (error) {
      sent.current = null
      const faults = faultsNamed(membersIn(error))
      setRefused({ values, faults })
      if (faults.length === 0) fail(error as Error)
      else show(faults)
    }
  }

  return (
    <form class="card calculator" ref={form} onSubmit={save} noValidate aria-labelledby={`${id}-heading`}>
      <h2 id={`${id}-heading`}>{said.heading}</h2>
      {conflict && !saving && (
        <ConflictBar
          conflict={conflict}
          mine={values}
          bar={conflicts}
          decide={kept => {
            baseOn(conflict.theirs)
            setValues(kept)
            fail(null)
            form.current?.querySelector<HTMLElement>('input')?.focus()
          }}
        />
      )}
      <div class="fields">
        {numberNames.map(name => (
          <Field
            key={name}
            label={said[name]}
            unit={units[name]}
            hint={hints[name]}
            understood={understoodAs(name, values[name])}
            fault={faultOf(name)?.sentence}
            suggestion={suggestionOf(name)}
            input={{
              ...inputOf(name),
              inputmode: name === 'sessions' ? 'numeric' : 'decimal',
              autocomplete: 'off',
              placeholder: typed(example[name]),
              onBlur: () => setSettled(values),
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
              fault={faultOf(name)?.sentence}
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
      <RefusalText text={conflict || unchanged ? null : failure} />
      {waits && (
        <p class="waits" role="status">
          {said.waits}{' '}
          <button type="button" class="quiet" onClick={stop}>
            {said.stopWaiting}
          </button>
        </p>
      )}
      <div class="buttons">
        {saves && (
          <button type="submit" class="primary" aria-disabled={saving || unchanged} disabled={closed}>
            {session.result ? words.actions.CALCULATE_REQUESTED : said.calculate}
          </button>
        )}
        {changed && session.result && (
          <button type="button" onClick={() => setValues(base.values)}>
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
