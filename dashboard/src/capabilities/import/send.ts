import { ApiError, ConnectionError, isApiError } from '../../../../packages/client/src/index.js'
import { backoffMs, delay } from '../../../../packages/client/src/retry.js'
import type { Outcome } from '../../../../src/capabilities/import/model'
import { announce } from '../../store'
import { compareRows } from './compare'
import { hasMadeId, newSessionOf, refusalOf } from './new-session'
import { postLines } from './post-rows'
import { newRow, type Row, rowsPerRequest } from './rows'
import {
  beginRun,
  countLess,
  countSettled,
  endRun,
  importState,
  isDone,
  isReady,
  isRunning,
  isSkipped,
  isStored,
  isUnanswered,
  replaceRows,
  reportFailure,
  saveAll,
  stopping,
  stopRun,
  updateSoon,
} from './state'
import { importWords } from './words'

/** Maximum delay in ms before a retry, even if the server requests a longer delay. */
const maxDelayMs = 30_000

/**
 * Imports the rows that are ready. Resolves when every row has an outcome, or soon after `stopRun` is called. First
 * compares the rows with existing calculations again. Sends nothing if this comparison causes more rows to be skipped,
 * or if the user changes, replaces or discards rows in the meantime. The user can then decide whether to import the
 * remaining rows.
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
  const ready = importState.value.rows.filter(isReady)
  replaceRows(ready.filter(({ state }) => state === 'refused').map(({ id, texts }) => newRow(id, texts)))
  if (!saveAll()) {
    reportFailure(importWords.noRoom)
    return
  }
  beginRun('import', ready.length)
  announce(importWords.announcedBegun(ready.length))
  await inRequests(ready, isReady, importRows)
  endRun()
  const { rows: ended } = importState.value
  const unstored = ended.filter(row => !isStored(row)).length
  announce(importWords.announcedEnded(ended.filter(isDone).length, unstored))
}

/**
 * For rows that were sent but have no outcome, asks the server which of them it has stored, without storing the others.
 */
export async function findOutcomes(): Promise<void> {
  await inRequests(importState.value.rows, isUnanswered, async rows => {
    const stored = await storedAmong(rows)
    const others = rows.filter(row => !stored.has(row))
    replaceRows(others.map(row => ({ ...row, state: 'unsent' })))
    countLess(others.length)
    // If the server has already stored a row, it returns the existing session.
    if (stored.size > 0) await post([...stored], (row, outcome) => outcomeOf(row, outcome, true))
  })
}

/**
 * Passes the rows for which `wanted` returns true to `send`, in batches that each fit in one request, until no such
 * rows are left. While the server is unreachable, retries until `stopRun` is called. Stops the run if the server
 * refuses a whole request.
 */
async function inRequests(
  rows: readonly Row[],
  wanted: (row: Row) => boolean,
  send: (rows: Row[]) => Promise<void>,
): Promise<void> {
  const ids = new Set(rows.map(({ id }) => id))
  const isLeft = (row: Row): boolean => ids.has(row.id) && wanted(row) && row.state !== 'refused'
  for (let attempt = 0; isRunning(); ) {
    // Read the rows' current state, because the user may have edited rows in the meantime.
    const next = importState.value.rows.filter(isLeft).slice(0, rowsPerRequest)
    if (next.length === 0) return
    try {
      await send(next)
      attempt = 0
    } catch (error) {
      if (error instanceof ConnectionError) await waitForServer(error, attempt++)
      else if (!isApiError(error, 'PAYLOAD_TOO_LARGE')) stopBecauseOf(error)
    }
  }
}

async function waitForServer({ retryAfterMs }: ConnectionError, attempt: number): Promise<void> {
  if (!isRunning()) return
  updateSoon({ isWaiting: true })
  await delay(Math.max(Math.min(retryAfterMs, maxDelayMs), backoffMs(attempt)), stopping()).catch(() => {})
}

function stopBecauseOf(error: unknown): void {
  if (!(error instanceof ApiError)) throw error
  stopRun()
  updateSoon({ failure: error.message })
}

/** Sends rows and records their outcomes. */
async function importRows(rows: Row[]): Promise<void> {
  const isResent = new Set(rows.filter(isUnanswered).map(({ id }) => id))
  const unknown = rows.filter(row => !isResent.has(row.id) && !hasMadeId(row))
  const existing = unknown.length === 0 ? new Set<Row>() : await storedAmong(unknown)
  const sent = rows.map((row): Row => (existing.has(row) ? row : { ...row, state: 'sent', refusal: null }))
  replaceRows(sent)
  await post(sent, (row, outcome) => outcomeOf(row, outcome, hasMadeId(row) || isResent.has(row.id)))
}

/** Returns the rows for which the server already has sessions. Does not store any rows. */
async function storedAmong(rows: Row[]): Promise<Set<Row>> {
  const stored = new Set<Row>()
  const keep = (outcomes: [Row, Outcome][]): void => {
    for (const [row, { status }] of outcomes) if (status === 'repeated') stored.add(row)
  }
  await postRows(rows, keep, { isDryRun: true })
  return stored
}

/** Sends rows, and replaces each row with the row that `afterwards` returns. */
const post = (rows: Row[], afterwards: (row: Row, outcome: Outcome) => Row): Promise<void> =>
  postRows(rows, outcomes => settle(outcomes.map(outcome => afterwards(...outcome))))

/**
 * Sends rows, and calls `onOutcomes` with each batch of outcomes that arrives. If the server reports that the request
 * is too large, marks the first row without an outcome as refused and throws PAYLOAD_TOO_LARGE.
 */
async function postRows(
  rows: Row[],
  onOutcomes: (outcomes: [Row, Outcome][]) => void,
  options: { isDryRun?: boolean } = {},
): Promise<void> {
  const left = new Set(rows)
  const withRow = (outcome: Outcome): [Row, Outcome] => {
    const row = rows[outcome.line - 1] as Row
    left.delete(row)
    return [row, outcome]
  }
  try {
    await postLines(rows.map(newSessionOf), outcomes => onOutcomes(outcomes.map(withRow)), options)
  } catch (error) {
    const [first] = left
    if (first && isApiError(error, 'PAYLOAD_TOO_LARGE')) {
      settle([{ ...first, state: 'refused', refusal: refusalOf(first, { code: 'payload_too_large' }) }])
    }
    throw error
  }
}

/** Updates the rows that the server has stored or refused, and the progress of the run. */
function settle(rows: Row[]): void {
  replaceRows(rows)
  const refused = rows.filter(({ state }) => state === 'refused').length
  countSettled(rows.length - refused)
  countLess(refused)
}

/**
 * Returns the row, updated with the outcome that the server reported. If the server had already stored the row, `isOwn`
 * says whether this import had sent the row before.
 */
function outcomeOf(row: Row, outcome: Outcome, isOwn: boolean): Row {
  const { status, session_id = null } = outcome
  if (status === 'refused') return { ...row, state: 'refused', refusal: refusalOf(row, outcome) }
  return { ...row, state: status === 'created' || isOwn ? 'done' : 'existing', session: session_id, refusal: null }
}
