import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { clear, isDone, leaveOut } from '../../import/imported'
import { mayEdit, type Row } from '../../import/rows'
import { words } from '../../words'

/**
 * Buttons that remove duplicate rows, or all rows. Rows that are not imported yet are removed only after a
 * confirmation.
 */
export function Discard({ rows, doubled }: { rows: readonly Row[]; doubled: ReadonlyMap<number, number> }) {
  const [asked, setAsked] = useState(false)
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  const left = rows.filter(row => !isDone(row))
  const toLeave = left.filter(row => doubled.has(row.id) && mayEdit(row, 'label')).map(({ id }) => id)
  useEffect(() => {
    if (asked) dialog.current?.showModal()
    else dialog.current?.close()
  }, [asked])
  return (
    <div class="buttons">
      {toLeave.length > 0 && (
        <button type="button" onClick={() => leaveOut(new Set(toLeave))}>
          {words.import.leaveOutDoubled(toLeave.length)}
        </button>
      )}
      <button type="button" onClick={() => (left.length === 0 ? clear() : setAsked(true))}>
        {left.length === 0 ? words.import.another : words.import.discard}
      </button>
      <dialog ref={dialog} aria-labelledby={heading} onClose={() => setAsked(false)}>
        <h2 id={heading}>{words.import.discardHeading}</h2>
        <p>{words.import.discardWhat(left.length)}</p>
        <div class="buttons">
          <button type="button" onClick={() => setAsked(false)}>
            {words.import.keep}
          </button>
          <button type="button" class="danger" onClick={clear}>
            {words.import.discard}
          </button>
        </div>
      </dialog>
    </div>
  )
}
