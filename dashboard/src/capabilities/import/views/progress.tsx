import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks'
import { announce } from '../../../store'
import { ConfirmButton } from '../../../views/confirm-button'
import { startImport } from '../send'
import {
  type ImportState,
  isAsked,
  isDone,
  isReady,
  isStored,
  isToFix,
  isUnanswered,
  isUndoable,
  skipReason,
  stopRun,
} from '../state'
import { undoImport } from '../undo'
import { importWords } from '../words'
import type { RowKind } from './grid'
import './progress.css'

interface ImportProgressProps extends ImportState {
  /** Makes the grid show only rows of one kind. */
  setKind(kind: RowKind): void
}

/** Buttons that start, stop and undo the import, with its progress and the reasons why rows are skipped. */
export function ImportProgress({ rows, run, undone, isComparing, isWaiting, setKind }: ImportProgressProps) {
  const ready = rows.filter(isReady)
  const done = rows.filter(isDone).length
  const unstored = rows.filter(row => !isStored(row)).length
  const unanswered = rows.filter(isUnanswered).length
  const undoable = rows.filter(isUndoable).length
  const begin = done + unanswered > 0 ? importWords.goOn : importWords.begin
  const section = useRef<HTMLElement>(null)
  const status = run?.status
  const label = run?.action === 'undo' ? importWords.undoProgress : importWords.progress
  // Restore the focus, which is lost when the button that the user clicked is replaced or removed.
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
              {importWords.stop}
            </button>
          ) : (
            <span class="soft">{importWords.stopping[run.action]}</span>
          )}
          {isWaiting && <p class="soft">{importWords.waits}</p>}
        </>
      ) : isComparing ? (
        <p class="soft">{importWords.comparing}</p>
      ) : ready.length > 0 ? (
        <button type="button" class="primary" onClick={startImport}>
          {begin(ready.length, unstored - ready.length)}
        </button>
      ) : (
        <p>{unstored === rows.length ? importWords.noneReady : importWords.announcedEnded(done, unstored)}</p>
      )}
      {!run && !isComparing && undoable + unanswered > 0 && (
        <ConfirmButton
          action={importWords.undo}
          keep={importWords.undoKeep(undoable + unanswered)}
          heading={importWords.undoHeading}
          failure={null}
          onConfirm={async () => {
            void undoImport()
            return true
          }}
        >
          {undoable > 0 && <p>{importWords.undoWhat(undoable)}</p>}
          {unanswered > 0 && <p>{importWords.undoUnanswered(unanswered)}</p>}
        </ConfirmButton>
      )}
      {!run && unstored > ready.length && <LeftOutReasons rows={rows} setKind={setKind} />}
      {!run && undone && <p class="undone">{importWords.undone(undone.deleted, undone.kept)}</p>}
    </section>
  )
}

/** Lists the reasons why rows are skipped. Clicking a reason shows the rows that are skipped for this reason. */
function LeftOutReasons({ rows, setKind }: Pick<ImportProgressProps, 'rows' | 'setKind'>) {
  const counts = new Map<keyof typeof importWords.reasons, number>()
  for (const row of rows) {
    const reason = skipReason(row) ?? (isToFix(row) ? 'faulty' : isAsked(row) ? 'asked' : null)
    if (reason !== null) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  return (
    <p class="reasons">
      {importWords.leftOutReasons}{' '}
      {[...counts].map(([reason, count]) => (
        <button
          key={reason}
          type="button"
          class="quiet"
          onClick={({ currentTarget }) => {
            setKind(reason)
            currentTarget.closest('.import')?.querySelector('.tools')?.scrollIntoView()
          }}
        >
          {importWords.reasons[reason](count)}
        </button>
      ))}
    </p>
  )
}

/** Number of equal parts into which a run is divided. Progress is announced after each part except the last one. */
const parts = 4

function Progress({ settled, total, label }: { settled: number; total: number; label: string }) {
  const id = useId()
  const part = Math.floor((settled / total) * parts)
  useEffect(() => {
    if (part > 0 && part < parts) announce(importWords.announcedPart(settled, total))
  }, [part])
  return (
    <div class="progress">
      <label for={id} class="unseen">
        {label}
      </label>
      <progress id={id} max={total} value={settled} />
      <span aria-hidden="true">{importWords.progressOf(settled, total)}</span>
    </div>
  )
}
