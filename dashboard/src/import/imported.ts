import { type CalculationInputs, type Call, newKey, Refusal } from '../../../packages/client/src/index.js'
import { client, membersIn } from '../graphql/client'
import { numberNames } from '../inputs'
import { locale } from '../reader'
import { caller } from '../sign-in/caller'
import { announce, Store } from '../store'
import { words } from '../words'
import { type Cells, mostRows } from './cells'
import { type Checked, check, withRefused } from './check'
import { type Column, type Mapping, mappingOf, type Table, tableOf } from './columns'
import { forget, keepHead, keepRow, kept } from './kept'
import { duplicatesOf, edited, type Row, reloaded, type Texts, textsOf, unsentRow } from './rows'
import { inTurns } from './turns'
import { type Writing, writingOf } from './writing'

/** The pasted table, and where each column is. A reload keeps only the rows. */
export interface Source {
  cells: Cells
  table: Table
  mapping: Mapping
}

export interface Import {
  source: Source | null
  writing: Writing
  rows: readonly Row[]
  /** Counts changes to the content of the rows. */
  revision: number
  /** Progress of sending. While `stopping`, only requests that are in flight are awaited. */
  run: { is: 'running' | 'stopping'; settled: number; of: number } | null
  /** Whether sending waits for the server. */
  waits: boolean
  /** Why reading or sending can't begin or continue. */
  failure: string | null
}

const nothing: Import = {
  source: null,
  writing: { mark: '.', order: null },
  rows: [],
  revision: 0,
  run: null,
  waits: false,
  failure: null,
}

/** The pasted rows, until they are discarded. Sending continues while other views are open. */
export const imported = new Store<Import>(restored())

function restored(): Import {
  const found = kept(caller.value.by)
  return found ? { ...nothing, writing: found.writing, rows: found.rows.map(reloaded) } : nothing
}

const change = (to: Partial<Import>): void => imported.set({ ...imported.value, ...to })

/** Minimum time between two notifications while rows are sent, in ms. */
const tellEachMs = 100
let isToTell = false

function changeSoon(to: Partial<Import>): void {
  imported.value = { ...imported.value, ...to }
  if (isToTell) return
  isToTell = true
  setTimeout(() => {
    isToTell = false
    imported.changed()
  }, tellEachMs)
}

let checks = new WeakMap<Texts, Checked>()

/** Returns the content of a row and its faults, including those that the server reported. */
export function checked({ texts, refused }: Row): Checked {
  const found = checks.get(texts) ?? check(texts, imported.value.writing)
  checks.set(texts, found)
  return refused ? withRefused(found, refused) : found
}

export const isFaulty = (row: Row): boolean => Object.keys(checked(row).faults).length > 0

/** Returns whether a cell of the row has several possible meanings. */
export const isAmbiguous = (row: Row): boolean => Object.values(checked(row).faults).some(({ meant }) => meant)

/** Maps each duplicate row to the first row with the same content. */
export const doubledIn = (rows: readonly Row[]): Map<number, number> => duplicatesOf(rows, row => checked(row).says)

/** Returns the columns that a calculation needs. */
export const needed = (): Column[] => [
  ...(caller.value.mentor_id === null ? (['mentorId'] as const) : []),
  ...numberNames,
]

export const isDone = ({ state }: Row): boolean => state === 'done'

/** Returns whether a row can be sent: its response is missing, or it has no known fault. */
export const isReady = (row: Row): boolean => row.state === 'unanswered' || (!isDone(row) && !isFaulty(row))

/** Reports why nothing was read. */
export const fail = (failure: string): void => change({ failure })

/** Reads pasted cells. They replace any earlier ones. */
export function take(cells: Cells): void {
  readTable(cells, tableOf(cells))
}

/** Sets whether the first row names the columns. */
export function setHead(isHead: boolean): void {
  const { source } = imported.value
  if (!source) return
  const [head = [], ...rest] = source.cells
  readTable(source.cells, isHead ? { head, rows: rest } : { head: null, rows: source.cells })
}

function readTable(cells: Cells, table: Table): void {
  const mapping = mappingOf(table)
  const count = table.rows.length
  if (count === 0 || count > mostRows) {
    fail(count === 0 ? words.import.nothing : words.import.tooMany(count, mostRows))
    return
  }
  const rows = table.rows.map((row, at) => unsentRow(at + 1, textsOf(row, mapping)))
  change({ source: { cells, table, mapping }, rows, failure: null })
  write(writingOf(table, mapping, locale))
}

/** Sets the pasted column of a member. */
export function setColumn(column: Column, at: number | null): void {
  const { source, rows } = imported.value
  if (!source) return
  const mapping = { ...source.mapping, [column]: at }
  const again = rows.map(row => {
    const texts = textsOf(source.table.rows[row.id - 1] ?? [], mapping)
    return { ...row, texts: { ...row.texts, [column]: texts[column] } }
  })
  change({ source: { ...source, mapping }, rows: again })
  write(writingOf(source.table, mapping, locale))
}

/** Sets how numbers and dates are written. */
export function write(writing: Writing): void {
  checks = new WeakMap()
  change({ writing, revision: imported.value.revision + 1 })
  keepAll()
}

export function edit(row: Row, column: Column, text: string): void {
  put(edited(row, column, text))
  change({ revision: imported.value.revision + 1 })
}

export function leaveOut(ids: ReadonlySet<number>): void {
  const { rows, revision } = imported.value
  change({ rows: rows.filter(({ id }) => !ids.has(id)), revision: revision + 1 })
  keepAll()
}

/** Discards the import. */
export function clear(): void {
  forget()
  change(nothing)
}

function put(row: Row): void {
  const { rows } = imported.value
  changeSoon({ rows: rows.map(other => (other.id === row.id ? row : other)) })
  try {
    keepRow(row)
  } catch {
    // `begin` reports missing room before it sends anything.
  }
}

/** Stores the import for a reload. Returns whether the browser has room for it. */
function keepAll(): boolean {
  const { writing, rows } = imported.value
  try {
    forget()
    keepHead({ by: caller.value.by, writing, ids: rows.map(({ id }) => id) })
    for (const row of rows) keepRow(row)
    return true
  } catch {
    forget()
    return false
  }
}

let stopping = new AbortController()

const isWanted = (): boolean => imported.value.run?.is === 'running'

/**
 * Sends the rows that are ready. Each starts a session and calculates. Resolves when all are settled, or soon after
 * `stop`.
 */
export async function begin(): Promise<void> {
  const { rows, run } = imported.value
  if (run) return
  if (!keepAll()) {
    fail(words.import.noRoom)
    return
  }
  const ready = rows.filter(isReady)
  stopping = new AbortController()
  change({ run: { is: 'running', settled: 0, of: ready.length }, failure: null })
  announce(words.import.saidBegun(ready.length))
  await inTurns(ready, isWanted, async ({ id }) => {
    // Reads the row again, because it may have been edited.
    const row = imported.value.rows.find(row => row.id === id)
    if (row && isReady(row)) settle(await send(row))
  })
  change({ run: null, waits: false })
  const done = imported.value.rows.filter(isDone).length
  announce(words.import.saidEnded(done, imported.value.rows.length - done))
}

/** Sends no more rows. Requests in flight are still awaited. */
export function stop(): void {
  const { run } = imported.value
  if (run) change({ run: { ...run, is: 'stopping' } })
  stopping.abort()
}

function settle(row: Row): void {
  put(row)
  const { run } = imported.value
  if (run && row.state !== 'unanswered') changeSoon({ run: { ...run, settled: run.settled + 1 }, waits: false })
}

/**
 * Returns the options of a request. It is retried until `stop`. After that, the rest of a row that was begun is tried
 * once.
 */
function patience(): Call {
  const { signal } = stopping
  if (signal.aborted) return { attempts: 1 }
  return { attempts: Number.POSITIVE_INFINITY, signal, waits: () => changeSoon({ waits: true }) }
}

/** Sends a row and returns it with its new state. */
async function send(row: Row): Promise<Row> {
  const { mentorId, organisationId, inputs } = checked(row)
  const keys = row.keys ?? { start: newKey(), calculation: newKey() }
  let sent: Row = { ...row, state: 'sending', keys, refused: null }
  put(sent)
  let id = sent.session
  try {
    if (id === null) {
      const who = { mentorId, organisationId: organisationId || null }
      const { session } = await client.start(who, { ...patience(), idempotencyKey: keys.start })
      id = session.id
      sent = { ...sent, session: id }
      put(sent)
    }
    await client.calculate({ id, version: null }, inputs as CalculationInputs, {
      ...patience(),
      idempotencyKey: keys.calculation,
    })
    return { ...sent, state: 'done' }
  } catch (error) {
    return afterError(sent, error)
  }
}

/** Returns the row after an error. A refused row can be corrected. If there was no response, its outcome is unknown. */
function afterError(row: Row, error: unknown): Row {
  if (!(error instanceof Refusal)) return { ...row, state: 'unanswered' }
  const { code, message } = error
  if (code === 'UNAUTHENTICATED') {
    stop()
    changeSoon({ failure: message })
    return { ...row, state: 'unanswered' }
  }
  const refused: Row = { ...row, state: 'refused', refused: { members: membersIn(error), sentence: message } }
  // The session was closed meanwhile. The next attempt starts a new one.
  return code === 'SESSION_NOT_FOUND' ? { ...refused, session: null, keys: null } : refused
}

addEventListener('beforeunload', event => {
  if (!imported.value.rows.every(isDone)) event.preventDefault()
})
