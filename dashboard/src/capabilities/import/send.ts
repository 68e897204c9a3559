import { ApiError, type CalculationInputs, createIdempotencyKey } from '../../../../packages/client/src/index.js'
import { forEachConcurrently } from '../../concurrency'
import { client, invalidMembers } from '../../graphql/client'
import { isOrganisationRefused } from '../../sign-in/caller'
import { announce } from '../../store'
import { words } from '../../words'
import { compareRows } from './compare'
import type { Row } from './rows'
import {
  beginRun,
  checkRow,
  endRun,
  importState,
  isDone,
  isReady,
  isRunning,
  isSkipped,
  replaceRow,
  reportFailure,
  requestOptions,
  saveAll,
  settle,
  stopRun,
  updateSoon,
} from './state'
import { importWords } from './words'

/**
 * Sends the rows that are ready. Each starts a session and calculates. Resolves when all are settled, or soon after
 * `stopRun`. Sends nothing if edited rows turn out to match existing calculations, or if the user changes, replaces or
 * discards rows meanwhile, so that the user can decide.
 */
export async function startImport(): Promise<void> {
  const { rows, notation, run, isComparing } = importState.value
  if (run || isComparing) return
  const countSkipped = (): number => importState.value.rows.filter(isSkipped).length
  const skipped = countSkipped()
  await compareRows()
  const now = importState.value
  if (now.run || now.rows !== rows || now.notation !== notation) return
  if (countSkipped() > skipped) return
  if (!saveAll()) {
    reportFailure(importWords.noRoom)
    return
  }
  const ready = importState.value.rows.filter(isReady)
  beginRun('import', ready.length)
  announce(importWords.announcedBegun(ready.length))
  await forEachConcurrently(ready, isRunning, async ({ id }) => {
    // Reads the row again, because it may have been edited.
    const row = importState.value.rows.find(row => row.id === id)
    if (row && isReady(row)) settle(await sendRow(row))
  })
  endRun()
  const done = importState.value.rows.filter(isDone).length
  announce(importWords.announcedEnded(done, importState.value.rows.length - done))
}

/** Sends a row and returns it with its new state. */
async function sendRow(row: Row): Promise<Row> {
  const { mentorId, organisationId, inputs } = checkRow(row)
  const keys = row.keys ?? { start: createIdempotencyKey(), calculation: createIdempotencyKey() }
  let sent: Row = { ...row, state: 'sending', keys, refusal: null }
  replaceRow(sent)
  let id = sent.session
  try {
    if (id === null) {
      const newSession = { mentorId, organisationId: organisationId || null }
      const { session } = await client.startSession(newSession, { ...requestOptions(), idempotencyKey: keys.start })
      id = session.id
      sent = { ...sent, session: id, version: session.version }
      replaceRow(sent)
    }
    const { session } = await client.calculate({ id, version: null }, inputs as CalculationInputs, {
      ...requestOptions(),
      idempotencyKey: keys.calculation,
    })
    return { ...sent, state: 'done', version: session.version }
  } catch (error) {
    return afterError(sent, error)
  }
}

/** Returns the row after an error. A refused row can be corrected. If there was no response, its outcome is unknown. */
function afterError(row: Row, error: unknown): Row {
  if (!(error instanceof ApiError)) return { ...row, state: 'unanswered' }
  const { code } = error
  const isOrganisation = isOrganisationRefused(error, checkRow(row).organisationId)
  const message = isOrganisation ? words.start.noOrganisation : error.message
  if (code === 'UNAUTHENTICATED') {
    stopRun()
    updateSoon({ failure: message })
    return { ...row, state: 'unanswered' }
  }
  const refused: Row = { ...row, state: 'refused', refusal: { members: invalidMembers(error), message } }
  // The session was closed meanwhile. The next attempt starts a new one.
  return code === 'SESSION_NOT_FOUND' ? { ...refused, session: null, version: null, keys: null } : refused
}
