import fc from 'fast-check'
import { groupFields } from '../../../src/capabilities/totals/model'
import { sumsPerAnswer } from '../../../src/capabilities/totals/tallies'
import type { Totals } from '../../../src/capabilities/totals/totals'
import type { Store } from '../../../src/db/store'
import type { Filter } from '../../../src/domain/list-query'
import type { MonthRange } from '../../../src/domain/months'
import { newestFirst } from '../../../src/domain/order'
import { SessionQueries } from '../../../src/sessions/session-queries'
import { inputsOf } from '../../support/inputs'
import { intercepting } from '../../support/intercepting'
import { calculation, noon, stored } from '../../support/sessions'
import { embeddedDatabase, overStores } from '../../support/stores'
import { endProcesses, kept, processOn } from './processes'
import { counted, filter, ofAnySessions } from './recount'

const byId = { order: { by: groupFields[0], descending: false, currency: null }, first: 100 }

/** Returns the same figures, as these totals and the store's list have them. */
async function said(totals: Totals, store: Store, filter: Filter): Promise<unknown> {
  const { calculations, ...summary } = await totals.summary(filter)
  const trend = totals.trend(filter, filter.months ? undefined : 6)
  const nodes = ({ edges }: Awaited<ReturnType<Totals['mentors']>>) => edges.map(({ node }) => node)
  const queries = new SessionQueries({ store, clock: () => new Date(noon) })
  const listed: string[] = []
  for (let after: { key: string; session_id: string } | undefined, more = true; more; ) {
    const page = await queries.sorted(filter, newestFirst, { limit: 4, after })
    listed.push(...page.sessions.map(({ session_id }) => session_id))
    const last = page.sessions.at(-1)
    after = last && { key: String(last.key), session_id: last.session_id }
    more = page.more
  }
  return {
    count: await totals.count(filter),
    ...summary,
    calculations: calculations.reduce((sum, { count }) => sum + count, 0),
    months: await trend.catch(error => (error.code === 'invalid_query' ? null : Promise.reject(error))),
    mentors: nodes(await totals.mentors(filter, byId)),
    organisations: nodes(await totals.organisations(filter, byId)),
    list: listed,
  }
}

afterEach(endProcesses)

overStores(kind => {
  test('the projection, the store and a recount agree for any sessions, months and other filters', async () => {
    const property = ofAnySessions(kind, filter, async (totals, store, filter, sessions) =>
      expect(await said(totals, store, filter)).toEqual(counted(sessions, filter)),
    )
    await fc.assert(property, { numRuns: kind.name === 'embedded' ? 25 : 8 })
  })
})

test('the store adds up an answer that would look at too many sums, about all sessions and about groups', async () => {
  const database = await embeddedDatabase()
  const opened = await database.open()
  await stored(opened, { mentor_id: 'wide' }, [calculation(3)])
  const currencies = Intl.supportedValuesOf('currency')
  const wide = (['loaded', 'error'] as const).flatMap(state =>
    currencies.flatMap(currency =>
      Array.from({ length: 200 }, (_, i) => ({
        session_id: `${state} ${currency} ${i}`,
        mentor_id: 'wide',
        organisation_id: null,
        created_at: noon,
        label: null,
        contribution: {
          state,
          result: { currency, month: `${1_000 + i}-01`, held: 1, minutes: 100, cost: 100, value: 100 },
          calculations: [],
        },
      })),
    ),
  )
  expect(wide.length).toBeGreaterThan(sumsPerAnswer)
  const over = (store: Store): Store =>
    intercepting(store, {
      totals: {
        async contributions(after, limit) {
          const page = await store.totals.contributions(after, limit)
          return { ...page, sessions: [...page.sessions, ...wide] }
        },
      },
    })
  const process = await processOn(opened, { clock: () => new Date(noon), over })
  try {
    await kept(process)
    const { totals, asked } = process
    const decade = { months: { from: '1000-01', to: '1009-12' } }
    expect(await totals.count(decade)).toBe(2 * currencies.length * 10)
    expect(await totals.count({})).toBe(wide.length + 1)
    expect((await totals.mentors(decade, byId)).edges[0]?.node.sessions).toBe(2 * currencies.length * 10)
    expect(asked).toEqual([])
    // The caller gets an error rather than a long pause of all other work.
    const all = { months: { from: '0001-01' } }
    await expect(totals.summary(all)).rejects.toThrow(`more than ${sumsPerAnswer} sums`)
    await expect(totals.trend({ months: { to: '2026-12' } })).rejects.toThrow('from')
    await expect(totals.mentors(all, byId)).rejects.toThrow(`more than ${sumsPerAnswer} sums`)
    await expect(totals.organisations(all, byId)).rejects.toThrow(`more than ${sumsPerAnswer} sums`)
    const month = { months: { from: '1000-01', to: '1000-01' } }
    const [mentor] = (await totals.mentors(month, byId)).edges
    expect(mentor?.node).toMatchObject({ results: 2 * currencies.length })
    expect(asked).toEqual([])
  } finally {
    await database.drop()
  }
})

test('an open range that is too long is refused', async () => {
  const database = await embeddedDatabase()
  const store = await database.open()
  const clock = () => new Date(noon)
  const periods = ['1999-01', '2001-05', '2026-02', '2040-02', '2037-12']
  for (const to of periods) {
    const period = { from: '1990-01-01', to: `${to}-28` }
    await stored(store, {}, [{ event: 'CalculateRequested', payload: { ...inputsOf(1), period } }])
  }
  const process = await processOn(store, { clock })
  try {
    await kept(process)
    const { totals } = process
    const refused = (months: MonthRange) => expect(totals.trend({ months })).rejects
    await refused({ from: '2026-01' }).toThrow('must be 2030-03 or later')
    await refused({ to: '2026-12' }).toThrow('must be 2017-01 or later')
    expect(await totals.trend({ months: { from: '2037-01' } })).toHaveLength(38)
    expect(process.asked).toEqual([])
  } finally {
    await database.drop()
  }
})
