import { noSums } from '../../../src/capabilities/totals/model'
import { type Dimension, dimensions, type TotalsRow } from '../../../src/capabilities/totals/store'
import type { Contribution } from '../../../src/domain/contribution'
import type { Filter } from '../../../src/domain/list-query'
import { contributionOf, type Session } from '../../../src/domain/session'
import { figures, largest, minutesAfter, storeEveryKind } from '../../db/every-kind'
import { selects } from '../../support/filters'
import { randomFrom } from '../../support/random'
import { calculation, changing, stored } from '../../support/sessions'
import { gathered, overStores, suiteDatabase } from '../../support/stores'

overStores(kind => {
  const database = suiteDatabase(kind.newDatabase)
  let all: Session[]

  /** Sessions of every kind, and enough more for several read steps. */
  beforeAll(async () => {
    const random = randomFrom(12)
    const oneOf = <T>(...choices: T[]): T => choices[Math.floor(random() * choices.length)] as T
    const { store } = database
    const more = Array.from({ length: 1_200 }, async (_, i) => {
      const who = { mentor_id: `m${Math.floor(random() * 90)}`, organisation_id: oneOf(null, 'o', 'p', 'p"') }
      const currency = oneOf(undefined, 'GBP', 'JPY')
      const period = oneOf(undefined, { from: '2025-12-31', to: `2026-0${1 + Math.floor(random() * 9)}-01` })
      const stated = figures({
        sessions: i,
        cost_per_session: i / 100,
        ...(currency && { currency }),
        ...(period && { period }),
      })
      const session = await stored(
        store,
        who,
        random() < 0.2 ? [] : [calculation(i + 1), stated],
        minutesAfter(i / 100),
      )
      if (random() > 0.1 || session.result_id === null) return session
      const reset = changing(session, 'ResetRequested', session.updated_at)
      expect(await store.sessions.save(reset, session.version)).toBe(true)
      return reset.session
    })
    all = [...(await storeEveryKind(store)), ...(await Promise.all(more))]
  })

  const filters: Filter[] = [
    {},
    { mentor_id: 'm7' },
    { mentor_id: 'm7', organisation_id: 'p' },
    { organisation_id: 'p"' },
    { organisation_id: 'o', state: 'initial' },
    { state: 'error' },
    { state: 'loading' },
    { mentor_id: 'nobody' },
    { organisation_id: null },
    { mentor_id: 'm7', organisation_id: null, state: 'loaded' },
    { months: { from: '2026-02', to: '2026-04' } },
    { months: { to: '2026-03' }, organisation_id: 'p' },
    { months: { from: '2026-08' }, mentor_id: 'm7', state: 'loaded' },
    { months: { from: '2026-03', to: '2026-03' }, state: 'error' },
    { months: { from: '2026-10' } },
  ]

  const by: Dimension[][] = [
    [],
    ['state', 'currency'],
    ['month', 'currency'],
    ['mentor_id', 'currency'],
    ['organisation_id', 'currency'],
    ['organisation_id', 'mentor_id', 'state', 'currency', 'month'],
  ]

  const dimensionsOf = (session: Session): Pick<TotalsRow, Dimension> => {
    const { state, result } = contributionOf(session) as Contribution
    const { mentor_id, organisation_id } = session
    return { mentor_id, organisation_id, state, currency: result?.currency ?? null, month: result?.month ?? null }
  }

  /** The expected rows, counted in the test. */
  function counted(filter: Filter, by: Dimension[]): TotalsRow[] {
    const rows = new Map<string, TotalsRow>()
    for (const session of all) {
      if (!selects(filter, session)) continue
      const told = dimensionsOf(session)
      for (const name of dimensions) if (!by.includes(name)) told[name] = null
      const key = keyOf(told)
      const row = rows.get(key) ?? { ...told, ...noSums, sessions: 0 }
      rows.set(key, row)
      row.sessions++
      const result = contributionOf(session)?.result
      if (!result) continue
      row.results++
      for (const name of ['held', 'minutes', 'cost', 'value'] as const) row[name] += BigInt(result[name])
    }
    return [...rows.values()]
  }

  const keyOf = (row: Pick<TotalsRow, Dimension>): string => JSON.stringify(dimensions.map(name => row[name]))
  const inOrder = (rows: TotalsRow[]): TotalsRow[] => rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))

  test.each(filters)('the totals of %j are the sums over its sessions, for any grouping', async filter => {
    for (const names of by) {
      const rows = await gathered(database.store.totals.rows(filter, names))
      expect(inOrder(rows)).toEqual(inOrder(counted(filter, names)))
    }
    expect(await database.store.lists.count(filter)).toBe(counted(filter, [])[0]?.sessions ?? 0)
  })

  test.each(['mentor_id', 'organisation_id'] as const)('all rows of one %s are adjacent', async name => {
    for (const filter of filters) {
      const ids = (await gathered(database.store.totals.rows(filter, [name, 'currency', 'state']))).map(
        row => row[name],
      )
      const runs = ids.filter((id, i) => i === 0 || id !== ids[i - 1])
      expect(runs).toHaveLength(new Set(ids).size)
    }
  })

  test('a reader may stop before the end of the totals', async () => {
    for await (const row of database.store.totals.rows({}, ['mentor_id'])) {
      expect(row.sessions).toBeGreaterThan(0)
      break
    }
    expect(await database.store.lists.count({})).toBe(all.length)
  })

  describe('sums beyond 64 bits of hundredths', () => {
    const database = suiteDatabase(kind.newDatabase)

    test('are exact', async () => {
      const count = 4_000
      const sessions = Array.from({ length: count }, () => stored(database.store, {}, [largest]))
      const result = contributionOf((await Promise.all(sessions))[0] as Session)?.result
      const value = BigInt(count) * BigInt(result?.value ?? 0)
      expect(value).toBeGreaterThan(2n ** 63n)
      const cost = BigInt(count) * BigInt(result?.cost ?? 0)
      expect(await gathered(database.store.totals.rows({}, []))).toMatchObject([{ results: count, cost, value }])
    })
  })
})
