import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks'
import { begin, type Import, isDone, isReady, stop } from '../../import/imported'
import { announce } from '../../store'
import { words } from '../../words'
import './run.css'

/** Buttons that start and stop sending, with its progress. */
export function Run({ rows, run, waits }: Import) {
  const ready = rows.filter(isReady)
  const hasBegun = rows.some(({ state }) => state === 'done' || state === 'unanswered')
  const left = rows.filter(row => !isDone(row)).length
  const place = useRef<HTMLElement>(null)
  const is = run?.is
  // The button that was clicked has changed or is gone.
  useLayoutEffect(() => {
    if (document.activeElement === document.body) place.current?.focus({ preventScroll: true })
  }, [is])
  return (
    <section class="run" ref={place} tabIndex={-1} aria-label={words.import.progress}>
      {run ? (
        <>
          <Progress {...run} />
          {run.is === 'running' ? (
            <button type="button" onClick={stop}>
              {words.import.stop}
            </button>
          ) : (
            <span class="soft">{words.import.stopping}</span>
          )}
          {waits && <p class="soft">{words.import.waits}</p>}
        </>
      ) : ready.length > 0 ? (
        <button type="button" class="primary" onClick={begin}>
          {hasBegun ? words.import.goOn(ready.length) : words.import.begin(ready.length)}
        </button>
      ) : (
        <p>
          {left === rows.length ? words.import.saidRead(0, left) : words.import.saidEnded(rows.length - left, left)}
        </p>
      )}
    </section>
  )
}

/** Number of parts into which progress is divided for announcements. */
const parts = 4

function Progress({ settled, of }: { settled: number; of: number }) {
  const id = useId()
  const part = Math.floor((settled / of) * parts)
  useEffect(() => {
    if (part > 0 && part < parts) announce(words.import.saidPart(settled, of))
  }, [part])
  return (
    <div class="progress">
      <label for={id} class="unseen">
        {words.import.progress}
      </label>
      <progress id={id} max={of} value={settled} />
      <span aria-hidden="true">{words.import.progressOf(settled, of)}</span>
    </div>
  )
}
