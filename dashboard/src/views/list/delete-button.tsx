import type { ComponentChildren } from 'preact'
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { deleteRows, type NotDeleted } from '../../delete-rows'
import type { ListRow } from '../../live/list'
import { deselectRows } from '../../live/selected-rows'
import { nameOf } from '../../session-name'
import { announce } from '../../store'
import { words } from '../../words'
import './delete-button.css'

const texts = words.selected

/** Maximum number of names that the dialog lists at once. */
const maxNames = 5

type Deletion =
  /** The rows as the user sees them while deciding. */
  | { step: 'confirm'; rows: ListRow[] }
  | { step: 'running'; rows: ListRow[]; settled: number; isWaiting: boolean }
  | { step: 'ended'; deleted: number; others: NotDeleted[] }

interface DeleteButtonProps {
  rows: ListRow[]
  /** Called when the dialog opens or closes. */
  setOpen(isOpen: boolean): void
}

/** Deletes the selected rows, after a dialog that says what is removed. What is left stays selected. */
export function DeleteButton({ rows, setOpen }: DeleteButtonProps) {
  const [deletion, setDeletion] = useState<Deletion | null>(null)
  const dialog = useRef<HTMLDialogElement>(null)
  const closeButton = useRef<HTMLButtonElement>(null)
  const stopping = useRef(new AbortController())
  const heading = useId()
  const isOpen = deletion !== null
  /** Whether all rows left the list while the user was deciding. */
  const isNothingLeft = deletion?.step === 'confirm' && rows.length === 0
  useLayoutEffect(() => {
    if (!isOpen) return
    dialog.current?.showModal()
    setOpen(true)
    return () => setOpen(false)
  }, [isOpen])
  // The button that had the focus is gone.
  useEffect(() => {
    if (isNothingLeft) closeButton.current?.focus()
    else if (deletion && deletion.step !== 'confirm') dialog.current?.focus()
  }, [deletion?.step, isNothingLeft])
  useEffect(() => () => stopping.current.abort(), [])

  const run = async (rows: ListRow[]): Promise<void> => {
    stopping.current = new AbortController()
    let settled = 0
    const others: NotDeleted[] = []
    const deleted: string[] = []
    const show = (isWaiting: boolean): void => setDeletion({ step: 'running', rows, settled, isWaiting })
    show(false)
    announce(texts.deleting(rows.length))
    await deleteRows(rows, stopping.current.signal, {
      settled(row, outcome) {
        settled++
        if (outcome) others.push(outcome)
        else deleted.push(row.id)
        show(false)
      },
      waits: () => show(true),
    })
    announce(texts.deleted(deleted.length))
    if (others.length === 0) close()
    else setDeletion({ step: 'ended', deleted: deleted.length, others })
    deselectRows(deleted)
  }
  const close = (): void => {
    dialog.current?.close()
    setDeletion(null)
    document.getElementById('sessions-heading')?.focus({ preventScroll: true })
  }

  return (
    <>
      <button type="button" class="danger" onClick={() => setDeletion({ step: 'confirm', rows })}>
        {texts.delete}
      </button>
      <dialog
        ref={dialog}
        class="delete-rows"
        tabIndex={-1}
        aria-labelledby={heading}
        onCancel={event => {
          if (deletion?.step !== 'running') return
          event.preventDefault()
          stopping.current.abort()
        }}
        onClose={isNothingLeft ? close : () => setDeletion(null)}
      >
        {isNothingLeft && (
          <>
            <h2 id={heading}>{texts.nothingLeft}</h2>
            <p>{texts.unlisted(deletion.rows.length)}</p>
            <div class="buttons">
              <button type="button" ref={closeButton} onClick={close}>
                {texts.close}
              </button>
            </div>
          </>
        )}
        {deletion?.step === 'confirm' && !isNothingLeft && (
          <>
            <h2 id={heading}>{texts.confirmHeading(deletion.rows.length)}</h2>
            <p>{texts.removes(deletion.rows.length, deletion.rows.filter(({ result }) => result !== null).length)}</p>
            <Names rows={deletion.rows} />
            <div class="buttons">
              <button type="button" autofocus onClick={() => dialog.current?.close()}>
                {texts.keep(deletion.rows.length)}
              </button>
              <button type="button" class="danger filled" onClick={() => run(deletion.rows)}>
                {texts.delete}
              </button>
            </div>
          </>
        )}
        {deletion?.step === 'running' && (
          <>
            <h2 id={heading}>{texts.deleting(deletion.rows.length)}</h2>
            <div class="progress">
              <progress aria-label={texts.progress} max={deletion.rows.length} value={deletion.settled} />
              <span aria-hidden="true">{texts.progressOf(deletion.settled, deletion.rows.length)}</span>
            </div>
            {deletion.isWaiting && (
              <p class="waits" role="status">
                {texts.waits}
              </p>
            )}
            <div class="buttons">
              <button type="button" onClick={() => stopping.current.abort()}>
                {texts.stop}
              </button>
            </div>
          </>
        )}
        {deletion?.step === 'ended' && (
          <>
            <h2 id={heading}>{texts.deleted(deletion.deleted)}</h2>
            <Others others={deletion.others} />
            <div class="buttons">
              <button type="button" onClick={close}>
                {texts.close}
              </button>
            </div>
          </>
        )}
      </dialog>
    </>
  )
}

/** Names the rows that were not deleted, by reason. */
function Others({ others }: { others: NotDeleted[] }) {
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

function Names({ rows, children }: { rows: ListRow[]; children?: ComponentChildren }) {
  const [all, setAll] = useState(false)
  const shown = all || rows.length <= maxNames + 1 ? rows : rows.slice(0, maxNames)
  return (
    <>
      {children}
      <ul class="names">
        {shown.map(row => (
          <li key={row.id}>
            <bdi>{nameOf(row)}</bdi>
          </li>
        ))}
      </ul>
      {shown.length < rows.length && (
        <button type="button" class="quiet" onClick={() => setAll(true)}>
          {texts.more(rows.length - shown.length)}
        </button>
      )}
    </>
  )
}
