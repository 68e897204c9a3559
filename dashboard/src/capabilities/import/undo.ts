import { ApiError, isApiError } from '../../../../packages/client/src/index.js'
import { forEachConcurrently } from '../../concurrency'
import { client } from '../../graphql/client'
import { announce } from '../../store'
import { newRow, type Row } from './rows'
import { findOutcomes } from './send'
import {
  beginRun,
  countSettled,
  endRun,
  importState,
  isRunning,
  isUnanswered,
  isUndoable,
  replaceRows,
  requestOptions,
  saveAll,
  stopRun,
  update,
  updateSoon,
} from './state'
import { importWords } from './words'

/** Version of an imported session that nobody has changed: 1 after the start, plus 2 for the calculation. */
const importedVersion = 3

/**
 * Deletes the calculations that this import created, except calculations that have been changed since the import. The
 * rows of deleted calculations can be imported again. Resolves when every calculation has been deleted or kept, or soon
 * after `stopRun` is called.
 */
export async function undoImport(): Promise<void> {
  const { rows, run, isComparing } = importState.value
  if (run || isComparing) return
  beginRun('undo', rows.filter(isUnanswered).length || rows.filter(isUndoable).length)
  saveAll()
  await findOutcomes()
  const undoable = importState.value.rows.filter(isUndoable)
  if (isRunning()) beginRun('undo', undoable.length)
  const deleted = new Set<string | null>()
  await forEachConcurrently(undoable, isRunning, async row => {
    const undone = await undoRow(row)
    if (undone === row) return
    if (undone.session === null) deleted.add(row.session)
    replaceRows([undone])
    countSettled(1)
  })
  const { existing } = importState.value
  const sessions = new Map([...existing.sessions].filter(([, session]) => !deleted.has(session)))
  update({ existing: { ...existing, sessions } })
  endRun()
  saveAll()
  const undone = { deleted: deleted.size, kept: importState.value.rows.filter(({ isKept }) => isKept).length }
  update({ undone })
  announce(importWords.undone(undone.deleted, undone.kept))
}

/** Continues an undo that a page reload has interrupted. Resolves when the undo has ended. */
export async function resumeUndo(): Promise<void> {
  if (importState.value.isUndoInterrupted) await undoImport()
}

/** Deletes a row's calculation and returns the updated row. Returns the row unchanged if the outcome is unknown. */
async function undoRow(row: Row): Promise<Row> {
  try {
    await client.closeSession({ id: String(row.session), version: importedVersion }, requestOptions())
  } catch (error) {
    if (isApiError(error, 'VERSION_MISMATCH')) return { ...row, isKept: true }
    if (!isApiError(error, 'SESSION_NOT_FOUND')) {
      if (error instanceof ApiError) {
        stopRun()
        updateSoon({ failure: error.message })
      }
      return row
    }
  }
  return newRow(row.id, row.texts)
}
