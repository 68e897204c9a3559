import { type ComponentChildren, Fragment } from 'preact'
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { type ChangeRow, changeRows, type NotChanged, type Row } from '../change-rows'
import { currencyFormats, formatPeriod } from '../format'
import { nameOf } from '../session-name'
import { announce } from '../store'
import { words } from '../words'
import { changeRowsWords } from './change-rows-words'
import { MentorAndOrganisation } from './list/row'
import './change-rows-dialog.css'

/** Maximum number of row names that are shown before the user expands the list. */
const maxNames = 5

/** The dialog's text for one kind of change. */
export interface ChangeTexts {
  heading(count: number): string
  nothingLeft: string
  progress: string
  running(count: number): string
  waits: string
  done(count: number): string
  changed: string
  refused(reason: string): string
  stopped: string
}

type Step =
  /** The rows to change, as the dialog shows them while the user decides. */
  | { step: 'decide'; rows: readonly Row[] }
  | { step: 'running'; rows: readonly Row[]; settled: number; isWaiting: boolean }
  | { step: 'ended'; done: number; others: NotChanged[]; report: ComponentChildren }

export interface Decision {
  /** The rows to change, as shown in the dialog. */
  rows: readonly Row[]
  change: ChangeRow
  /**
   * Returns a report on the changed rows, which the dialog shows at the end. If there is no report, the dialog closes
   * once all rows are changed.
   */
  report?(done: readonly Row[]): ComponentChildren
}

export interface RowsDialogProps {
  rows: readonly Row[]
  isOpen: boolean
  onClose(): void
  /** Called with the ids of the changed rows once all rows have been processed. */
  onDone?: ((ids: string[]) => void) | undefined
}

interface ChangeRowsDialogProps extends RowsDialogProps {
  texts: ChangeTexts
  /** Renders the form that asks what to change. Submitting the form calls `run`, and cancelling it calls `cancel`. */
  children(rows: readonly Row[], run: (decision: Decision) => void, cancel: () => void): ComponentChildren
}

/** A dialog that explains a change, asks the user to confirm it, and applies it to rows. */
export function ChangeRowsDialog({ rows, isOpen, onClose, onDone, texts, children: decide }: ChangeRowsDialogProps) {
  const [step, setStep] = useState<Step | null>(null)
  const dialog = useRef<HTMLDialogElement>(null)
  const closeButton = useRef<HTMLButtonElement>(null)
  const stopping = useRef(new AbortController())
  const heading = useId()
  const isShown = step !== null
  /** Whether all rows left the list before the user decided what to change. */
  const isNothingLeft = step?.step === 'decide' && rows.length === 0
  useLayoutEffect(() => {
    if (isOpen) setStep({ step: 'decide', rows })
  }, [isOpen])
  useLayoutEffect(() => {
    if (!isShown) return
    dialog.current?.showModal()
    return onClose
  }, [isShown])
  // Move the focus, because the button that had the focus no longer exists.
  useEffect(() => {
    if (isNothingLeft) closeButton.current?.focus()
    else if (step && step.step !== 'decide') dialog.current?.focus()
  }, [step?.step, isNothingLeft])
  useEffect(() => () => stopping.current.abort(), [])

  const run = async ({ rows, change, report }: Decision): Promise<void> => {
    stopping.current = new AbortController()
    const others: NotChanged[] = []
    const done: Row[] = []
    const show = (isWaiting: boolean): void =>
      setStep({ step: 'running', rows, settled: done.length + others.length, isWaiting })
    show(false)
    announce(texts.running(rows.length))
    await changeRows(rows, change, stopping.current.signal, {
      settled(row, outcome) {
        if (outcome) others.push(outcome)
        else done.push(row)
        show(false)
      },
      waits: () => show(true),
    })
    announce(texts.done(done.length))
    if (others.length === 0 && !report) close()
    else setStep({ step: 'ended', done: done.length, others, report: report?.(done) })
    onDone?.(done.map(({ id }) => id))
  }
  const close = (): void => {
    dialog.current?.close()
    setStep(null)
    document.getElementById('sessions-heading')?.focus({ preventScroll: true })
  }

  return (
    <dialog
      ref={dialog}
      class="change-rows"
      tabIndex={-1}
      aria-labelledby={heading}
      onCancel={event => {
        if (step?.step !== 'running') return
        event.preventDefault()
        stopping.current.abort()
      }}
      onClose={isNothingLeft ? close : () => setStep(null)}
    >
      {isNothingLeft && (
        <>
          <h2 id={heading}>{texts.nothingLeft}</h2>
          <p>{changeRowsWords.unlisted(step.rows.length)}</p>
          <div class="buttons">
            <button type="button" ref={closeButton} onClick={close}>
              {changeRowsWords.close}
            </button>
          </div>
        </>
      )}
      {step?.step === 'decide' && !isNothingLeft && (
        <>
          <h2 id={heading}>{texts.heading(step.rows.length)}</h2>
          {decide(step.rows, run, () => dialog.current?.close())}
        </>
      )}
      {step?.step === 'running' && (
        <>
          <h2 id={heading}>{texts.running(step.rows.length)}</h2>
          <div class="progress">
            <progress aria-label={texts.progress} max={step.rows.length} value={step.settled} />
            <span aria-hidden="true">{changeRowsWords.progressOf(step.settled, step.rows.length)}</span>
          </div>
          {step.isWaiting && (
            <p class="waits" role="status">
              {texts.waits}
            </p>
          )}
          <div class="buttons">
            <button type="button" onClick={() => stopping.current.abort()}>
              {changeRowsWords.stop}
            </button>
          </div>
        </>
      )}
      {step?.step === 'ended' && (
        <>
          <h2 id={heading}>{texts.done(step.done)}</h2>
          {step.report}
          <Others others={step.others} texts={texts} />
          <div class="buttons">
            <button type="button" onClick={close}>
              {changeRowsWords.close}
            </button>
          </div>
        </>
      )}
    </dialog>
  )
}

/** Lists the rows that were not changed, grouped by reason. */
function Others({ others, texts }: { others: NotChanged[]; texts: ChangeTexts }) {
  const byReason = Map.groupBy(others, other =>
    other.why === 'refused' ? texts.refused(other.message) : texts[other.why],
  )
  return (
    <>
      {[...byReason].map(([reason, others]) => (
        <Names key={reason} rows={others.map(({ row }) => row)}>
          <p>{reason}</p>
        </Names>
      ))}
    </>
  )
}

interface NamesProps {
  rows: readonly Row[]
  /** Whether each row's name is followed by its mentor, period and value. */
  hasFacts?: boolean
  children?: ComponentChildren
}

export function Names({ rows, hasFacts, children }: NamesProps) {
  const [all, setAll] = useState(false)
  const shown = all || rows.length <= maxNames + 1 ? rows : rows.slice(0, maxNames)
  return (
    <>
      {children}
      <ul class="names">
        {shown.map(row => (
          <li key={row.id}>
            <bdi>{nameOf(row)}</bdi>
            {hasFacts && <Facts row={row} />}
          </li>
        ))}
      </ul>
      {shown.length < rows.length && (
        <button type="button" class="quiet" onClick={() => setAll(true)}>
          {changeRowsWords.more(rows.length - shown.length)}
        </button>
      )}
    </>
  )
}

/** Details that distinguish rows with the same name. */
function Facts({ row: { result, mentorId, organisationId } }: { row: Row }) {
  if (!result) return null
  const { inputs, outputs } = result
  const facts = [
    ...(inputs.label ? [<MentorAndOrganisation key="owner" mentor={mentorId} organisation={organisationId} />] : []),
    ...(inputs.period ? [formatPeriod(inputs.period)] : []),
    `${words.list.columns.value} ${currencyFormats(inputs.currency).money(outputs.timeValue)}`,
  ]
  return (
    <span class="soft facts">
      {facts.map((fact, i) => (
        <Fragment key={i}>
          {i > 0 && ', '}
          {fact}
        </Fragment>
      ))}
    </span>
  )
}
