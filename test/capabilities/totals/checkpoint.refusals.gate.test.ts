import { Writable } from 'node:stream'
import { Binary } from 'mongodb'
import { pino } from 'pino'
import { type CheckpointHeader, checksumOf, headerOf } from '../../../src/capabilities/totals/checkpoint'
import type { Refusal } from '../../../src/capabilities/totals/checkpoint-reading'
import { addTotalsMetrics } from '../../../src/capabilities/totals/metrics'
import { Totals } from '../../../src/capabilities/totals/totals'
import type { EmbeddedStore } from '../../../src/db/embedded/embedded-store'
import type { MongoStore } from '../../../src/db/mongo/mongo-store'
import { fanOut, type Store } from '../../../src/db/store'
import { MetricsRegistry } from '../../../src/telemetry/metrics'
import { changeAny } from '../../support/changes'
import { randomFrom } from '../../support/random'
import { noon } from '../../support/sessions'
import { overStores, type StoreKind, suiteDatabase, type TestDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { changeLabelled, erase, expectExact, writeCheckpoint } from './checkpointed'
import { endProcesses, kept, type Process, processOn, recounted } from './processes'

const clock = () => new Date(noon)

afterEach(endProcesses)

interface Copy {
  header: CheckpointHeader
  chunks: Uint8Array[]
}

/** Reads the whole checkpoint. */
async function copied({ totals }: Store): Promise<Copy> {
  const stored = await totals.readCheckpoint()
  if (!stored) throw new Error('there is no checkpoint')
  const { id, header } = stored
  const chunks = await Promise.all(header.chunks.map((_, number) => totals.readChunk(id, number)))
  return { header, chunks: chunks as Uint8Array[] }
}

/** Stores a copy as the only checkpoint. */
async function put({ totals }: Store, { header, chunks }: Copy): Promise<void> {
  await totals.dropCheckpoints()
  const begun = await totals.beginCheckpoint()
  if (!begun) throw new Error('another process writes')
  for (const [number, chunk] of chunks.entries()) await totals.addChunk(begun.id, number, chunk)
  expect(await totals.completeCheckpoint(begun.id, header)).toBe(true)
}

const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
  Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ 1 : byte))

const withHeader = (change: (header: CheckpointHeader) => Partial<CheckpointHeader>) => async (store: Store) => {
  const { header, chunks } = await copied(store)
  await put(store, { header: headerOf({ ...header, ...change(header) }), chunks })
}

const damagedAt = (part: number) => async (store: Store) => {
  const { header, chunks } = await copied(store)
  const [first = new Uint8Array(), ...others] = chunks
  await put(store, { header, chunks: [flipped(first, Math.floor(part * (first.length - 1))), ...others] })
}

/** Makes the log begin after the checkpoint. */
async function expire(store: Store, kind: StoreKind): Promise<void> {
  // The replica set of the tests has its whole log, so for MongoDB an earlier position is unknown.
  if (kind.shared) return withHeader(({ position }) => ({ position: `8200000001${position.slice(10)}` }))(store)
  // As pruning does.
  const { db } = store as EmbeddedStore
  db.exec('DELETE FROM commits WHERE position < (SELECT max(position) FROM commits)')
}

/** A position of a commit that was never made, as after a restore of the sessions only. */
const neverCommitted = (kind: StoreKind) =>
  withHeader(({ position }) => ({
    position: kind.shared
      ? `82FFFFFFF0${position.slice(10)}`
      : `${String(10 ** 9).padStart(15, '0')}${position.slice(15)}`,
  }))

/** A flipped byte in what the store itself has. */
async function damageStored(store: Store, kind: StoreKind): Promise<void> {
  if (!kind.shared) {
    const { db } = store as EmbeddedStore
    const chunk = db.prepare('SELECT chunk FROM totals_chunks').pluck().get() as Buffer
    db.prepare('UPDATE totals_chunks SET chunk = ?').run(flipped(chunk, chunk.length - 1))
    return
  }
  const { db } = store as MongoStore
  const chunks = db.collection<{ _id: string; data: Binary }>('totals_chunks')
  for (const { _id, data } of await chunks.find().toArray()) {
    await chunks.updateOne({ _id }, { $set: { data: new Binary(flipped(data.value() as Uint8Array, 40)) } })
  }
}

/** A header that is null in what the store itself has. */
async function withoutHeader(store: Store, kind: StoreKind): Promise<void> {
  if (kind.shared)
    await (store as MongoStore).db.collection('totals_checkpoints').updateMany({}, { $set: { header: null } })
  else (store as EmbeddedStore).db.exec("UPDATE totals_checkpoints SET header = 'null'")
}

type Cause = (store: Store, kind: StoreKind) => Promise<void>
/** Why a checkpoint is refused, which it is, how it came to be so, and the reason on MongoDB if that differs. */
const causes: [Refusal, string, Cause, Refusal?][] = [
  ['missing', 'that was dropped', store => store.totals.dropCheckpoints()],
  ['missing', 'with a header of another type', withoutHeader],
  ['other_layout', 'of another layout', withHeader(() => ({ layout: '[99,"17.0",15,1,1,1]' }))],
  [
    'other_layout',
    'of a layout with another checksum',
    async store => {
      const { header, chunks } = await copied(store)
      await put(store, { header: { ...header, layout: '[99]', checksum: 0 }, chunks })
    },
  ],
  ['damaged', 'with another first byte', damagedAt(0)],
  ['damaged', 'with another byte in the middle', damagedAt(0.5)],
  ['damaged', 'with another byte in the store', damageStored],
  [
    'damaged',
    'with another position in its header',
    async store => {
      const { header, chunks } = await copied(store)
      await put(store, { header: { ...header, position: `0${header.position}` }, chunks })
    },
  ],
  [
    'damaged',
    'without one of its chunks',
    async store => {
      const { header, chunks } = await copied(store)
      await put(store, { header, chunks: chunks.slice(1) })
    },
  ],
  [
    'damaged',
    'with a chunk that is no chunk, and its checksum',
    async store => {
      const { header } = await copied(store)
      const chunk = Buffer.from('no chunk')
      await put(store, { header: headerOf({ ...header, chunks: [checksumOf(chunk)] }), chunks: [chunk] })
    },
  ],
  ['expired', 'older than the log', expire, 'other_log'],
  ['other_log', 'of another log', withHeader(() => ({ identity: 'another' }))],
  ['other_log', 'with a position that the log never had', (store, kind) => neverCommitted(kind)(store)],
  ['clock', 'of a later time', withHeader(() => ({ since: '2026-03-26T12:00' }))],
]

overStores(kind => {
  const place = suiteDatabase<Store>(() => kind.newDatabase() as Promise<TestDatabase<Store>>)
  const random = randomFrom(3)
  const ids: string[] = []
  beforeAll(() => place.store.end())

  /** Starts a process, writes a checkpoint of some sessions, and changes some afterwards. */
  async function checkpointed(): Promise<Process> {
    const process = await processOn(await place.open(), { clock })
    await kept(process)
    for (let i = 0; i < 10; i++) await changeLabelled(process, ids, random)
    await writeCheckpoint(process.totals)
    for (let i = 0; i < 5; i++) await changeAny(process, ids, random)
    return process
  }

  async function crash({ store }: Process): Promise<void> {
    endProcesses()
    await store.end()
  }

  /** Starts the totals of another process. Returns what its log and its metric say about the source. */
  async function started(store: Store) {
    const lines: { reason?: string; level: number }[] = []
    const sink = new Writable({
      write(line, _, done) {
        lines.push(JSON.parse(String(line)))
        done()
      },
    })
    const totals = new Totals({ store, log: pino(sink), clock })
    const metrics = new MetricsRegistry()
    addTotalsMetrics(metrics, totals)
    await store.log.follow(fanOut(totals))
    await until(() => totals.status.state === 'kept', 20_000, 'the totals to be kept')
    const text = await metrics.registry.metrics()
    const source = /totals_filled_seconds\{source="(\w+)"\} [\d.]+/.exec(text)?.[1]
    return { totals, source, reasons: lines.flatMap(({ reason }) => reason ?? []) }
  }

  test.each(causes)('a checkpoint (%s) %s is refused once', async (reason, _, cause, onMongo = reason) => {
    const process = await checkpointed()
    await cause(process.store, kind)
    await crash(process)

    const store = await place.open()
    const { totals, source, reasons } = await started(store)
    const expected = kind.shared ? onMongo : reason
    expect({ source, reasons }).toEqual({ source: expected, reasons: [expected] })
    const next = { totals, store, sessions: process.sessions, asked: [], gap: () => () => {} }
    await expectExact(next, store, clock)

    // The next checkpoint replaces it.
    await writeCheckpoint(totals)
    totals.end()
    await store.end()
  })

  test('an erasure drops the checkpoint before it reports success, and one from before is refused', async () => {
    const process = await checkpointed()
    const { totals: stored } = process.store
    const { id = '' } = (await stored.readCheckpoint()) ?? {}
    const copy = await copied(process.store)
    await erase(process, 'm0')
    expect([await stored.readChunk(id, 0), await stored.readCheckpoint()]).toEqual([null, null])
    await put(process.store, copy)
    await crash(process)
    const store = await place.open()
    const { totals, source } = await started(store)
    expect(source).toBe(kind.shared ? 'missing' : 'erased')
    const recount = await recounted(store, clock)
    expect(await totals.mentors({}, { order: { by: 'id', descending: false, currency: null }, first: 100 })).toEqual(
      await recount.mentors({}, { order: { by: 'id', descending: false, currency: null }, first: 100 }),
    )
    expect(await store.totals.readCheckpoint()).toBeNull()
    totals.end()
    await store.end()
  })

  test('a checkpoint in progress is not completed after an erasure', async () => {
    const process = await checkpointed()
    const { totals } = process.store
    const copy = await copied(process.store)
    const begun = await totals.beginCheckpoint()
    const id = begun?.id ?? ''
    await totals.addChunk(id, 0, copy.chunks[0] as Uint8Array)
    await erase(process, 'm1')
    // This process may have slept meanwhile.
    await totals.addChunk(id, 1, copy.chunks[0] as Uint8Array)
    expect(await totals.completeCheckpoint(id, copy.header)).toBe(false)
    expect(await totals.readCheckpoint()).toBeNull()
    expect(await totals.readChunk(id, 1)).toBeNull()
    // The next one has no chunk of it.
    await writeCheckpoint(process.totals)
    expect(await totals.readChunk(id, 1)).toBeNull()
  })
})
