import type { Write } from '../../src/db/store'
import { ownerOf, signedBy } from '../../src/domain/session'
import { calculation, changing, closing, idempotencyRecordOf, noon, starting } from '../support/sessions'
import { gathered, logOf, overStores, suiteDatabase } from '../support/stores'
import { until } from '../support/until'

const by = 'Zoë ☕'
const signedWrite = (write: Write): Write => ({ ...write, changes: signedBy(write.changes, by) })

overStores(kind => {
  const database = suiteDatabase(kind.newDatabase)

  test('the author of a transition is stored with it and appears wherever the transition does', async () => {
    const { store } = database
    const log = await logOf(store)
    const start = signedWrite(starting())
    await store.sessions.add({ ...start, idempotency: idempotencyRecordOf(start, 'start') })
    const calculated = signedWrite(changing(start.session, calculation(1)))
    await store.sessions.save({ ...calculated, idempotency: idempotencyRecordOf(calculated, 'key') }, 1)
    const unsigned = changing(calculated.session, 'ShareRequested')
    await store.sessions.save(unsigned, 3)
    const { session_id } = start.session
    const writes = [start, calculated, unsigned]
    const made = writes.flatMap(({ changes }) => changes.map(({ transition }) => transition))
    expect(made.map(transition => transition.by)).toEqual([by, by, by, undefined])

    const owner = ownerOf(start.session)
    const owners = { past: owner, present: owner }
    expect(await store.sessions.transitions(session_id, 0, 10)).toEqual(made.map(one => ({ ...one, owners })))
    expect((await store.sessions.idempotencyRecord(null, 'start', noon))?.transitions).toEqual(made.slice(0, 1))
    expect((await store.sessions.idempotencyRecord(session_id, 'key', noon))?.transitions).toEqual(made.slice(1, 3))
    for await (const [exported] of store.export({}, new AbortController().signal))
      expect(exported).not.toHaveProperty('by')

    const close = signedWrite(closing(unsigned.session))
    await store.sessions.close(close, 4)
    const all = [...made, ...close.changes.map(({ transition }) => transition)]
    const told = () => log.flatMap(({ commit }) => commit.transitions)
    await until(() => told().length === all.length, 60_000, 'the close')
    expect(told()).toEqual(all)
    if (kind.name === 'embedded') {
      const { entries } = await store.log.history(String(log[0]?.before), 10)
      expect(entries.flatMap(({ commit }) => commit.transitions)).toEqual(all)
    }
    expect((await store.sessions.idempotencyRecord(null, 'start', noon))?.transitions).toEqual(made.slice(0, 1))
    expect(await gathered(store.export({}, new AbortController().signal))).toEqual([])
  })
})
