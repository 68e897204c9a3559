import { Socket } from 'node:net'
import type { MongoStore } from '../../../src/db/mongo/mongo-store'
import { streamFromStore } from '../../../src/db/mongo/operations'
import type { Session } from '../../../src/domain/session'
import { type Cut, Cutter } from '../../support/cutter'
import { inputsOf } from '../../support/inputs'
import { ReplicaSet } from '../../support/mongod'
import { calculation, changing, noon, stored } from '../../support/sessions'
import { describeMongo, gathered, openMongo } from '../../support/stores'
import { until, within } from '../../support/until'

/** Deadline in ms by which every promise of the store has settled. */
const settledMs = 20_000

describeMongo('lost connections to MongoDB', () => {
  let set: ReplicaSet
  let cutter: Cutter
  let behind: MongoStore
  let direct: MongoStore
  beforeAll(async () => {
    set = await ReplicaSet.start(1, ['--setParameter', 'enableTestCommands=1'])
    cutter = await Cutter.start(set.hosts[0] as string, 'benefit-sessions')
    behind = await openMongo(`mongodb://${cutter.host}/cut?directConnection=true`)
    direct = await openMongo(`mongodb://${set.hosts[0]}/cut?directConnection=true`)
  })
  afterAll(async () => {
    await Promise.all([behind?.end(), direct?.end()])
    await cutter?.stop()
    await set?.stop()
  })

  const calculated = (session: Session, n: number) =>
    changing(session, { event: 'CalculateRequested', payload: inputsOf(n) })

  test('a write in the same batch as a lost one reports its own outcome, however many writes of others follow', async () => {
    const [first, session, moved] = await Promise.all([stored(behind), stored(behind), stored(behind)])
    await direct.sessions.save(calculated(moved, 1), moved.version)
    // Delays the read that determines the outcome of the batch by three seconds.
    const data = { failCommands: ['find'], blockConnection: true, blockTimeMS: 3_000 }
    await set.command(0, { configureFailPoint: 'failCommand', mode: { times: 1 }, data })
    const write = calculated(session, 1)
    const saving = Promise.all([
      behind.sessions.save(calculated(first, 1), first.version),
      behind.sessions.save(write, session.version),
      behind.sessions.save(calculated(moved, 2), moved.version),
    ])
    const { session_id, version } = write.session
    const made = () => direct.db.collection<{ _id: string }>('sessions').countDocuments({ _id: session_id, version })
    await until(async () => (await made()) === 1, settledMs, 'the first write')
    let latest = write.session
    for (let n = 2; n < 32; n++) {
      const next = calculated(latest, n)
      expect(await direct.sessions.save(next, latest.version)).toBe(true)
      latest = next.session
    }
    expect(await saving).toEqual([true, true, false])
    expect(await direct.sessions.read(session.session_id)).toEqual(latest)
    expect(await direct.sessions.results(session.session_id)).toHaveLength(31)
  })

  test('an operation that starts on a closing connection continues on another', async () => {
    const [session, changed] = await Promise.all([stored(direct), stored(direct)])
    await Promise.all(
      Array.from({ length: 50 }, () => direct.sessions.idempotencyRecord(session.session_id, 'a key', noon)),
    )
    const port = Number((set.hosts[0] as string).split(':')[1])
    const handles = (process as unknown as { _getActiveHandles(): unknown[] })._getActiveHandles()
    const sockets = handles.filter((one): one is Socket => one instanceof Socket && one.remotePort === port)
    expect(sockets.length).toBeGreaterThan(5)
    // The driver still trusts a destroyed socket, because its close event comes a turn later.
    for (const socket of sockets) socket.destroy()
    const asked = [
      ...Array.from({ length: 50 }, () => direct.sessions.idempotencyRecord(session.session_id, 'a key', noon)),
      direct.sessions.read(session.session_id),
      direct.sessions.transitions(session.session_id, 0, 1),
      direct.sessions.save(calculated(changed, 1), changed.version),
    ]
    const outcomes = await within(settledMs, 'what was asked', Promise.all(asked))
    expect(outcomes.slice(-3)).toEqual([session, [expect.objectContaining({ sequence: 1 })], true])
  })

  test('a streamed read finishes within its deadline or is unavailable, and an abandoned one releases its cursor on the server', async () => {
    await Promise.all(Array.from({ length: 10 }, () => stored(direct)))
    const sessions = direct.db.collection('sessions')
    const parts = (ms: number) => streamFromStore(signal => sessions.find({}, { batchSize: 2, signal }), ms)
    const open = async () => (await set.command(0, { serverStatus: 1 })).metrics.cursor.open.total
    const before = await open()

    expect((await gathered(parts(5_000))).flat().length).toBe(await sessions.countDocuments())
    for await (const part of parts(5_000)) {
      expect(part).toHaveLength(2)
      break
    }
    await until(async () => (await open()) === before, 60_000, 'the server to let the cursor go')

    const data = { failCommands: ['getMore'], blockConnection: true, blockTimeMS: 3_000 }
    await set.command(0, { configureFailPoint: 'failCommand', mode: { times: 1 }, data })
    const begun = performance.now()
    let read = 0
    const reading = (async () => {
      for await (const part of parts(300)) read += part.length
    })()
    await expect(reading).rejects.toMatchObject({ code: 'unavailable' })
    expect(performance.now() - begun).toBeLessThan(2_000)
    expect(read).toBe(2)
    await until(async () => (await open()) === before, 60_000, 'the server to let the cursor go')
  })

  /** Cuts every connection once this many more bytes have passed towards the client. */
  const cutAll = (how: Cut, bytes: number): Promise<unknown> =>
    Promise.all([...cutter.links].map(link => cutter.cut(link, how, 'client', bytes, 3_000)))

  test('leave every session writable and no promise pending', async () => {
    const sessions = await Promise.all(Array.from({ length: 20 }, () => stored(behind)))
    let writing = true
    let longest = 0
    /** Writes to one session like a use case: reads, decides, saves, and starts again after a lost race. */
    async function write({ session_id }: Session, from: number): Promise<void> {
      for (let n = from; writing; n++) {
        const begun = performance.now()
        try {
          const session = (await behind.sessions.read(session_id)) as Session
          await behind.sessions.save(calculated(session, n), session.version)
        } catch (error) {
          expect(error).toMatchObject({ code: 'unavailable' })
        }
        longest = Math.max(longest, performance.now() - begun)
      }
    }
    /** Keeps many connections busy. */
    async function ask({ session_id }: Session): Promise<void> {
      while (writing) {
        const begun = performance.now()
        await behind.sessions
          .idempotencyRecord(session_id, 'a key', noon)
          .catch(error => expect(error).toMatchObject({ code: 'unavailable' }))
        longest = Math.max(longest, performance.now() - begun)
      }
    }
    const writers = sessions.flatMap((session, i) => [
      write(session, i * 10_000),
      ...Array.from({ length: 5 }, () => ask(session)),
    ])
    for (let cut = 0; cut < 40; cut++) await cutAll(cut % 2 === 0 ? 'destroyed' : 'reset', (cut * 37) % 400)
    await cutAll('half-closed', 100)
    writing = false
    await within(settledMs, 'what was asked', Promise.all(writers))
    expect(longest).toBeLessThan(settledMs)
    for (const { session_id } of sessions) {
      const session = (await behind.sessions.read(session_id)) as Session
      expect(await behind.sessions.save(changing(session, calculation(999_999)), session.version)).toBe(true)
      const transitions = await behind.sessions.transitions(session_id, 0, 1_000)
      expect(transitions?.map(({ sequence }) => sequence)).toEqual(transitions?.map((_, i) => i + 1))
    }
  })
})
