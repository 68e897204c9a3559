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

/** Names that exist in the system, by the kind and the `nameKey` of a name in the rows. */
export type KnownNames = ReadonlyMap<string, readonly string[]>

/** The pasted table, and where each column is. A reload keeps only the rows. */
export interface Source {
  cells: Cells
  table: Table
  mapping: Mapping
  /** What the detected columns left to the user. It stays after an answer, so that the user can change the answer. */
  decisions: readonly Decision[]
  /** Decimal separator of the table's numbers, if it is known. */
  separator: DecimalSeparator | undefined
}

export interface ImportState {
  /** Random id. Together with its number, it is the external id of a row that has none. */
  id: string
  source: Source | null
  notation: Notation
  rows: readonly Row[]
  /** Number of tables that were read or discarded. */
  generation: number
  /** Number of changes to the content of the rows. */
  revision: number
  /** Existing calculations of the rows' mentors, as far as they are read. */
  existing: Existing
  isComparing: boolean
  /** Whether rows with the same content as an earlier row are imported too. */
  includesDuplicates: boolean
  /** Whether rows that match an existing calculation are imported too. */
  includesExisting: boolean
  /** Whether rows that look like totals, headings or remarks are imported too. */
  includesAsides: boolean
  /** Names that exist in the system, as far as they are read, by the name in the rows. */
  knownNames: KnownNames
  /** Number of calculations that undoing has deleted, and that it left. Null before undoing, and after the next change. */
  undone: { deleted: number; kept: number } | null
  /**
   * Progress of an import or of undoing it. `settled` counts rows that the server has stored or deleted. While
   * `stopping`, the run only waits for requests in progress.
   */
  run: { action: 'import' | 'undo'; status: 'running' | 'stopping'; settled: number; total: number } | null
  /** Whether a reload interrupted an undo. */
  isUndoInterrupted: boolean
  /** Whether a request waits for the server. */
  isWaiting: boolean
  /** Why reading or sending can't begin or continue. */
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

/** The pasted rows, until they are discarded. Sending continues while other views are open. */
export const importState = new Store<ImportState>(restore())

function restore(): ImportState {
  return { ...noImport(), ...loadImport(caller.value.by) }
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

/** Returns the content of a row and its faults, as far as they can be known without other rows and the server. */
function checkAlone({ texts }: Row): CheckedRow {
  const checked = checkedByTexts.get(texts) ?? check(texts, importState.value.notation)
  checkedByTexts.set(texts, checked)
  return checked
}

/** Returns the content of a row and its faults, including those that the server reported. */
export function checkRow(row: Row): CheckedRow {
  const checked = checkAlone(row)
  const shared = isEditable(row) ? duplicates().ofIds.get(row.id) : undefined
  if (!row.refusal && shared === undefined) return checked
  return withFaults(checked, {
    ...row.refusal?.details,
    ...(shared !== undefined && { externalId: importWords.sharedId(shared) }),
  })
}

/** Clears the cached checks, because the rows are now read differently. */
export function forgetChecks(): void {
  checkedByTexts = new WeakMap()
}

export function isFaulty(row: Row): boolean {
  for (const _ in checkRow(row).faults) return true
  return false
}

/** Whether a row has a fault that only a change of the row corrects. */
export const needsFixing = (row: Row): boolean => Object.values(checkRow(row).faults).some(fault => !fault.isAsked)

interface Duplicates {
  /** Maps each duplicate row to the first row with the same content. */
  ofContent: ReadonlyMap<number, number>
  /** Maps each row to the first row with the same external id, if that row has other content. */
  ofIds: ReadonlyMap<number, number>
}

let known: { rows: readonly Row[]; revision: number; duplicates: Duplicates } | undefined

/** Returns the rows that duplicate earlier rows. */
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
  ...(caller.value.mentor_id === null ? (['mentorId'] as const) : []),
  ...numberNames,
]

export const isDone = ({ state }: Row): boolean => state === 'done'

/** Whether a row has its calculation: an imported one, or one that its external id already had. */
export const isStored = ({ state }: Row): boolean => state === 'done' || state === 'existing'

/** Returns the existing calculation that an unsent row matches, or null if there is none. */
export const matchOf = (row: Row): string | null =>
  row.state === 'unsent' && !isFaulty(row)
    ? (importState.value.existing.sessions.get(checkRow(row).comparison) ?? null)
    : null

/** Whether the calculation of a row exists, but was not made by this import. */
export const isExisting = (row: Row): boolean => row.state === 'existing' || matchOf(row) !== null

/** Whether some existing calculations that the row might match were not read. */
export const isUncompared = (row: Row): boolean =>
  row.state === 'unsent' &&
  matchOf(row) === null &&
  importState.value.existing.owners.get(ownerKey(checkRow(row))) === false

/** Returns the first row with the same content as a row that is not imported. Null if the row is the first itself. */
export const duplicateOf = (row: Row): number | null =>
  isEditable(row) ? (duplicates().ofContent.get(row.id) ?? null) : null
export const isDuplicate = (row: Row): boolean => duplicateOf(row) !== null

/** Why a row is left out, unless the user chooses to import such rows, too. */
export type SkipReason = 'aside' | 'duplicate' | 'existing'

/** Returns why a row is left out, or null if it is not. */
export function skipReason(row: Row): SkipReason | null {
  const { includesDuplicates, includesExisting, includesAsides } = importState.value
  if (isStored(row)) return null
  if (!includesAsides && row.isAside) return 'aside'
  if (!includesDuplicates && isDuplicate(row)) return 'duplicate'
  return !includesExisting && matchOf(row) !== null ? 'existing' : null
}

export const isSkipped = (row: Row): boolean => skipReason(row) !== null

/** Whether a row can be sent: its outcome is missing, or it has no known fault and is not left out. */
export const isReady = (row: Row): boolean =>
  row.state === 'sent' || (!isStored(row) && !isFaulty(row) && !isSkipped(row))

/** Whether a row is still to be imported or corrected. */
export const isPending = (row: Row): boolean => !isStored(row) && !isSkipped(row)

/** Whether a row is left out only because it has a fault, and the user can correct it. */
export const isToFix = (row: Row): boolean => isPending(row) && !isReady(row) && needsFixing(row)

/** Whether a row is left out only until the user has answered a question. */
export const isAsked = (row: Row): boolean => isPending(row) && !isReady(row) && !needsFixing(row)

/** Whether a row was sent and has no outcome. */
export const isUnanswered = ({ state }: Row): boolean => state === 'sent'

/** Whether this import made the row's calculation, and no change to it is known. */
export const isUndoable = (row: Row): boolean => isDone(row) && !row.isKept

/** Shows why the page could not read or send rows. */
export const reportFailure = (failure: string): void => update({ failure })

/** Replaces rows by others with the same ids. */
export function replaceRows(others: readonly Row[]): void {
  const byId = new Map(others.map(row => [row.id, row]))
  updateSoon({ rows: importState.value.rows.map(row => byId.get(row.id) ?? row) })
  try {
    for (const row of others) saveRow(row)
  } catch {
    // `startImport` reports missing storage before it sends anything.
  }
}

/** Stores the import, so that it survives a reload. Returns false if the browser’s storage is full. */
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

/** Starts a run that sends requests for some rows. */
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

/** Sends no more rows. Requests in progress still get their responses. */
export function stopRun(): void {
  const { run } = importState.value
  if (run) update({ run: { ...run, status: 'stopping' } })
  stopController.abort()
}

/** Counts rows as stored or deleted. */
export function countSettled(count: number): void {
  const { run } = importState.value
  if (run) updateSoon({ run: { ...run, settled: run.settled + count }, isWaiting: false })
}

/** Reduces the total of the run by rows that will not be stored or deleted. */
export function countLess(count: number): void {
  const { run } = importState.value
  if (run) updateSoon({ run: { ...run, total: run.total - count }, isWaiting: false })
}

/** Returns the options of a request. It is retried until `stopRun`, and tried only once after that. */
export function requestOptions(): RequestOptions {
  const signal = stopping()
  if (signal.aborted) return { maxAttempts: 1 }
  return { maxAttempts: Number.POSITIVE_INFINITY, signal, onRetry: () => updateSoon({ isWaiting: true }) }
}

addEventListener('beforeunload', event => {
  const { rows, run } = importState.value
  if (run || rows.some(isPending)) event.preventDefault()
})
