import { MongoStore } from '../../src/db/mongo'
import type { Session } from '../../src/domain/session'
import { type Cut, Cutter } from '../support/cutter'
import { ReplicaSet } from '../support/mongod'
import { calculation, changing, inputsOf, stored } from '../support/sessions'
import { describeMongo } from '../support/stores'

/** Every promise of the store is settled by then. */
const settledMs = 20_000

describeMongo('connections to MongoDB that are cut', () => {
  let set: ReplicaSet
  let cutter: Cutter
  let behind: MongoStore
  let direct: MongoStore
  beforeAll(async () => {
    set = await ReplicaSet.start(1)
    cutter = await Cutter.start(set.hosts[0] as string, 'benefit-sessions')
    behind = await MongoStore.open(`mongodb://${cutter.host}/cut?directConnection=true`)
    direct = await MongoStore.open(`mongodb://${set.hosts[0]}/cut?directConnection=true`)
  }, 60_000)
  afterAll(async () => {
    await Promise.all([behind?.end(), direct?.end()])
    await cutter?.stop()
    await set?.stop()
  })

  const calculated = (session: Session, n: number) =>
    changing(session, { event: 'CalculateRequested', payload: inputsOf(n) })

  /** Cuts every connection there is, when so many bytes more have passed towards the client. */
  const cutAll = (how: Cut, bytes: number): Promise<unknown> =>
    Promise.all([...cutter.links].map(link => cutter.cut(link, how, 'client', bytes, 3_000)))

  test('a write whose answer was lost is told by what it wrote, however many writes of others came behind it', async () => {
    const session = await stored(behind)
    // The server makes the write, and its answer stands still on the way until others have written a great deal.
    const stalled = Promise.all([...cutter.links].map(link => cutter.cut(link, 'stalled', 'client', 0, 3_000)))
    const first = calculated(session, 1)
    const saving = behind.save(first, session.version)
    let latest = first.session
    for (;;) {
      const found = (await direct.read(session.session_id)) as Session
      if (found.version === latest.version) break
    }
    for (let n = 2; n < 32; n++) {
      const next = calculated(latest, n)
      expect(await direct.save(next, latest.version)).toBe(true)
      latest = next.session
    }
    await stalled
    expect(await saving).toBe(true)
    expect(await direct.read(session.session_id)).toEqual(latest)
    expect(await direct.results(session.session_id)).toHaveLength(31)
  }, 60_000)

  test('leave no session that cannot be written, and no promise open', async () => {
    const sessions = await Promise.all(Array.from({ length: 20 }, () => stored(behind)))
    let writing = true
    let longest = 0
    /** Writes to one session as a use case does: reads, decides, saves, and begins anew where that was lost. */
    async function write({ session_id }: Session, from: number): Promise<void> {
      for (let n = from; writing; n++) {
        const begun = performance.now()
        try {
          const session = (await behind.read(session_id)) as Session
          await behind.save(calculated(session, n), session.version)
        } catch (error) {
          expect(error).toMatchObject({ code: 'unavailable' })
        }
        longest = Math.max(longest, performance.now() - begun)
      }
    }
    const writers = sessions.map((session, i) => write(session, i * 10_000))
    for (let cut = 0; cut < 40; cut++) await cutAll(cut % 2 === 0 ? 'destroyed' : 'reset', (cut * 37) % 400)
    await cutAll('half-closed', 100)
    writing = false
    await Promise.all(writers)
    expect(longest).toBeLessThan(settledMs)
    for (const { session_id } of sessions) {
      const session = (await behind.read(session_id)) as Session
      expect(await behind.save(changing(session, calculation(999_999)), session.version)).toBe(true)
      const transitions = await behind.transitions(session_id, 0, 1_000)
      expect(transitions?.map(({ sequence }) => sequence)).toEqual(transitions?.map((_, i) => i + 1))
    }
  }, 120_000)
})
