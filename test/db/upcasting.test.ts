import { z } from 'zod'
import type { Store, Write } from '../../src/db/store'
import { additionsOf } from '../../src/db/upcasting'
import { methods } from '../../src/domain/methods'
import type { Result } from '../../src/domain/session'
import { calculation, changing, starting } from '../support/sessions'
import { gathered, overStores, suiteDatabase } from '../support/stores'

/** Stores a session whose results are changed by `alter` before they are stored. */
async function storedWith(store: Store, alter: (result: Result) => Result): Promise<Write> {
  const first = starting()
  await store.sessions.add(first)
  const { session, ...calculated } = changing(first.session, calculation(3))
  const changes = calculated.changes.map(change =>
    change.result ? { ...change, result: alter(change.result) } : change,
  )
  const result = session.result && alter(session.result)
  await store.sessions.save({ ...calculated, session: { ...session, result }, changes }, first.session.version)
  const shared = changing(session, 'ShareRequested')
  await store.sessions.save(shared, session.version)
  return shared
}

/** Returns the result as each read of the store returns it. */
async function reads(store: Store, { session }: Write): Promise<Record<string, unknown>> {
  const { session_id, result_id } = session
  const exported = (await gathered(store.export({}, new AbortController().signal))).flat()
  return {
    read: (await store.sessions.read(session_id))?.result,
    result: await store.sessions.result(session_id, String(result_id)),
    results: (await store.sessions.results(session_id))[0],
    shared: (await store.sessions.shared(String(session.shares[0]?.token)))?.result,
    exported: exported.find(one => one.session_id === session_id)?.result,
  }
}

const names = ['read', 'result', 'results', 'shared', 'exported']
const ofEach = (result: unknown) => Object.fromEntries(names.map(name => [name, result]))

test('an older object reads a member that it lacks by its default, as absent if optional, otherwise as null', () => {
  const schema = z.strictObject({
    required: z.string(),
    defaulted: z.number().nullable().default(7),
    optional: z.string().optional(),
    nullish: z.string().nullish(),
    nullable: z.string().nullable(),
  })
  expect(additionsOf(schema)).toEqual([
    ['defaulted', 7],
    ['nullable', null],
  ])
})

overStores(kind => {
  const database = suiteDatabase(kind.newDatabase)

  test('a result is stored and read with all its members, even those that the store does not know', async () => {
    let stored: unknown
    const write = await storedWith(database.store, result => {
      const outputs = { ...result.outputs, carbon_saved: 1.5 }
      stored = { ...result, outputs, confidence: { low: 1, high: 2 } }
      return stored as Result
    })
    expect(await reads(database.store, write)).toEqual(ofEach(stored))
  })

  test('a result keeps the method and the caveat that it was made with', async () => {
    for (const texts of [
      methods[1],
      { method: 'time-value/0', caveat: 'An early caveat.' },
      { caveat: 'An early caveat.' },
      { method: 'time-value/0' },
    ]) {
      let stored: unknown
      const write = await storedWith(database.store, result => {
        stored = { ...result, ...texts }
        return stored as Result
      })
      expect(await reads(database.store, write)).toStrictEqual(ofEach(stored))
    }
  })

  test('a stored result that lacks a member reads as its schema says: null if nullable, absent if optional', async () => {
    let stored: Result | undefined
    const write = await storedWith(database.store, result => {
      stored = result
      const { roi_percent: _, ...outputs } = result.outputs
      return { ...result, outputs: outputs as Result['outputs'] }
    })
    const expected = { ...stored, outputs: { ...stored?.outputs, roi_percent: null } }
    expect(stored?.inputs).not.toHaveProperty('label')
    const found = await reads(database.store, write)
    expect(found).toStrictEqual(ofEach(expected))
  })
})
