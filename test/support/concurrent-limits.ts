import type { Store } from '../../src/db/store'
import type { StoreKind, suiteDatabase } from './stores'

/** Maximum number of objects of one organisation, and in total. */
export const objectsOfOrganisation = 100
export const objectsInTotal = 1_000

interface LimitedObjects {
  /** Adds an object. Resolves to undefined, or to the limit that refuses the object. */
  add(store: Store, organisation_id: string | null): Promise<number | undefined>
  list(store: Store): Promise<unknown[]>
  /** Removes one object of an organisation. */
  removeOne(store: Store, organisation_id: string): Promise<unknown>
}

/** Tests that concurrent additions keep the limits, on two stores over one database if that is possible. */
export function testConcurrentLimits(
  objects: string,
  kind: StoreKind,
  database: ReturnType<typeof suiteDatabase>,
  { add, list, removeOne }: LimitedObjects,
): void {
  let stores: Store[]
  beforeAll(async () => {
    stores = kind.shared ? [database.store, await database.open()] : [database.store]
  })

  const addedAtOnce = (organisations: (string | null)[]): Promise<(number | undefined)[]> =>
    Promise.all(
      organisations.map((organisation_id, n) => add(stores[n % stores.length] ?? database.store, organisation_id)),
    )
  const repeated = (organisation_id: string | null, length: number) => Array.from({ length }, () => organisation_id)
  const countOf = (outcomes: (number | undefined)[], outcome: number | undefined): number =>
    outcomes.filter(one => one === outcome).length

  test(`however many are added at once, an organisation has at most 100 ${objects}, 100 have none, and there are 1,000 in all`, async () => {
    const { store } = database
    for (const organisation_id of ['full', null]) {
      const outcomes = await addedAtOnce(repeated(organisation_id, 115))
      expect([countOf(outcomes, undefined), countOf(outcomes, objectsOfOrganisation)]).toEqual([100, 15])
    }
    const others = (length: number) => addedAtOnce(Array.from({ length }, (_, n) => `other ${n}`))
    for (let n = 0; n < 7; n++) expect(countOf(await others(100), undefined)).toBe(100)
    const last = await others(120)
    expect([countOf(last, undefined), countOf(last, objectsInTotal)]).toEqual([100, 20])
    expect(await list(store)).toHaveLength(1_000)

    expect(await add(store, 'full')).toBe(objectsInTotal)
    await removeOne(store, 'full')
    expect(await add(store, 'full')).toBeUndefined()
    expect(await add(store, 'full')).toBe(objectsInTotal)
  })
}
