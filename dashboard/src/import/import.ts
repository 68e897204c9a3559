import {
  ApiError,
  type CalculationInputs,
  createIdempotencyKey,
  type RequestOptions,
} from '../../../packages/client/src/index.js'
import { formatDecimal } from '../decimals'
import { currencyOfUnit, formatPeriod } from '../format'
import { client, invalidMembers } from '../graphql/client'
import { numberNames } from '../inputs'
import { caller, isOrganisationRefused } from '../sign-in/caller'
import { announce, Store } from '../store'
import { locale, words } from '../words'
import { type Cells, maxRows } from './cells'
import { type CheckedRow, check, withServerFaults } from './check'
import { type Column, columns, detectMapping, detectTable, type Mapping, type Table } from './columns'
import { forEachConcurrently } from './concurrency'
import type { DateOrder } from './dates'
import {
  type DecimalSeparator,
  datesIn,
  detectNotation,
  isDateColumn,
  isNumberColumn,
  localeNotation,
  type Notation,
  numbersIn,
} from './notation'
import { afterReload, type CellTexts, duplicatesOf, newRow, type Row, textsOf, withText } from './rows'
import { deleteImport, loadImport, saveImport, saveRow } from './storage'

/** The pasted table, and where each column is. A reload keeps only the rows. */
export interface Source {
  cells: Cells
  table: Table
  mapping: Mapping
}

export interface ImportState {
  source: Source | null
  notation: Notation
  rows: readonly Row[]
  /** Counts changes to the content of the rows. */
  revision: number
  /** Progress of sending. While `stopping`, only requests that are in flight are awaited. */
  run: { status: 'running' | 'stopping'; settled: number; total: number } | null
  /** Whether sending waits for the server. */
  isWaiting: boolean
  /** Why reading or sending can't begin or continue. */
  failure: string | null
}

const noImport: ImportState = {
  source: null,
  notation: localeNotation(locale),
  rows: [],
  revision: 0,
  run: null,
  isWaiting: false,
  failure: null,
}

/** The pasted rows, until they are discarded. Sending continues while other views are open. */
export const importState = new Store<ImportState>(restore())

function restore(): ImportState {
  const stored = loadImport(caller.value.by)
  return stored ? { ...noImport, notation: stored.notation, rows: stored.rows.map(afterReload) } : noImport
}

const update = (to: Partial<ImportState>): void => importState.set({ ...importState.value, ...to })

/** Minimum time between two notifications while rows are sent, in ms. */
const minUpdateGapMs = 100
let isUpdateDue = false

function updateSoon(to: Partial<ImportState>): void {
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

/** Returns whether a row can be sent: its response is missing, or it has no known fault. */
export const isReady = (row: Row): boolean => row.state === 'unanswered' || (!isDone(row) && !isFaulty(row))

/** Reports why nothing was read. */
export const reportFailure = (failure: string): void => update({ failure })

/** Reads pasted cells. They replace any earlier ones. */
export function readCells(cells: Cells): void {
  readTable(cells, detectTable(cells))
}

/** Sets whether the first row names the columns. */
export function setHasHeader(hasHeader: boolean): void {
  const { source } = importState.value
  if (!source) return
  const [header = [], ...rest] = source.cells
  readTable(source.cells, hasHeader ? { header, rows: rest } : { header: null, rows: source.cells })
}

function readTable(cells: Cells, table: Table): void {
  const mapping = detectMapping(table)
  const count = table.rows.length
  if (count === 0 || count > maxRows) {
    reportFailure(count === 0 ? words.import.nothing : words.import.tooMany(count, maxRows))
    return
  }
  const rows = table.rows.map((row, at) => newRow(at + 1, textsOf(row, mapping)))
  update({ source: { cells, table, mapping }, rows, failure: null })
  setNotation({ ...detectNotation(table, mapping, locale), currency: currencyOfNames(table, mapping) })
}

/** Matches a sign, a code in brackets, and a code at the end: Cost (£), Cost [GBP], Cost in GBP. */
const currencyInName = /\p{Lu}{0,3}\p{Sc}|(?<=[([]\s*)[A-Z]{3}(?=\s*[)\]])|(?<=\s)[A-Z]{3}$/gu

/** Returns the currency that the names of the amounts' columns have. Empty if none, or several. */
function currencyOfNames({ header }: Table, mapping: Mapping): string {
  const names = (['costPerSession', 'costPerHour', 'low', 'high'] as const).map(
    column => header?.[mapping[column] ?? -1] ?? '',
  )
  const units = names.flatMap(name => name.match(currencyInName) ?? [])
  const currencies = new Set(units.flatMap(unit => currencyOfUnit(unit) ?? []))
  return (currencies.size === 1 && [...currencies][0]) || ''
}

/** Sets the pasted column of a member. */
export function setColumn(column: Column, at: number | null): void {
  const { source, rows } = importState.value
  if (!source) return
  const mapping = { ...source.mapping, [column]: at }
  const remapped = rows.map(row => {
    const texts = textsOf(source.table.rows[row.id - 1] ?? [], mapping)
    return { ...row, texts: { ...row.texts, [column]: texts[column] } }
  })
  update({ source: { ...source, mapping }, rows: remapped })
  setNotation(withColumn(importState.value.notation, detectNotation(source.table, mapping, locale), column))
}

/** Returns a notation with that of one column from another one. */
function withColumn(notation: Notation, other: Notation, column: Column): Notation {
  const asked = [...notation.asked.filter(name => name !== column), ...other.asked.filter(name => name === column)]
  if (isNumberColumn(column)) {
    return { ...notation, asked, separators: { ...notation.separators, [column]: other.separators[column] } }
  }
  if (!isDateColumn(column)) return notation
  return { ...notation, asked, dateOrders: { ...notation.dateOrders, [column]: other.dateOrders[column] } }
}

/** A column with a text that could mean two dates or two numbers, and what it is taken for. */
export interface Reading {
  column: Column
  example: string
  options: readonly (readonly [value: DateOrder | DecimalSeparator, shown: string])[]
  chosen: DateOrder | DecimalSeparator | null
}

/** Returns the columns with texts that could mean two dates or two numbers, each with its first such text. */
export function findReadings(rows: readonly Row[], { separators, dateOrders }: Notation): Reading[] {
  return columns.flatMap((column): Reading | Reading[] => {
    for (const { texts } of rows) {
      const example = texts[column]
      if (isDateColumn(column)) {
        const dates = datesIn(example, locale)
        if (!dates) continue
        const shown = (day: string): string => formatPeriod({ from: day, to: day })
        const options = [['day', shown(dates.day)] as const, ['month', shown(dates.month)] as const]
        return { column, example, options, chosen: dateOrders[column] }
      }
      const numbers = isNumberColumn(column) && numbersIn(column, example, locale)
      if (!numbers) continue
      const shown = (text: string): string => formatDecimal(text, locale, { decimals: 2 })
      const options = [['.', shown(numbers['.'])] as const, [',', shown(numbers[','])] as const]
      return { column, example, options, chosen: separators[column] }
    }
    return []
  })
}

/** Sets how a column is read, for all its cells. */
export function setReading(column: Column, chosen: DateOrder | DecimalSeparator): void {
  const { notation } = importState.value
  if (isDateColumn(column)) setNotation({ ...notation, dateOrders: { ...notation.dateOrders, [column]: chosen } })
  else setNotation({ ...notation, separators: { ...notation.separators, [column]: chosen } })
}

/** Sets how numbers and dates are written. */
export function setNotation(notation: Notation): void {
  checkedByTexts = new WeakMap()
  update({ notation, revision: importState.value.revision + 1 })
  saveAll()
}

export function editCell(row: Row, column: Column, text: string): void {
  replaceRow(withText(row, column, text))
  update({ revision: importState.value.revision + 1 })
}

export function removeRows(ids: ReadonlySet<number>): void {
  const { rows, revision } = importState.value
  update({ rows: rows.filter(({ id }) => !ids.has(id)), revision: revision + 1 })
  saveAll()
}

/** Discards the import. */
export function discardImport(): void {
  deleteImport()
  update(noImport)
}

function replaceRow(row: Row): void {
  const { rows } = importState.value
  updateSoon({ rows: rows.map(other => (other.id === row.id ? row : other)) })
  try {
    saveRow(row)
  } catch {
    // `begin` reports missing room before it sends anything.
  }
}

/** Stores the import for a reload. Returns whether the browser has room for it. */
function saveAll(): boolean {
  const { notation, rows } = importState.value
  try {
    deleteImport()
    saveImport({ by: caller.value.by, notation, ids: rows.map(({ id }) => id) })
    for (const row of rows) saveRow(row)
    return true
  } catch {
    deleteImport()
    return false
  }
}

let stopping = new AbortController()

const isRunning = (): boolean => importState.value.run?.status === 'running'

/**
 * Sends the rows that are ready. Each starts a session and calculates. Resolves when all are settled, or soon after
 * `stop`.
 */
export async function startImport(): Promise<void> {
  const { rows, run } = importState.value
  if (run) return
  if (!saveAll()) {
    reportFailure(words.import.noRoom)
    return
  }
  const ready = rows.filter(isReady)
  stopping = new AbortController()
  update({ run: { status: 'running', settled: 0, total: ready.length }, failure: null })
  announce(words.import.announcedBegun(ready.length))
  await forEachConcurrently(ready, isRunning, async ({ id }) => {
    // Reads the row again, because it may have been edited.
    const row = importState.value.rows.find(row => row.id === id)
    if (row && isReady(row)) settle(await sendRow(row))
  })
  update({ run: null, isWaiting: false })
  const done = importState.value.rows.filter(isDone).length
  announce(words.import.announcedEnded(done, importState.value.rows.length - done))
}

/** Sends no more rows. Requests in flight are still awaited. */
export function stopImport(): void {
  const { run } = importState.value
  if (run) update({ run: { ...run, status: 'stopping' } })
  stopping.abort()
}

function settle(row: Row): void {
  replaceRow(row)
  const { run } = importState.value
  if (run && row.state !== 'unanswered') updateSoon({ run: { ...run, settled: run.settled + 1 }, isWaiting: false })
}

/**
 * Returns the options of a request. It is retried until `stop`. After that, the rest of a row that was begun is tried
 * once.
 */
function requestOptions(): RequestOptions {
  const { signal } = stopping
  if (signal.aborted) return { maxAttempts: 1 }
  return { maxAttempts: Number.POSITIVE_INFINITY, signal, onRetry: () => updateSoon({ isWaiting: true }) }
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
      sent = { ...sent, session: id }
      replaceRow(sent)
    }
    await client.calculate({ id, version: null }, inputs as CalculationInputs, {
      ...requestOptions(),
      idempotencyKey: keys.calculation,
    })
    return { ...sent, state: 'done' }
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
    stopImport()
    updateSoon({ failure: message })
    return { ...row, state: 'unanswered' }
  }
  const refused: Row = { ...row, state: 'refused', refusal: { members: invalidMembers(error), message } }
  // The session was closed meanwhile. The next attempt starts a new one.
  return code === 'SESSION_NOT_FOUND' ? { ...refused, session: null, keys: null } : refused
}

addEventListener('beforeunload', event => {
  if (!importState.value.rows.every(isDone)) event.preventDefault()
})
