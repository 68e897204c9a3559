import {
  ChunkWriter,
  pieceKinds,
  type TallyPiece,
  waitingPiecesBytes,
} from '../../../src/capabilities/totals/checkpoint'
import type { BegunCheckpoint, StoredCheckpoint } from '../../../src/capabilities/totals/store'
import { Totals } from '../../../src/capabilities/totals/totals'
import type { Entry, Position, Store } from '../../../src/db/store'
import { intercepting } from '../../support/intercepting'
import { randomFrom } from '../../support/random'
import { calculation, noon, quiet, stored } from '../../support/sessions'
import { overStores, type TestDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { changeLabelled, expectExact, writeCheckpoint } from './checkpointed'
import { endProcesses, kept, type Process, processOn } from './processes'

const rounds = 3
const changes = 30

afterEach(endProcesses)

overStores(kind => {
  const places: TestDatabase<Store>[] = []
  afterAll(() => Promise.all(places.map(place => place.drop())))

  /** Opens a database, starts processes on it, and ends them without a last checkpoint, as a crash does. */
  async function opened(clock: () => Date) {
    const place = (await kind.newDatabase()) as TestDatabase<Store>
    places.push(place)
    const running: Process[] = []
    return {
      place,
      async start(): Promise<Process> {
        const process = await processOn(await place.open(), { clock })
        running.push(process)
        await kept(process)
        return process
      },
      async crash(): Promise<void> {
        endProcesses()
        for (const { store } of running.splice(0)) await store.end()
      },
    }
  }

  test('totals and search from a checkpoint equal a recount', async () => {
    let now = Date.parse(noon)
    const clock = () => new Date(now)
    const { start, crash } = await opened(clock)
    const random = randomFrom(1)
    const ids: string[] = []
    let isWritten = false
    for (let round = 0; round < rounds; round++) {
      const processes = kind.shared ? [await start(), await start()] : [await start()]
      for (const { totals } of processes) expect(totals.status.source).toBe(isWritten ? 'checkpoint' : 'missing')
      for (const process of processes) await expectExact(process, process.store, clock)
      for (let change = 0; change < changes; change++) {
        now += 20_000
        const process = processes[change % processes.length] as Process
        const writes = change === changes / 2 ? process.totals.checkpoint() : false
        await Promise.all([changeLabelled(process, ids, random), changeLabelled(process, ids, random)])
        isWritten = (await writes) || isWritten
      }
      for (const process of processes) await expectExact(process, process.store, clock)
      await crash()
    }
    expect(isWritten).toBe(true)
  })

  test('an orderly stop writes a checkpoint if a start would have much to read, and a start continues from it', async () => {
    const { start, crash } = await opened(() => new Date(noon))
    const process = await start()
    const { totals } = process.store
    await process.totals.stop()
    expect(await totals.readCheckpoint()).toBeNull()
    const startOne = (_: unknown, i: number) =>
      stored(process.store, { mentor_id: `m${i % 20}` }, i % 2 ? [calculation(i)] : [])
    for (let i = 0; i < 2; i++) await Promise.all(Array.from({ length: 500 }, startOne))
    await until(async () => (await process.totals.count({})) === 1_000, 20_000, 'the log')
    await process.totals.stop()
    const first = await totals.readCheckpoint()
    expect(first).not.toBeNull()
    await crash()

    const next = await start()
    expect(next.totals.status.source).toBe('checkpoint')
    await expectExact(next, next.store, () => new Date(noon))
    await next.sessions.start({ mentor_id: 'm0' })
    await next.totals.stop()
    expect(await next.store.totals.readCheckpoint()).toEqual(first)
  })

  test('a stop directly after the totals were filled from all sessions writes a checkpoint', async () => {
    const { place, start, crash } = await opened(() => new Date(noon))
    const store = await place.open()
    await store.log.follow({ reset() {}, append() {}, advance() {}, invalidate() {}, failed() {} })
    await Promise.all(Array.from({ length: 1_000 }, () => stored(store)))
    await store.end()
    const process = await start()
    expect(process.totals.status.source).toBe('missing')
    await process.totals.stop()
    expect(await process.store.totals.readCheckpoint()).not.toBeNull()
    await crash()
    const next = await start()
    expect(next.totals.status.source).toBe('checkpoint')
    await expectExact(next, next.store, () => new Date(noon))
  })

  test('a start reads the whole log after a checkpoint, also if no recent commit is reported', async () => {
    const { place, start, crash } = await opened(() => new Date(noon))
    const process = await start()
    await process.sessions.start({ mentor_id: 'm0' })
    await writeCheckpoint(process.totals)
    // More commits than one step reads.
    const startOne = (_: unknown, i: number) => stored(process.store, { mentor_id: `m${i % 20}` }, [calculation(i)])
    for (let i = 0; i < 2; i++) await Promise.all(Array.from({ length: 500 }, startOne))
    await crash()

    const store = await place.open()
    let head: Position = ''
    const note = (position: Position): void => {
      head = position
    }
    const append = ({ position }: Entry): void => note(position)
    await store.log.follow({ reset: note, append, advance: note, invalidate() {}, failed() {} })
    const totals = new Totals({ store, log: quiet, clock: () => new Date(noon) })
    totals.reset(head)
    // The log starts again before the checkpoint was read.
    totals.reset(head)
    await until(() => totals.status.state === 'kept', 20_000, 'the totals to be kept')
    expect(totals.status.source).toBe('checkpoint')
    expect(await totals.count({})).toBe(1_001)
    totals.end()
  })

  test('a start reads the next checkpoint if another process replaces the one that it reads', async () => {
    const { place, start, crash } = await opened(() => new Date(noon))
    const process = await start()
    await process.sessions.start({ mentor_id: 'm0' })
    await writeCheckpoint(process.totals)
    await crash()
    let reads = 0
    const over = (store: Store): Store =>
      intercepting(store, {
        totals: {
          async readChunk(id, number) {
            if (reads++ === 0) await replaceCheckpoint(store, id)
            return store.totals.readChunk(id, number)
          },
        },
      })
    const store = await place.open()
    const next = await processOn(store, { clock: () => new Date(noon), over })
    await kept(next)
    expect(reads).toBe(2)
    expect(next.totals.status.source).toBe('checkpoint')
    await expectExact(next, store, () => new Date(noon))
  })
})

/** Replaces a checkpoint by one with the same content. */
async function replaceCheckpoint({ totals }: Store, id: string): Promise<void> {
  const { header } = (await totals.readCheckpoint()) as StoredCheckpoint
  const chunk = await totals.readChunk(id, 0)
  await totals.dropCheckpoints(id)
  const begun = (await totals.beginCheckpoint()) as BegunCheckpoint
  await totals.addChunk(begun.id, 0, chunk as Uint8Array)
  await totals.completeCheckpoint(begun.id, header)
}

test('a snapshot with too many pieces that wait for the store is given up', () => {
  const writer = new ChunkWriter()
  const piece = new Uint8Array(1024 * 1024)
  const row = [pieceKinds.all, null, null, 0, 0] as unknown as TallyPiece
  while (writer.bytes + piece.length <= waitingPiecesBytes) writer.add(row, piece)
  expect(writer.isFull).toBe(false)
  writer.add(row, piece)
  expect(writer.isFull).toBe(true)
  expect(writer.bytes).toBeLessThanOrEqual(waitingPiecesBytes)
})
