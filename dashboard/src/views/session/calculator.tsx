import type { InputHTMLAttributes, TargetedInputEvent } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { currencies } from '../../../../src/domain/limits'
import { currencyFormats, formatExactAmount, minuteUnit } from '../../format'
import { client, invalidMembers } from '../../graphql/client'
import {
  currencyAt,
  currencyOf,
  detailNames,
  exampleInputs,
  type Fault,
  type FieldName,
  type FieldValues,
  faultsOf,
  fieldLimits,
  formatInput,
  interpretationOf,
  type NumberField,
  numberNames,
  parseFigure,
  previewInputsOf,
  rangeNames,
  serverFaults,
  validInputsOf,
  valuesOf,
} from '../../inputs'
import { previewOutputs } from '../../preview'
import { announce, announceDebounced } from '../../store'
import type { Inputs, Outputs, Period, Range, Session, Transition } from '../../types'
import { words } from '../../words'
import { afterClick } from '../after-click'
import { CurrencyList } from '../currency-list'
import { ErrorMessage, useError } from '../error-message'
import { Field } from '../field'
import { takeJustStarted } from '../start-dialog'
import { useChange } from './change'
import { ConflictBar, MergeNote } from './conflict'
import { useCalculatorForm } from './form'
import { PeriodField } from './period-field'
import { ProposalNote } from './proposal'
import { Waiting } from './waiting'
import type { YearlyCosts as YearlyCostsDialog } from './yearly-costs'
import './calculator.css'

const texts = words.calculator

const loadYearlyCosts = () => import('./yearly-costs').then(({ YearlyCosts }) => YearlyCosts)

const hints: Record<Exclude<FieldName, keyof Period>, string> = {
  sessions: texts.sessionsHint(fieldLimits.sessions.maximum),
  avgMinutes: texts.avgMinutesHint(fieldLimits.avgMinutes.maximum),
  costPerSession: texts.costPerSessionHint,
  costPerHour: texts.costPerHourHint,
  label: texts.labelHint,
  currency: texts.currencyHint,
  valueSource: texts.valueSourceHint,
  low: texts.lowHint,
  high: texts.highHint,
  note: texts.noteHint,
}

/** How long, in ms, the user must pause typing before a value is considered complete. */
const typingPauseMs = 600

/** The optional details. The period has its own place in the form. */
const optionalNames = detailNames.filter(name => name !== 'from' && name !== 'to')

/** Attributes of the input elements for the optional details. */
const detailInputs: Record<Exclude<(typeof optionalNames)[number], keyof Range>, InputHTMLAttributes> = {
  label: { placeholder: texts.labelExample },
  currency: { placeholder: 'GBP', class: 'code', list: 'currencies', autocapitalize: 'characters', spellcheck: false },
  valueSource: { placeholder: texts.valueSourceExample },
  note: {},
}

const noteLines = 4

/** Fields that span the full width of the form. All other fields are arranged in two columns. */
const wholeFields: FieldName[] = ['valueSource', 'note']

const isOfRange = (name: FieldName): name is keyof Range => (rangeNames as readonly FieldName[]).includes(name)
const isDetail = (name: FieldName): boolean => (optionalNames as readonly FieldName[]).includes(name)

/** Returns a summary of the optional details, which is shown while the details are collapsed. */
function detailSummary(values: FieldValues): string {
  const { label, valueSource, low, high, note } = values
  const range = [low, high].flatMap(text => (text ? amountIn(currencyOf(values), text) : [])).join('–')
  return [label, currencyOf(values), valueSource, range, note && texts.note].filter(Boolean).join(', ')
}

/** Formats a text as an amount in the currency if the text is a number. Returns any other text unchanged. */
function amountIn(currency: string, text: string): string {
  const parsed = parseFigure('low', text)
  return parsed.status === 'valid' && currencies.has(currency) ? formatExactAmount(parsed.text, currency) : text
}

export interface Preview {
  inputs: Inputs
  outputs: Outputs
}

interface CalculatorProps {
  session: Session
  transitions: Transition[]
  canSave: boolean
  /** Inputs of an older result that the user copies into the form. */
  reusedInputs: Inputs | null
  /**
   * Called with a preview when the form's numbers differ from the result's numbers, and with null when they are the
   * same.
   */
  onPreview(preview: Preview | null): void
  onSaved(): void
}

/** The calculator form. Previews the outputs while the user types, and saves the result. */
export function Calculator({ session, transitions, canSave, reusedInputs, onPreview, onSaved }: CalculatorProps) {
  const onFollowed = (): void => {
    if (session.result) announceDebounced(words.result.announcedOther(formatNetBenefit(session.result)))
  }
  const { values, setValues, base, baseOn, changed, conflict, resolve, merge, sent } = useCalculatorForm(
    session,
    transitions,
    onFollowed,
  )
  /** Validation errors that the server reported, and the form values to which the errors apply. */
  const [serverReport, setServerReport] = useState<{ values: FieldValues; faults: Fault[] } | null>(null)
  /**
   * Whether the user has tried to save these values. Missing values are shown as errors only after the first attempt to
   * save.
   */
  const [tried, setTried] = useState(false)
  const [failure, fail] = useError()
  const { isSending: saving, isLate, isWaiting: waiting, send, stop } = useChange()
  const lastPreview = useRef(0)
  const form = useRef<HTMLFormElement>(null)
  const details = useRef<HTMLDetailsElement>(null)
  const conflicts = useRef<HTMLElement>(null)
  /** The dialog for yearly costs, or null until its script has been loaded on first use. */
  const [YearlyCosts, setYearlyCosts] = useState<typeof YearlyCostsDialog | null>(null)
  const [isWorkingOut, workOut] = useState(false)
  const [costsFailure, failCosts] = useError()
  const id = useId()
  const faults = [
    ...faultsOf(values),
    ...(serverReport?.faults.filter(({ name }) => serverReport.values[name] === values[name]) ?? []),
  ]
  /**
   * Form values at the last pause in typing. If a value was edited after the pause, no error is shown for it while it
   * can still become valid.
   */
  const [settled, setSettled] = useState(values)
  const isBeingTyped = (name: FieldName): boolean =>
    settled[name] !== values[name] || (isOfRange(name) && settled.costPerHour !== values.costPerHour)
  const shownFaults = changed
    ? faults.filter(({ name, incomplete, tentative }) => tried || !(incomplete || (tentative && isBeingTyped(name))))
    : []
  const faultOf = (name: FieldName): Fault | undefined => shownFaults.find(fault => fault.name === name)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(values), typingPauseMs)
    return () => clearTimeout(timer)
  }, [values])

  useEffect(() => {
    if (!changed) setTried(false)
    fail(null)
    // Cancel the pending save, because its values are outdated.
    if (waiting) stop()
  }, [changed, values])

  // If the session was just started, focus the first field, because the user enters the numbers next.
  useEffect(() => {
    if (takeJustStarted(session.id)) form.current?.querySelector('input')?.focus({ preventScroll: true })
  }, [])

  useEffect(() => {
    if (!reusedInputs) return
    setValues(valuesOf(reusedInputs))
    form.current?.querySelector<HTMLElement>('input')?.focus()
  }, [reusedInputs])

  // Expand the optional details if they contain an invalid value.
  const detailFaultCount = shownFaults.filter(({ name }) => isDetail(name)).length
  useEffect(() => {
    if (detailFaultCount > 0 && details.current) details.current.open = true
  }, [detailFaultCount])

  useEffect(() => {
    const current = ++lastPreview.current
    const inputs = changed ? previewInputsOf(values, faults) : null
    if (!inputs) return onPreview(null)
    previewOutputs(inputs).then(
      outputs => {
        if (current !== lastPreview.current) return
        onPreview({ inputs, outputs })
        announceDebounced(words.result.announcedWhatIf(formatNetBenefit({ inputs, outputs })))
      },
      () => current === lastPreview.current && onPreview(null),
    )
  }, [values, base])

  const closed = session.state === 'CLOSED'
  const unchanged = !changed && session.state === 'LOADED'
  const summary = detailSummary(values)
  /** Currency derived from a symbol beside an amount, if the currency field is empty. */
  const signCurrency = values.currency.trim() === '' ? currencyOf(values) : ''
  const inputOf = (name: FieldName) => ({
    name,
    value: values[name],
    disabled: closed,
    onInput: ({ currentTarget }: TargetedInputEvent<HTMLInputElement>) =>
      setValues({ ...values, [name]: currentTarget.value }),
  })

  const suggestionOf = (name: FieldName) => {
    const text = faultOf(name)?.suggestion
    return text === undefined ? undefined : { text, accept: () => setValues({ ...values, [name]: text }) }
  }

  const numberField = (name: NumberField, placeholder: string) => (
    <Field
      key={name}
      label={texts[name]}
      unit={name === 'avgMinutes' ? minuteUnit : currencyAt(name, values)}
      hint={hints[name]}
      interpretation={interpretationOf(name, values)}
      fault={faultOf(name)?.message}
      suggestion={suggestionOf(name)}
      input={{
        ...inputOf(name),
        inputmode: name === 'sessions' ? 'numeric' : 'decimal',
        autocomplete: 'off',
        placeholder,
        onBlur: () => afterClick(() => setSettled(values)),
      }}
    />
  )

  const openYearlyCosts = (): void => {
    failCosts(null)
    loadYearlyCosts().then(
      view => {
        setYearlyCosts(() => view)
        workOut(true)
      },
      () => failCosts(new Error(words.unreachable)),
    )
  }

  const showFaults = (faults: Fault[]): void => {
    setTried(true)
    const [first] = faults
    if (!first) return
    if (isDetail(first.name) && details.current) details.current.open = true
    form.current?.querySelector<HTMLElement>(`[name="${first.name}"]`)?.focus()
  }

  const save = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (saving || unchanged || !canSave || closed) return
    if (conflict) return conflicts.current?.focus()
    if (faults.length > 0) return showFaults(faults)
    fail(null)
    sent.current = values
    try {
      const response = await send(options =>
        client.calculate({ id: session.id, version: base.version }, validInputsOf(values), options),
      )
      if (!response) return
      const saved = response.session
      if (saved.state === 'ERROR') return fail(new Error(texts.failed))
      sent.current = null
      baseOn(values, saved.version)
      announce(words.done.CALCULATE_REQUESTED)
      onSaved()
    } catch (error) {
      sent.current = null
      const faults = serverFaults(invalidMembers(error))
      setServerReport({ values, faults })
      if (faults.length === 0) fail(error as Error)
      else showFaults(faults)
    }
  }

  return (
    <>
      <form class="card calculator" ref={form} onSubmit={save} noValidate aria-labelledby={`${id}-heading`}>
        <h2 id={`${id}-heading`}>{texts.heading}</h2>
        {conflict && !saving && (
          <ConflictBar
            conflict={conflict}
            mine={values}
            bar={conflicts}
            onDecide={side => {
              resolve(conflict, side)
              fail(null)
              form.current?.querySelector<HTMLElement>('input')?.focus()
            }}
          />
        )}
        {merge && !conflict && <MergeNote merge={merge} />}
        <div class="fields">
          {numberNames.map(name => (
            <div key={name}>
              {numberField(name, formatInput(exampleInputs[name]))}
              {name === 'costPerSession' && canSave && !closed && (
                <div class="work-out">
                  <button type="button" class="quiet" aria-haspopup="dialog" onClick={openYearlyCosts}>
                    {words.yearlyCosts.open}
                  </button>
                  <ErrorMessage text={costsFailure} />
                </div>
              )}
            </div>
          ))}
        </div>
        <PeriodField {...{ values, setValues, faultOf }} saved={unchanged ? session.result : null} disabled={closed} />
        <ProposalNote {...{ session, canSave, values, setValues, baseOn }} />
        <details class="details" data-filled={summary !== ''} ref={details}>
          <summary>
            {texts.stated} <bdi class="soft">{summary || texts.optional}</bdi>
          </summary>
          <div class="fields">
            {optionalNames.map(name =>
              isOfRange(name) ? (
                numberField(name, '')
              ) : (
                <div key={name} class={wholeFields.includes(name) ? 'whole' : undefined}>
                  <Field
                    label={texts[name]}
                    hint={name === 'currency' && signCurrency ? texts.currencyOfSign(signCurrency) : hints[name]}
                    fault={faultOf(name)?.message}
                    input={{ ...detailInputs[name], ...inputOf(name) }}
                    lines={name === 'note' ? noteLines : undefined}
                  />
                </div>
              ),
            )}
            <CurrencyList />
          </div>
        </details>
        <ErrorMessage text={conflict || unchanged ? null : failure} />
        {isLate && <Waiting text={waiting ? texts.waits : texts.slow} cancel={texts.stopWaiting} stop={stop} />}
        <div class="buttons">
          {canSave && (
            <button type="submit" class="primary" aria-disabled={saving || unchanged} disabled={closed}>
              {session.result ? words.actions.CALCULATE_REQUESTED : texts.calculate}
            </button>
          )}
          {changed && session.result && (
            <button type="button" onClick={() => setValues(base.values)}>
              {texts.undo}
            </button>
          )}
        </div>
      </form>
      {YearlyCosts && !closed && (
        <YearlyCosts
          isOpen={isWorkingOut}
          values={values}
          onFill={filled => {
            setValues(filled)
            form.current?.querySelector<HTMLElement>('[name="costPerSession"]')?.focus()
          }}
          onClose={() => workOut(false)}
        />
      )}
    </>
  )
}

const formatNetBenefit = ({ inputs, outputs }: Preview): string =>
  currencyFormats(inputs.currency).money(outputs.netBenefit)
