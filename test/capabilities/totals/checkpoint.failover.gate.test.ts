import { setTimeout as wait } from 'node:timers/promises'
import { DomainError } from '../../../src/domain/errors'
import { ReplicaSet } from '../../support/mongod'
import { randomFrom } from '../../support/random'
import { describeMongo, openMongo } from '../../support/stores'
import { until } from '../../support/until'
import { changeLabelled, expectExact } from './checkpointed'
import { endProcesses, kept, type Process, processOn } from './processes'

const changesAround = 100
const withinMs = 60_000

describeMongo('a replica set of three nodes', () => {
  let set: ReplicaSet
  beforeAll(async () => {
    set = await ReplicaSet.start(3)
  })
  afterAll(() => set?.stop())

  const now = new Date()
  const clock = (): Date => now

  const opened: Process[] = []
  async function start(): Promise<Process> {
    const process = await processOn(await openMongo(set.uri.replace(/\/\?/, '/checkpoints?')), { clock })
    opened.push(process)
    await kept(process)
    return process
  }
  afterEach(async () => {
    endProcesses()
    await Promise.all(opened.splice(0).map(({ store }) => store.end()))
  })

  /** Changes sessions and writes checkpoints from two processes, while `fail` replaces the primary. */
  async function writeDuring(fail: () => Promise<unknown>, ids: string[]): Promise<void> {
    const processes = [await start(), await start()]
    const random = randomFrom(ids.length)
    const done = { changes: 0, checkpoints: 0 }
    let isOver = false
    const repeated = async (work: () => Promise<void>): Promise<void> => {
      while (!isOver) await work()
    }
    const change = (process: Process) => async (): Promise<void> => {
      await changeLabelled(process, ids, random)
      done.changes++
    }
    const checkpoint =
      ({ totals }: Process) =>
      async (): Promise<void> => {
        const isWritten = await totals.checkpoint().catch(error => {
          if (error instanceof DomainError && error.code === 'unavailable') return false
          throw error
        })
        if (isWritten) done.checkpoints++
        else await wait(5)
      }
    const work = Promise.all(processes.flatMap(process => [repeated(change(process)), repeated(checkpoint(process))]))
    const more = async (): Promise<void> => {
      const { changes, checkpoints } = done
      const isMore = (): boolean => done.changes >= changes + changesAround && done.checkpoints > checkpoints
      const what = (): string => `more than ${JSON.stringify({ changes, checkpoints })}, now ${JSON.stringify(done)}`
      await Promise.race([until(isMore, withinMs, what), work])
    }
    try {
      await more()
      await fail()
      await more()
    } finally {
      isOver = true
      await work
    }
    for (const process of processes) await expectExact(process, process.store, clock)
  }

  test('totals from a checkpoint equal a recount after the primary was killed, frozen or stopped meanwhile', async () => {
    const ids: string[] = []
    for (const fail of ['kill', 'freeze', 'stepDown'] as const) {
      const primary = await set.primary()
      await writeDuring(() => Promise.all([set.primary(primary), set[fail](primary)]), ids)
      if (fail === 'freeze') set.thaw(primary)
      else await set.restart(primary)
      await set.serves(primary)
      const process = await start()
      expect({ fail, source: process.totals.status.source }).toEqual({ fail, source: 'checkpoint' })
      await expectExact(process, process.store, clock)
    }
  })
})
