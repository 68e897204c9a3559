import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Document } from 'mongodb'
import type { MongoStore } from '../../../src/db/mongo/mongo-store'
import type { Store } from '../../../src/db/store'
import { randomFrom } from '../../support/random'
import { overStores, type TestDatabase } from '../../support/stores'
import { expectExact } from './checkpointed'
import { endProcesses, kept, processOn } from './processes'

const rounds = 6

afterEach(endProcesses)

/** Runs a writer, and kills it after a number of changes. */
async function killed({ env }: TestDatabase, seed: number, changes: number): Promise<void> {
  const script = join(__dirname, 'checkpoint-writer.js')
  const options = {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'] as ['ignore', 'pipe', 'inherit'],
  }
  const writer = spawn(process.execPath, [script, `${seed}`], options)
  const ended = once(writer, 'close')
  let made = 0
  writer.stdout.on('data', (printed: Buffer) => {
    made += printed.length
    if (made >= changes) writer.kill('SIGKILL')
  })
  expect(await ended).toEqual([null, 'SIGKILL'])
}

/** Makes a backup. Returns a function that restores it. Call both while no process has the store open. */
type BackUp = (place: TestDatabase) => Promise<() => Promise<void>>

const backUpFile: BackUp = async ({ env: { DATA_FILE = '' } }) => {
  const files = [DATA_FILE, `${DATA_FILE}-wal`]
  for (const file of files) if (existsSync(file)) copyFileSync(file, `${file}.copy`)
  return async () => {
    for (const file of files) {
      rmSync(file, { force: true })
      if (existsSync(`${file}.copy`)) copyFileSync(`${file}.copy`, file)
    }
  }
}

/** As mongodump and mongorestore --drop do, with or without the collections of the checkpoints. */
const backUpDatabase =
  (withCheckpoints: boolean): BackUp =>
  async place => {
    const names = [
      'sessions',
      'layout',
      'erasures',
      ...(withCheckpoints ? ['totals_checkpoints', 'totals_chunks'] : []),
    ]
    const tool = (await place.open()) as MongoStore
    const dump = await Promise.all(names.map(name => tool.db.collection(name).find().toArray()))
    await tool.end()
    return async () => {
      const tool = (await place.open()) as MongoStore
      for (const [i, name] of names.entries()) {
        await tool.db.collection(name).drop()
        const documents = dump[i] as Document[]
        if (documents.length > 0) await tool.db.collection(name).insertMany(documents)
      }
      await tool.end()
    }
  }

overStores(kind => {
  test('totals equal a recount after kills at any moment, erasures and restored backups', async () => {
    const seed = randomInt(1_000_000)
    const random = randomFrom(seed)
    const place = (await kind.newDatabase()) as TestDatabase<Store>
    const backUp = kind.shared ? backUpDatabase(random() < 0.5) : backUpFile
    const sources: (string | undefined)[] = []
    let restore: (() => Promise<void>) | undefined
    try {
      for (let round = 0; round < rounds; round++) {
        const writers = kind.shared ? 2 : 1
        const kills = Array.from({ length: writers }, (_, i) =>
          killed(place, seed + round * writers + i, 20 + Math.floor(random() * 150)),
        )
        await Promise.all(kills)
        if (round === 1) restore = await backUp(place)
        if (round === 3) await restore?.()

        const store = await place.open()
        const now = new Date()
        const clock = () => now
        const process = await processOn(store, { clock })
        await kept(process)
        sources.push(process.totals.status.source)
        await expectExact(process, store, clock)
        endProcesses()
        await store.end()
      }
      // Otherwise this would test only recounts.
      expect(sources.filter(source => source === 'checkpoint').length).toBeGreaterThan(rounds / 4)
    } catch (error) {
      throw new Error(`with seed ${seed}, after ${JSON.stringify(sources)}`, { cause: error })
    } finally {
      await place.drop()
    }
  })
})
