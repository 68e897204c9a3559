import type { RequestOptions } from '../../../../packages/client/src/index.js'
import { numberNames } from '../../inputs'
import { caller } from '../../sign-in/caller'
import { Store } from '../../store'
import { locale } from '../../words'
import type { Cells } from './cells'
import { type CheckedRow, check, withFaults } from './check'
import type { Column, Decision, Mapping, Table } from './columns'
import { type Existing, ownerKey } from './existing'
import { type DecimalSeparator, localeNotation, type Notation } from './notation'
import { type CellTexts, duplicatesOf, isEditable, type Row } from './rows'
import { deleteImport, loadImport, saveImport, saveRow } from './storage'
import { importWords } from './words'

/** Existing names that differ from names in the rows only in spelling, keyed by kind and `nameKey`. */
export type KnownNames = ReadonlyMap<string, readonly string[]>

/** The pasted table, and the column of each field. Unlike the rows, the table is lost when the page is reloaded. */
export interface Source {
  cells: Cells
  table: Table
  mapping: Mapping
  /**
   * Questions to the user about columns. A question remains after the user has answered it, so that the user can change
   * the answer.
   */
  decisions: readonly Decision[]
  /** Decimal separator of the table's numbers, or undefined if it is unknown. */
  separator: DecimalSeparator | undefined
}

export interface ImportState {
  /**
   * Random id of the import. A row without an external id gets an external id that consists of the import's id and the
   * row number.
   */
  id: string
  source: Source | null
  notation: Notation
  rows: readonly Row[]
  /** Counter that increases when a table is read or discarded. */
  generation: number
  /** Counter that increases when the rows' content, or the way they are parsed, changes. */
  revision: number
  /** The existing calculations that have been read so far for the mentors in the rows. */
  existing: Existing
  isComparing: boolean
  /** Whether rows that have the same content as an earlier row are also imported. */
  includesDuplicates: boolean
  /** Whether rows that match an existing calculation are also imported. */
  includesExisting: boolean
  /** Whether rows that look like totals, headings or remarks are also imported. */
  includesAsides: boolean
  /** The existing names, among those read so far, that differ from names in the rows only in spelling. */
  knownNames: KnownNames
  /**
   * Numbers of calculations that the latest undo deleted and kept. Null if there was no undo, or if the import has
   * changed since.
   */
  undone: { deleted: number; kept: number } | null
  /**
   * Progress of an import or undo. `settled` is the number of rows that have been stored or deleted so far. In the
   * status `stopping`, the run waits for the requests in progress and sends no further requests.
   */
  run: { action: 'import' | 'undo'; status: 'running' | 'stopping'; settled: number; total: number } | null
  /** Whether a page reload has interrupted an undo. */
  isUndoInterrupted: boolean
  /** Whether requests are being retried because the server is unreachable. */
  isWaiting: boolean
  /** Message that says why the page could not read or send rows. */
  failure: string | null
}

export const noExisting = (): Existing => ({ sessions: new Map(), owners: new Map() })

export const noImport = (): ImportState => ({
  id: '',
  source: null,
  notation: localeNotation(locale),
  rows: [],
  generation: 0,
  revision: 0,
  existing: noExisting(),
  isComparing: false,
  includesDuplicates: false,
  includesExisting: false,
  includesAsides: false,
  knownNames: new Map(),
  undone: null,
  run: null,
  isUndoInterrupted: false,
  isWaiting: false,
  failure: null,
})

/** State of the import. Rows are kept until the user discards them. Sending continues while other views are open. */
export const importState = new Store<ImportState>(restore())

function restore(): ImportState {
  return { ...noImport(), ...loadImport(caller.value.by) }
}

export const update = (to: Partial<ImportState>): void => importState.set({ ...importState.value, ...to })

/** Minimum time in ms between two notifications of the store's watchers while rows are sent. */
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

/** Checks a row in isolation. Does not detect errors that depend on other rows or on the server. */
function checkAlone({ texts }: Row): CheckedRow {
  const checked = checkedByTexts.get(texts) ?? check(texts, importState.value.notation)
  checkedByTexts.set(texts, checked)
  return checked
}

/** Checks a row. The result includes errors that depend on other rows, and errors that the server reported. */
export function checkRow(row: Row): CheckedRow {
  const checked = checkAlone(row)
  const shared = isEditable(row) ? duplicates().ofIds.get(row.id) : undefined
  if (!row.refusal && shared === undefined) return checked
  return withFaults(checked, {
    ...row.refusal?.details,
    ...(shared !== undefined && { externalId: importWords.sharedId(shared) }),
  })
}

/** Clears the cached results of row checks, because the notation has changed. */
export function forgetChecks(): void {
  checkedByTexts = new WeakMap()
}

export function isFaulty(row: Row): boolean {
  for (const _ in checkRow(row).faults) return true
  return false
}

/** Whether a row has an error that the user can correct only in the row itself. */
export const needsFixing = (row: Row): boolean => Object.values(checkRow(row).faults).some(fault => !fault.isAsked)

interface Duplicates {
  /** Maps each duplicate row to the id of the first row with the same content. */
  ofContent: ReadonlyMap<number, number>
  /** Maps each row that repeats an earlier row's external id, but not its content, to the id of the earlier row. */
  ofIds: ReadonlyMap<number, number>
}

let known: { rows: readonly Row[]; revision: number; duplicates: Duplicates } | undefined

/** Returns the rows that repeat the content or the external id of earlier rows. */
export function duplicates(): Duplicates {
  const { rows, revision } = importState.value
  if (known?.rows !== rows || known.revision !== revision) {
    const calculations = rows.filter(({ isAside }) => !isAside)
    const ofContent = duplicatesOf(calculations, row => checkAlone(row).content)
    const ofIds = duplicatesOf(calculations, row => {
      const { organisationId, externalId } = checkAlone(row)
      return externalId === null || ofContent.has(row.id) ? null : JSON.stringify([organisationId, externalId])
    })
    known = { rows, revision, duplicates: { ofContent, ofIds } }
  }
  return known.duplicates
}

export const requiredColumns = (): Column[] => [
  ...(caller.value.mentorId === null ? (['mentorId'] as const) : []),
  ...numberNames,
]

export const isDone = ({ state }: Row): boolean => state === 'done'

/**
 * Whether the row's calculation is stored, either by this import or by an earlier request with the same external id.
 */
export const isStored = ({ state }: Row): boolean => state === 'done' || state === 'existing'

/** Returns the session id of the existing calculation that an unsent row matches, or null if the row matches none. */
export const matchOf = (row: Row): string | null =>
  row.state === 'unsent' && !isFaulty(row)
    ? (importState.value.existing.sessions.get(checkRow(row).comparison) ?? null)
    : null

/** Whether the row's calculation already existed before this import. */
export const isExisting = (row: Row): boolean => row.state === 'existing' || matchOf(row) !== null

/** Whether the row might match an existing calculation that was not read. */
export const isUncompared = (row: Row): boolean =>
  row.state === 'unsent' &&
  matchOf(row) === null &&
  importState.value.existing.owners.get(ownerKey(checkRow(row))) === false

/**
 * If the row is a duplicate that has not been imported, returns the id of the first row with the same content.
 * Otherwise, returns null.
 */
export const duplicateOf = (row: Row): number | null =>
  isEditable(row) ? (duplicates().ofContent.get(row.id) ?? null) : null
export const isDuplicate = (row: Row): boolean => duplicateOf(row) !== null

/** Reason why a row is skipped by default. The user can choose to import skipped rows. */
export type SkipReason = 'aside' | 'duplicate' | 'existing'

/** Returns the reason why a row is skipped, or null if the row is not skipped. */
export function skipReason(row: Row): SkipReason | null {
  const { includesDuplicates, includesExisting, includesAsides } = importState.value
  if (isStored(row)) return null
  if (!includesAsides && row.isAside) return 'aside'
  if (!includesDuplicates && isDuplicate(row)) return 'duplicate'
  return !includesExisting && matchOf(row) !== null ? 'existing' : null
}

export const isSkipped = (row: Row): boolean => skipReason(row) !== null

/**
 * Whether a row can be sent. Rows that were sent without an outcome can be sent again, and other rows can be sent if
 * they are valid, not yet stored, and not skipped.
 */
export const isReady = (row: Row): boolean =>
  row.state === 'sent' || (!isStored(row) && !isFaulty(row) && !isSkipped(row))

/** Whether a row still has to be imported or corrected. */
export const isPending = (row: Row): boolean => !isStored(row) && !isSkipped(row)

/** Whether a row has an error that the user must correct before the row can be imported. */
export const isToFix = (row: Row): boolean => isPending(row) && !isReady(row) && needsFixing(row)

/** Whether a row can be imported once the user has answered a question. */
export const isAsked = (row: Row): boolean => isPending(row) && !isReady(row) && !needsFixing(row)

/** Whether a row was sent but has no outcome yet. */
export const isUnanswered = ({ state }: Row): boolean => state === 'sent'

/**
 * Whether an undo can delete the row's calculation. Returns true if this import created the calculation, and no later
 * change to it is known.
 */
export const isUndoable = (row: Row): boolean => isDone(row) && !row.isKept

export const reportFailure = (failure: string): void => update({ failure })

/** Replaces rows of the import with the given rows that have the same ids. */
export function replaceRows(others: readonly Row[]): void {
  const byId = new Map(others.map(row => [row.id, row]))
  updateSoon({ rows: importState.value.rows.map(row => byId.get(row.id) ?? row) })
  try {
    for (const row of others) saveRow(row)
  } catch {
    // If the storage is full, `startImport` reports this before it sends any rows.
  }
}

/** Saves the import in session storage, so that it survives a page reload. Returns false if the storage is full. */
export function saveAll(): boolean {
  const { id, notation, rows, includesDuplicates, includesExisting, includesAsides, run } = importState.value
  const isUndoInterrupted = run?.action === 'undo'
  try {
    deleteImport()
    saveImport(
      { by: caller.value.by, id, notation, includesDuplicates, includesExisting, includesAsides, isUndoInterrupted },
      rows.map(({ id }) => id),
    )
    for (const row of rows) saveRow(row)
    return true
  } catch {
    deleteImport()
    return false
  }
}

let stopController = new AbortController()

export const stopping = (): AbortSignal => stopController.signal

export const isRunning = (): boolean => importState.value.run?.status === 'running'

/** Starts an import or undo that processes `total` rows. */
export function beginRun(action: 'import' | 'undo', total: number): void {
  stopController = new AbortController()
  update({
    run: { action, status: 'running', settled: 0, total },
    isUndoInterrupted: false,
    undone: null,
    failure: null,
  })
}

export const endRun = (): void => update({ run: null, isWaiting: false, revision: importState.value.revision + 1 })

/** Stops sending rows. Responses to requests in progress are still processed. */
export function stopRun(): void {
  const { run } = importState.value
  if (run) update({ run: { ...run, status: 'stopping' } })
  stopController.abort()
}

/** Adds to the number of rows that this run has stored or deleted. */
export function countSettled(count: number): void {
  const { run } = importState.value
  if (run) updateSoon({ run: { ...run, settled: run.settled + count }, isWaiting: false })
}

/** Reduces the run's total by the number of rows that will be neither stored nor deleted. */
export function countLess(count: number): void {
  const { run } = importState.value
  if (run) updateSoon({ run: { ...run, total: run.total - count }, isWaiting: false })
}

/**
 * Returns request options that allow retries until `stopRun` is called. After `stopRun`, each request is attempted only
 * once.
 */
export function requestOptions(): RequestOptions {
  const signal = stopping()
  if (signal.aborted) return { maxAttempts: 1 }
  return { maxAttempts: Number.POSITIVE_INFINITY, signal, onRetry: () => updateSoon({ isWaiting: true }) }
}

addEventListener('beforeunload', event => {
  const { rows, run } = importState.value
  if (run || rows.some(isPending)) event.preventDefault()
})
