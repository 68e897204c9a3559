import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks'
import { type ImportState, isDone, isReady, startImport, stopImport } from '../../import/import'
import { announce } from '../../store'
import { words } from '../../words'
import './progress.css'

/** Buttons that start and stop sending, with its progress. */
export function ImportProgress({ rows, run, isWaiting }: ImportState) {
  const ready = rows.filter(isReady)
  const hasBegun = rows.some(({ state }) => state === 'done' || state === 'unanswered')
  const remaining = rows.filter(row => !isDone(row)).length
  const section = useRef<HTMLElement>(null)
  const status = run?.status
  // The button that was clicked has changed or is gone.
  useLayoutEffect(() => {
    if (document.activeElement === document.body) section.current?.focus({ preventScroll: true })
  }, [status])
  return (
    <section class="import-progress" ref={section} tabIndex={-1} aria-label={words.import.progress}>
      {run ? (
        <>
          <Progress {...run} />
          {run.status === 'running' ? (
            <button type="button" onClick={stopImport}>
              {words.import.stop}
            </button>
          ) : (
            <span class="soft">{words.import.stopping}</span>
          )}
          {isWaiting && <p class="soft">{words.import.waits}</p>}
        </>
      ) : ready.length > 0 ? (
        <button type="button" class="primary" onClick={startImport}>
          {hasBegun ? words.import.goOn(ready.length) : words.import.begin(ready.length)}
        </button>
      ) : (
        <p>
          {remaining === rows.length
            ? words.import.announcedRead(0, remaining)
            : words.import.announcedEnded(rows.length - remaining, remaining)}
        </p>
      )}
    </section>
  )
}

/** Number of parts into which progress is divided for announcements. */
const parts = 4

function Progress({ settled, total }: { settled: number; total: number }) {
  const id = useId()
  const part = Math.floor((settled / total) * parts)
  useEffect(() => {
    if (part > 0 && part < parts) announce(words.import.announcedPart(settled, total))
  }, [part])
  return (
    <div class="progress">
      <label for={id} class="unseen">
        {words.import.progress}
      </label>
      <progress id={id} max={total} value={settled} />
      <span aria-hidden="true">{words.import.progressOf(settled, total)}</span>
    </div>
  )
}
