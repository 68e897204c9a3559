import type { ComponentChildren, InputHTMLAttributes } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { CalculationInputs } from '../../../packages/client/src/index.js'
import { type ChangeRow, idempotentSender } from '../change-rows'
import { readContents } from '../deleted'
import { client } from '../graphql/client'
import { emptyValues, faultsOf, inputsOf } from '../inputs'
import { noteOwnTransition } from '../live/session'
import { words } from '../words'
import { ChangeRowsDialog, Names, type RowsDialogProps } from './change-rows-dialog'
import { changeRowsWords } from './change-rows-words'
import { CurrencyList } from './currency-list'
import { Field } from './field'
import { FormButtons } from './form-buttons'
import './set-details-dialog.css'

const texts = changeRowsWords.details

const names = ['currency', 'from', 'to', 'valueSource'] as const
type Details = Pick<CalculationInputs, 'currency' | 'period' | 'valueSource'>

/** A dialog that sets the currency, period or value source of rows without changing their numbers. */
export function SetDetailsDialog(props: RowsDialogProps) {
  const [send] = useState(idempotentSender)
  const setDetails =
    (details: Details): ChangeRow =>
    async ({ id, version }, options) => {
      const contents = await readContents(id, options)
      if (!contents) throw new Error(words.refusals.SESSION_NOT_FOUND())
      if (!contents.result) throw new Error(texts.noResult)
      const inputs = { ...contents.result.inputs, ...details }
      const { session } = await send([id, version, details], options.signal, idempotencyKey =>
        client.calculate({ id, version }, inputs, { ...options, idempotencyKey }),
      )
      noteOwnTransition(id, session.version)
      if (session.state === 'ERROR') throw new Error(words.states.ERROR)
    }
  return (
    <ChangeRowsDialog {...props} texts={texts}>
      {(rows, run, cancel) => {
        const changing = rows.filter(({ result }) => result !== null)
        const others = rows.filter(({ result }) => result === null)
        const withoutResult = others.length > 0 && (
          <div>
            <Names rows={others}>
              <p>{texts.withoutResult}</p>
            </Names>
          </div>
        )
        return (
          <DetailsForm
            count={changing.length}
            total={rows.length}
            submit={details =>
              run({
                rows: changing,
                change: setDetails(details),
                ...(withoutResult && { report: () => withoutResult }),
              })
            }
            cancel={cancel}
          >
            {withoutResult}
          </DetailsForm>
        )
      }}
    </ChangeRowsDialog>
  )
}

interface DetailsFormProps {
  /** Number of rows that will change. */
  count: number
  total: number
  submit(details: Details): void
  cancel(): void
  children: ComponentChildren
}

function DetailsForm({ count, total, submit, cancel, children }: DetailsFormProps) {
  const form = useRef<HTMLFormElement>(null)
  const [values, setValues] = useState(emptyValues)
  /**
   * Whether the user has tried to submit the form. Validation errors are shown only after the first attempt to submit.
   */
  const [tried, setTried] = useState(false)
  const faults = faultsOf(values).filter(({ name }) => names.some(own => own === name))
  const details = Object.fromEntries(
    Object.entries(inputsOf(values)).filter(
      ([name, value]) => ['currency', 'period', 'valueSource'].includes(name) && value !== null,
    ),
  ) as Details
  const isEmpty = Object.keys(details).length === 0

  const field = (name: (typeof names)[number], input: InputHTMLAttributes = {}) => (
    <Field
      label={words.calculator[name]}
      hint=""
      fault={tried ? faults.find(fault => fault.name === name)?.message : undefined}
      input={{
        ...input,
        name,
        value: values[name],
        onInput: ({ currentTarget }) => setValues({ ...values, [name]: currentTarget.value }),
      }}
    />
  )
  return (
    <form
      ref={form}
      noValidate
      onSubmit={event => {
        event.preventDefault()
        setTried(true)
        if (faults[0]) form.current?.querySelector<HTMLElement>(`[name="${faults[0].name}"]`)?.focus()
        else if (!isEmpty && count > 0) submit(details)
      }}
    >
      <p class="soft">{texts.what}</p>
      {field('currency', {
        class: 'code',
        list: 'currencies',
        autocapitalize: 'characters',
        spellcheck: false,
      })}
      <div class="period">
        {field('from', { type: 'date' })}
        {field('to', { type: 'date' })}
      </div>
      {field('valueSource')}
      <CurrencyList />
      <p>{texts.changes(count, total)}</p>
      {children}
      <FormButtons
        submit={texts.submit(count)}
        failure={tried && isEmpty && faults.length === 0 ? texts.nothing : null}
        cancel={cancel}
      />
    </form>
  )
}
