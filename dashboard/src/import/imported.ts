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

/** What was pasted, and where in it each column is. It is not kept over a reload: then the rows are what they are. */
export interface Source {
  cells: Cells
  table: Table
  mapping: Mapping
}

export interface Import {
  source: Source | null
  writing: Writing
  rows: readonly Row[]
  /** Counts what was changed of what the rows say. */
  revision: number
  /** Rows are sent, so many of so many; or only those are waited for that are under way. */
  run: { is: 'running' | 'stopping'; settled: number; of: number } | null
  /** The server is waited for. */
  waits: boolean
  /** Why it does not begin, or not go on. */
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

/** The rows that were pasted, until they are put away. They go on while other views are looked at. */
export const imported = new Store<Import>(restored())

function restored(): Import {
  const found = kept(caller.value.by)
  return found ? { ...nothing, writing: found.writing, rows: found.rows.map(reloaded) } : nothing
}

const change = (to: Partial<Import>): void => imported.set({ ...imported.value, ...to })

/** What happens to rows one by one while they are sent is told so often. */
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

/** What a row says, and what is wrong with it. */
export function checked({ texts, refused }: Row): Checked {
  const found = checks.get(texts) ?? check(texts, imported.value.writing)
  checks.set(texts, found)
  return refused ? withRefused(found, refused) : found
}

export const isFaulty = (row: Row): boolean => Object.keys(checked(row).faults).length > 0

/** Something of it can be read in another way. */
export const isAmbiguous = (row: Row): boolean => Object.values(checked(row).faults).some(({ meant }) => meant)

/** For rows that say the same as one before, which that is. */
export const doubledIn = (rows: readonly Row[]): Map<number, number> => duplicatesOf(rows, row => checked(row).says)

/** The columns without which there is no calculation. */
export const needed = (): Column[] => [
  ...(caller.value.mentor_id === null ? (['mentorId'] as const) : []),
  ...numberNames,
]

export const isDone = ({ state }: Row): boolean => state === 'done'

/** It can be sent as it is: its answer is missing, or nothing is wrong with it that is known. */
export const isReady = (row: Row): boolean => row.state === 'unanswered' || (!isDone(row) && !isFaulty(row))

/** Says why nothing was read. */
export const fail = (failure: string): void => change({ failure })

/** Takes cells that were pasted in place of any that were before. */
export function take(cells: Cells): void {
  readTable(cells, tableOf(cells))
}

/** Says whether the first row names the columns. */
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

/** Says in which column of what was pasted another one is. */
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

/** Says how numbers and dates are written. */
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

/** Puts everything away. */
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
    // `begin` says that there is no room, before anything is sent.
  }
}

/** Keeps all of it for a reload, and says whether the browser has the room. */
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

/** Sends what can be sent: a start and a calculation each. Ends when all of it is settled, or soon after `stop`. */
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
    // As it is by now: it may have been edited.
    const row = imported.value.rows.find(row => row.id === id)
    if (row && isReady(row)) settle(await send(row))
  })
  change({ run: null, waits: false })
  const done = imported.value.rows.filter(isDone).length
  announce(words.import.saidEnded(done, imported.value.rows.length - done))
}

/** Sends no more, once those are answered that are under way. */
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

/** What has no answer is asked again until it is stopped; of what was begun before that, the rest is asked once. */
function patience(): Call {
  const { signal } = stopping
  if (signal.aborted) return { attempts: 1 }
  return { attempts: Number.POSITIVE_INFINITY, signal, waits: () => changeSoon({ waits: true }) }
}

/** The row as it is after it was sent. */
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

/** What is refused can be mended; of what has no answer nothing is known. */
function afterError(row: Row, error: unknown): Row {
  if (!(error instanceof Refusal)) return { ...row, state: 'unanswered' }
  const { code, message } = error
  if (code === 'UNAUTHENTICATED') {
    stop()
    changeSoon({ failure: message })
    return { ...row, state: 'unanswered' }
  }
  const refused: Row = { ...row, state: 'refused', refused: { members: membersIn(error), sentence: message } }
  // Somebody has closed it meanwhile: tried again, it is started anew.
  return code === 'SESSION_NOT_FOUND' ? { ...refused, session: null, keys: null } : refused
}

addEventListener('beforeunload', event => {
  if (!imported.value.rows.every(isDone)) event.preventDefault()
})
