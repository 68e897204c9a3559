import fc from 'fast-check'
import type { OtherOrder, SortedPage, SortedSessions, Store } from '../../src/db/store'
import type { Filter } from '../../src/domain/list-query'
import { isAmount, type SessionOrder, sessionOrderFields, sortKeyOf } from '../../src/domain/order'
import { type Session, withoutHistory } from '../../src/domain/session'
import { compareSortKeys, type SortKey as PlaceInOrder } from '../../src/domain/sort-key'
import { selects } from '../support/filters'
import { calculation, changing, closing, noon, secondsAfter, stored } from '../support/sessions'
import { overStores, suiteDatabase } from '../support/stores'
import { figures, largest, storeEveryKind } from './every-kind'

/** In order of their code points. This differs from the order of code units and of any language. */
const labels = ['$where', 'Zebra', '_', 'apple', 'e\u0301', 'zebra', 'é', '漢', '\uFF5E', '😀', '😀!']

const orders: OtherOrder[] = sessionOrderFields.flatMap(by => {
  if (by === 'created_at') return []
  const currencies = isAmount(by) ? [null, 'GBP'] : [null]
  return currencies.flatMap(currency => [true, false].map(descending => ({ by, descending, currency })))
})

const inOrder = (order: SessionOrder, sessions: Session[]): PlaceInOrder[] =>
  sessions.map(session => sortKeyOf(order, session)).sort(compareSortKeys(order))

async function pagesOf(
  store: Store,
  filter: Filter,
  order: OtherOrder,
  limit: number,
  between?: () => Promise<unknown>,
): Promise<SortedSessions['sessions']> {
  const found: SortedSessions['sessions'] = []
  for (let after: SortedPage['after']; ; await between?.()) {
    const page = await store.lists.sorted(filter, order, { limit, after })
    expect(page.sessions.length).toBeLessThanOrEqual(limit)
    found.push(...page.sessions)
    if (!page.more) return found
    after = page.sessions.at(-1)
  }
}

const placesOf = (found: SortedSessions['sessions']): PlaceInOrder[] =>
  found.map(({ key, session_id }) => ({ key, session_id }))

overStores(kind => {
  const database = suiteDatabase(kind.newDatabase)
  let all: Session[]

  beforeAll(async () => {
    const { store } = database
    all = await storeEveryKind(store)
    for (const [i, label] of [...labels, ...labels].entries()) {
      const who = {
        mentor_id: labels[(i * 7) % labels.length] as string,
        organisation_id: i % 3 ? `o${i % 3}` : null,
        external_id: `e${Math.floor(i / 3)}`,
      }
      const stated = figures({
        label,
        sessions: i % 4,
        cost_per_session: i % 5,
        avg_minutes: 0.1 * i,
        ...(i % 2 && { currency: ['GBP', 'EUR'][i % 3] ?? 'JPY' }),
        ...(i % 3 && { period: { from: '2026-01-01', to: `2026-0${1 + (i % 9)}-03` } }),
      })
      const commands = i % 9 === 8 ? [] : [stated]
      all.push(
        await stored(store, { ...who, session_id: `${i % 2 ? 'a' : 'é'} ${i}` }, commands, secondsAfter(noon, i % 6)),
      )
    }
  })

  const filters: Filter[] = [
    {},
    { organisation_id: 'o1' },
    { organisation_id: 'o', state: 'loaded' },
    { state: 'initial' },
    { state: 'closed' },
    { mentor_id: 'a' },
    { mentor_id: 'a', state: 'error' },
    { mentor_id: 'a', organisation_id: 'o' },
    { mentor_id: 'é', organisation_id: 'o2', state: 'loaded' },
    { organisation_id: 'nobody' },
    { organisation_id: null },
    { mentor_id: 'a', organisation_id: null },
    { months: { from: '2026-02', to: '2026-06' } },
    { months: { to: '2026-03' }, state: 'loaded' },
    { months: { from: '2026-02' }, organisation_id: 'o1' },
    { months: { from: '2026-01' }, organisation_id: null },
    { months: { from: '2026-02' }, mentor_id: 'é' },
    { months: { from: '2026-03' }, mentor_id: 'a', organisation_id: 'o' },
    { external_id: 'e1' },
    { external_id: 'e1', organisation_id: null },
    { external_id: 'e1', months: { from: '2026-01' } },
  ]

  const selected = (filter: Filter): Session[] => all.filter(session => selects(filter, session))

  test.each(orders)('the pages of the order %j hold every selected session at its sort position', async order => {
    for (const filter of filters) {
      const expected = inOrder(order, selected(filter))
      for (const limit of [1, 7, 100])
        expect(placesOf(await pagesOf(database.store, filter, order, limit))).toEqual(expected)
    }
  })

  test('texts sort by code point, and a missing text comes last in both directions', async () => {
    const labelsIn = async (descending: boolean) => {
      const found = await pagesOf(database.store, {}, { by: 'label', descending, currency: null }, 100)
      return found.map(({ key }) => key)
    }
    const ascending = await labelsIn(false)
    expect([...new Set(ascending)]).toEqual([
      ...labels.toSpliced(5, 0, 'cents').sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
      null,
    ])
    const known = ascending.filter(label => label !== null)
    expect((await labelsIn(true)).slice(0, known.length)).toEqual(known.toReversed())
  })

  test('amounts that doubles can barely tell apart are sorted exactly, to the hundredth', async () => {
    const { payload } = largest
    const sessions = await Promise.all(
      [0, 1, 2, 3].map(i =>
        stored(database.store, { mentor_id: 'large' }, [
          { ...largest, payload: { ...payload, cost_per_hour: 999_999 + i * 0.0001, currency: 'JPY' } },
        ]),
      ),
    )
    const order = { by: 'time_value', descending: true, currency: 'JPY' } as const
    const found = await pagesOf(database.store, { mentor_id: 'large' }, order, 2)
    expect(placesOf(found)).toEqual(inOrder(order, sessions))
    expect(new Set(found.map(({ key }) => key)).size).toBe(4)
    for (const session of sessions)
      expect(await database.store.sessions.close(closing(session), session.version)).toBe(true)
  })

  test('a session in a sorted page has its identifying members only', async () => {
    const { sessions } = await database.store.lists.sorted({}, orders[0] as OtherOrder, { limit: 100 })
    const sessionOf = new Map(all.map(session => [session.session_id, session]))
    for (const { session, session_id } of sessions) {
      expect(session).toEqual(withoutHistory(sessionOf.get(session_id) as Session))
    }
  })

  test('a walk in any order returns each unchanged session exactly once, and a changed session only at positions it had', async () => {
    const command = fc.record({
      which: fc.nat(),
      kind: fc.constantFrom('calculate', 'reset', 'close', 'start'),
      label: fc.constantFrom(...labels),
      currency: fc.constantFrom('GBP', 'EUR'),
      cost: fc.nat(5),
    })
    const property = fc.asyncProperty(
      fc.constantFrom(...orders),
      fc.constantFrom({}, { organisation_id: 'walked' }),
      fc.integer({ min: 1, max: 7 }),
      fc.array(fc.array(command, { maxLength: 3 }), { maxLength: 8 }),
      async (order, filter, limit, rounds) => {
        const { store } = database
        const mine = await Promise.all(
          labels.map((label, i) =>
            stored(store, { organisation_id: 'walked' }, [
              figures({ label, currency: i % 2 ? 'GBP' : 'EUR', sessions: 1 + (i % 3) }),
            ]),
          ),
        )
        const moved = new Set<string>()
        const wasAt = new Map(mine.map(session => [session.session_id, [sortKeyOf(order, session)]]))
        let n = 0
        async function change({ which, kind, label, currency, cost }: (typeof rounds)[number][number]): Promise<void> {
          n++
          if (kind === 'start') {
            const session = await stored(store, { organisation_id: 'walked' }, [calculation(n)], secondsAfter(noon, n))
            mine.push(session)
            moved.add(session.session_id)
            wasAt.set(session.session_id, [sortKeyOf(order, session)])
            return
          }
          const at = which % mine.length
          const session = mine[at] as Session
          moved.add(session.session_id)
          const later = secondsAfter(noon, n)
          if (kind === 'close') {
            mine.splice(at, 1)
            expect(await store.sessions.close(closing(session, later), session.version)).toBe(true)
            return
          }
          const stated = figures({ label, currency, cost_per_session: cost, sessions: 10 + n })
          const write = changing(session, kind === 'reset' ? 'ResetRequested' : stated, later)
          if (write.changes.length === 0) return
          expect(await store.sessions.save(write, session.version)).toBe(true)
          mine[at] = write.session
          wasAt.get(session.session_id)?.push(sortKeyOf(order, write.session))
        }
        const still = mine.filter(({ session_id }) => wasAt.has(session_id))
        const found = placesOf(
          await pagesOf(store, filter, order, limit, async () => {
            for (const one of rounds.shift() ?? []) if (mine.length > 1) await change(one)
          }),
        )
        const ofMine = found.filter(({ session_id }) => wasAt.has(session_id))
        const unmoved = still.filter(({ session_id }) => !moved.has(session_id))
        expect(ofMine.filter(({ session_id }) => !moved.has(session_id))).toEqual(inOrder(order, unmoved))
        for (const one of ofMine) expect(wasAt.get(one.session_id)).toContainEqual(one)
        expect(found).toEqual(found.toSorted(compareSortKeys(order)))
        for (const session of mine) await store.sessions.close(closing(session), session.version)
      },
    )
    await fc.assert(property, { numRuns: kind.name === 'embedded' ? 30 : 15 })
  })
})
