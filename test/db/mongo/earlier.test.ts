import type { Dimension, Entry, Store } from '../../../src/db/store'
import { sessionOrderFields } from '../../../src/domain/order'
import { type Commit, type Session, standingOf } from '../../../src/domain/session'
import { calculation, changing, stored } from '../../support/sessions'
import { describeMongo, gathered, logOf, mongoPlace, placed } from '../../support/stores'
import { until } from '../../support/until'
import { minutesAfter, storeEveryKind } from '../every-kind'

describeMongo('sessions whose latest write is of a program that did not say what it changed of the totals', () => {
  const place = placed(mongoPlace)
  let sessions: Session[]
  beforeAll(async () => {
    sessions = await storeEveryKind(place.store)
  })

  /** As that program leaves what it writes. */
  const leaveUnsaid = (filter: { _id?: string } = {}) =>
    place.store.db.collection<{ _id: string }>('sessions').updateMany(filter, { $unset: { 'commit.standing': 1 } })

  const dimensions: Dimension[][] = [
    [],
    ['state', 'currency'],
    ['month', 'currency'],
    ['mentor_id', 'currency'],
    ['organisation_id', 'mentor_id', 'state', 'currency', 'month'],
  ]

  async function told(): Promise<unknown[]> {
    const { store } = place
    return Promise.all([
      ...sessions.map(({ session_id }) => store.read(session_id)),
      store.standings('', 100).then(({ sessions }) => sessions),
      ...dimensions.map(by => gathered(store.totals({}, by))),
      gathered(store.totals({ mentor_id: 'a', state: 'error' }, ['currency'])),
      store.calculations({}, minutesAfter(31)),
    ])
  }

  test('are read, and add to the totals, as those of this one', async () => {
    const before = await told()
    expect(before.slice(0, sessions.length)).toEqual(sessions)
    expect((await leaveUnsaid()).modifiedCount).toBe(sessions.length)
    expect(await told()).toEqual(before)
  })

  test('are gone on with as they stand, while programs of both kinds write', async () => {
    const log = await logOf(place.store)
    for (const first of sessions) {
      let session = (await place.store.read(first.session_id)) as Session
      for (let n = 0; n < 6; n++) {
        if (n % 3 !== 1) await leaveUnsaid({ _id: session.session_id })
        const read = (await place.store.read(session.session_id)) as Session
        expect(read).toEqual(session)
        const { session: after, ...write } = changing(read, calculation(100 + n), minutesAfter(70 + 10 * n))
        expect(await place.store.save({ ...write, session: after }, read.version)).toBe(true)
        const isTold = ({ session_id, transitions }: Commit) =>
          session_id === after.session_id && transitions.at(-1)?.sequence === after.version
        await until(() => log.some(({ commit }) => isTold(commit)), 60_000, 'the commit')
        const { commit } = log.find(({ commit }) => isTold(commit)) as Entry
        expect(commit.standing).toEqual({ before: standingOf(session), after: standingOf(after) })
        session = after
      }
    }
  })
})

describeMongo('sessions whose latest write is of a program that did not say what they are put in order by', () => {
  const place = placed(mongoPlace)

  test('stand where those of this one stand from the next start on, and no subscriber is told of it', async () => {
    const { store } = place
    const sessions = await storeEveryKind(store)
    const documents = store.db.collection<{ _id: string }>('sessions')
    const orders = sessionOrderFields.flatMap(by =>
      by === 'created_at' ? [] : [null, 'GBP'].map(currency => ({ by, descending: true, currency })),
    )
    const told = (from: Store) => Promise.all(orders.map(order => from.sorted({}, order, { limit: 100 })))
    const [before, stated] = [await told(store), await documents.find().toArray()]
    const log = await logOf(store)
    const known = log.length
    await documents.updateMany({}, { $unset: { 'commit.sorting': 1 } })
    for (const { sessions: found, more } of await told(store)) {
      expect(found).toHaveLength(sessions.length)
      expect(more).toBe(false)
    }
    const again = await place.open()
    expect(await told(again)).toEqual(before)
    expect(await documents.find().toArray()).toEqual(stated)
    await stored(again, { session_id: 'one more' })
    await until(() => log.at(-1)?.commit.session_id === 'one more', 60_000, 'the next commit')
    expect(log).toHaveLength(known + 1)
  })
})
