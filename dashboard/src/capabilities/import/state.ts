import type { RequestOptions } from '../../../../packages/client/src/index.js'
import { numberNames } from '../../inputs'
import { caller } from '../../sign-in/caller'
import { Store } from '../../store'
import { locale } from '../../words'
import type { Cells } from './cells'
import { type CheckedRow, check, withServerFaults } from './check'
import type { Column, Mapping, Table } from './columns'
import { type Existing, ownerKey } from './existing'
import { type DecimalSeparator, localeNotation, type Notation } from './notation'
import { afterReload, type CellTexts, duplicatesOf, type Row } from './rows'
import { deleteImport, loadImport, saveImport, saveRow } from './storage'

/** The pasted table, and where each column is. A reload keeps only the rows. */
export interface Source {
  cells: Cells
  table: Table
  mapping: Mapping
  /** Decimal separator of the table's numbers, if it is known. */
  separator: DecimalSeparator | undefined
}

export interface ImportState {
  source: Source | null
  notation: Notation
  rows: readonly Row[]
  /** Counts the tables that were read or discarded. */
  generation: number
  /** Counts changes to the content of the rows. */
  revision: number
  /** Existing calculations of the rows' mentors, as far as they are read. */
  existing: Existing
  isComparing: boolean
  /** Whether rows that match an existing calculation are imported, too. */
  includesExisting: boolean
  /** Progress of an import or of its undoing. While `stopping`, only requests that are in flight are awaited. */
  run: { action: 'import' | 'undo'; status: 'running' | 'stopping'; settled: number; total: number } | null
  /** Whether a reload interrupted the undoing. */
  isUndoInterrupted: boolean
  /** Whether a request waits for the server. */
  isWaiting: boolean
  /** Why reading or sending can't begin or continue. */
  failure: string | null
}

export const noExisting = (): Existing => ({ sessions: new Map(), owners: new Map() })

export const noImport = (): ImportState => ({
  source: null,
  notation: localeNotation(locale),
  rows: [],
  generation: 0,
  revision: 0,
  existing: noExisting(),
  isComparing: false,
  includesExisting: false,
  run: null,
  isUndoInterrupted: false,
  isWaiting: false,
  failure: null,
})

/** The pasted rows, until they are discarded. Sending continues while other views are open. */
export const importState = new Store<ImportState>(restore())

function restore(): ImportState {
  const stored = loadImport(caller.value.by)
  return stored ? { ...noImport(), ...stored, rows: stored.rows.map(afterReload) } : noImport()
}

export const update = (to: Partial<ImportState>): void => importState.set({ ...importState.value, ...to })

/** Minimum time between two notifications while rows are sent, in ms. */
const minUpdateGapMs = 100
let isUpdateDue = false

export function updateSoon(to: Partial<ImportState>): void {
  importState.value = { ...importState.value, ...to }
  if (isUpdateDue) return
  isUpdateDue = true
  setTimeout(() => {
    isUpdateDue = false
    importState.notify()
  }, minUpdateGapMs)
}

let checkedByTexts = new WeakMap<CellTexts, CheckedRow>()

/** Returns the content of a row and its faults, including those that the server reported. */
export function checkRow({ texts, refusal }: Row): CheckedRow {
  const checked = checkedByTexts.get(texts) ?? check(texts, importState.value.notation)
  checkedByTexts.set(texts, checked)
  return refusal ? withServerFaults(checked, refusal) : checked
}

/** Forgets what the rows were read as, because they are now read differently. */
export function forgetChecks(): void {
  checkedByTexts = new WeakMap()
}

export const isFaulty = (row: Row): boolean => Object.keys(checkRow(row).faults).length > 0

/** Returns whether the row needs a currency, because its sign may mean several. */
export const asksForCurrency = (row: Row): boolean => {
  const { faults, inputs } = checkRow(row)
  return faults.currency !== undefined && inputs.currency === null
}

/** Maps each duplicate row to the first row with the same content. */
export const findDuplicates = (rows: readonly Row[]): Map<number, number> =>
  duplicatesOf(rows, row => checkRow(row).content)

/** Returns the columns that a calculation needs. */
export const requiredColumns = (): Column[] => [
  ...(caller.value.mentor_id === null ? (['mentorId'] as const) : []),
  ...numberNames,
]

export const isDone = ({ state }: Row): boolean => state === 'done'

/** Returns the existing calculation that a row matches, if it was not sent yet. Null if there is none. */
export const existingOf = (row: Row): string | null =>
  row.keys === null && !isDone(row) && !isFaulty(row)
    ? (importState.value.existing.sessions.get(checkRow(row).comparison) ?? null)
    : null

/** Returns whether not all existing calculations were read that the row might match. */
export const isUncompared = (row: Row): boolean =>
  row.keys === null &&
  !isDone(row) &&
  existingOf(row) === null &&
  importState.value.existing.owners.get(ownerKey(checkRow(row))) === false

/** Returns whether a row is skipped, because it matches an existing calculation. */
export const isSkipped = (row: Row): boolean => !importState.value.includesExisting && existingOf(row) !== null

/** Returns whether a row can be sent: its response is missing, or it has no known fault and is not skipped. */
export const isReady = (row: Row): boolean =>
  row.state === 'unanswered' || (!isDone(row) && !isFaulty(row) && !isSkipped(row))

/** Returns whether a row is still to be imported or corrected. */
export const isPending = (row: Row): boolean => !isDone(row) && !isSkipped(row)

/** Returns whether a row can be undone: its response is there, and no change of its calculation is known. */
export const isUndoable = ({ state, session, version, isKept }: Row): boolean =>
  session !== null && version !== null && !isKept && state !== 'unanswered' && state !== 'sending'

/** Reports why nothing was read or sent. */
export const reportFailure = (failure: string): void => update({ failure })

export function replaceRow(row: Row): void {
  const { rows } = importState.value
  updateSoon({ rows: rows.map(other => (other.id === row.id ? row : other)) })
  try {
    saveRow(row)
  } catch {
    // `startImport` reports missing room before it sends anything.
  }
}

/** Stores the import for a reload. Returns whether the browser has room for it. */
export function saveAll(): boolean {
  const { notation, rows, includesExisting, run } = importState.value
  try {
    deleteImport()
    saveImport(
      { by: caller.value.by, notation, includesExisting, isUndoInterrupted: run?.action === 'undo' },
      rows.map(({ id }) => id),
    )
    for (const row of rows) saveRow(row)
    return true
  } catch {
    deleteImport()
    return false
  }
}

let stopping = new AbortController()

export const isRunning = (): boolean => importState.value.run?.status === 'running'

/** Begins to send requests for some rows. */
export function beginRun(action: 'import' | 'undo', total: number): void {
  stopping = new AbortController()
  update({ run: { action, status: 'running', settled: 0, total }, isUndoInterrupted: false, failure: null })
}

export const endRun = (): void => update({ run: null, isWaiting: false, revision: importState.value.revision + 1 })

/** Sends no more rows. Requests in flight are still awaited. */
export function stopRun(): void {
  const { run } = importState.value
  if (run) update({ run: { ...run, status: 'stopping' } })
  stopping.abort()
}

/** Counts a row whose response is there. */
export function settle(row: Row): void {
  replaceRow(row)
  const { run } = importState.value
  if (run && row.state !== 'unanswered') updateSoon({ run: { ...run, settled: run.settled + 1 }, isWaiting: false })
}

/**
 * Returns the options of a request. It is retried until `stopRun`. After that, the rest of a row that was begun is tried
 * once.
 */
export function requestOptions(): RequestOptions {
  const { signal } = stopping
  if (signal.aborted) return { maxAttempts: 1 }
  return { maxAttempts: Number.POSITIVE_INFINITY, signal, onRetry: () => updateSoon({ isWaiting: true }) }
}

addEventListener('beforeunload', event => {
  const { rows, run } = importState.value
  if (run || rows.some(isPending)) event.preventDefault()
})
