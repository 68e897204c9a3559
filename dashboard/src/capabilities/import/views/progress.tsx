import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks'
import { startImport } from '../send'
import { type ImportState, isDone, isFaulty, isReady, isUndoable, stopRun } from '../state'
import { undoImport } from '../undo'
import { announce } from '../../../store'
import { words } from '../../../words'
import { ConfirmButton } from '../../../views/confirm-button'
import './progress.css'

/** Buttons that start and stop sending, with its progress. */
export function ImportProgress({ rows, run, isComparing, isWaiting }: ImportState) {
  const ready = rows.filter(isReady)
  const hasBegun = rows.some(({ state }) => state === 'done' || state === 'unanswered')
  const done = rows.filter(isDone).length
  const undoable = rows.filter(isUndoable).length
  const section = useRef<HTMLElement>(null)
  const status = run?.status
  const label = run?.action === 'undo' ? words.import.undoProgress : words.import.progress
  // The button that was clicked has changed or is gone.
  useLayoutEffect(() => {
    if (document.activeElement === document.body) section.current?.focus({ preventScroll: true })
  }, [status])
  return (
    <section class="import-progress" ref={section} tabIndex={-1} aria-label={label}>
      {run ? (
        <>
          <Progress {...run} label={label} />
          {run.status === 'running' ? (
            <button type="button" onClick={stopRun}>
              {words.import.stop}
            </button>
          ) : (
            <span class="soft">{words.import.stopping[run.action]}</span>
          )}
          {isWaiting && <p class="soft">{words.import.waits}</p>}
        </>
      ) : isComparing ? (
        <p class="soft">{words.import.comparing}</p>
      ) : ready.length > 0 ? (
        <button type="button" class="primary" onClick={startImport}>
          {hasBegun ? words.import.goOn(ready.length) : words.import.begin(ready.length)}
        </button>
      ) : (
        <p>
          {done === 0
            ? words.import.announcedRead(0, rows.filter(isFaulty).length)
            : words.import.announcedEnded(done, rows.length - done)}
        </p>
      )}
      {!run && !isComparing && undoable > 0 && (
        <ConfirmButton
          action={words.import.undo}
          keep={words.import.undoKeep(undoable)}
          heading={words.import.undoHeading}
          failure={null}
          onConfirm={async () => {
            undoImport()
            return true
          }}
        >
          <p>{words.import.undoWhat(undoable)}</p>
        </ConfirmButton>
      )}
    </section>
  )
}

/** Number of parts into which progress is divided for announcements. */
const parts = 4

function Progress({ settled, total, label }: { settled: number; total: number; label: string }) {
  const id = useId()
  const part = Math.floor((settled / total) * parts)
  useEffect(() => {
    if (part > 0 && part < parts) announce(words.import.announcedPart(settled, total))
  }, [part])
  return (
    <div class="progress">
      <label for={id} class="unseen">
        {label}
      </label>
      <progress id={id} max={total} value={settled} />
      <span aria-hidden="true">{words.import.progressOf(settled, total)}</span>
    </div>
  )
}
