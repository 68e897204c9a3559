import fc from 'fast-check'
import { type ReportFilter, reportTotals } from '../../src/capabilities/reports/report-sums'
import { type Amounts, groupFields } from '../../src/capabilities/totals/model'
import { sumsAnAnswer } from '../../src/capabilities/totals/tallies'
import { Totals } from '../../src/capabilities/totals/totals'
import type { Filter, Store } from '../../src/db/store'
import type { Inputs } from '../../src/domain/calculator'
import type { MonthRange } from '../../src/domain/months'
import { newestFirst } from '../../src/domain/order'
import type { Session } from '../../src/domain/session'
import { SessionReads } from '../../src/sessions/session-reads'
import { monthOf, selects } from '../support/filters'
import { inputsOf } from '../support/inputs'
import { intercepting } from '../support/intercepting'
import { calculation, changing, failing, noon, quiet, stored } from '../support/sessions'
import { embeddedDatabase, overStores } from '../support/stores'
import { endProcesses, kept, processOn } from '../support/totals'
import { until } from '../support/until'

const months = ['1999-12', '2025-11', '2025-12', '2026-01', '2026-02', '2026-03', '2026-04', '2030-07']
const month = fc.constantFrom(...months)

/** A session: its owners, when it calculates, the end of its period, if any, and what it does afterwards. */
const session = fc.record({
  mentor_id: fc.constantFrom('m0', 'm1', 'm2'),
  organisation_id: fc.constantFrom(null, 'o0', 'o1'),
  computed: fc.constantFrom('2025-12', '2026-01', '2026-03'),
  period: fc.option(month),
  former: fc.option(month),
  currency: fc.constantFrom(undefined, 'GBP', 'JPY'),
  held: fc.nat({ max: 9 }),
  end: fc.constantFrom('none', 'calculate', 'calculate', 'calculate', 'fail', 'reset'),
})
type Made = typeof session extends fc.Arbitrary<infer S> ? S : never

const range: fc.Arbitrary<MonthRange | undefined> = fc
  .tuple(fc.option(month), fc.option(month))
  .map(ends => (ends[0] !== null && ends[1] !== null ? ends.toSorted() : ends))
  .map(([from, to]) => (from || to ? { ...(from && { from }), ...(to && { to }) } : undefined))

const filter: fc.Arbitrary<Filter> = fc
  .record({
    mentor_id: fc.constantFrom(undefined, undefined, 'm0', 'm1'),
    organisation_id: fc.constantFrom(undefined, undefined, null, 'o0'),
    state: fc.constantFrom(undefined, undefined, 'initial' as const, 'loaded' as const, 'error' as const),
    months: range,
  })
  .map(members => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)))

const at = (month: string): string => `${month}-15T12:00:00.000Z`

const inputs = ({ currency, held }: Made, to: string | null): Inputs => ({
  ...inputsOf(held),
  ...(currency && { currency }),
  ...(to && { period: { from: '1990-01-01', to: `${to}-28` } }),
})

async function made(store: Store, one: Made): Promise<Session> {
  const { computed, former, period, end } = one
  const time = at(computed)
  const calculating = (to: string | null, more = 0) => ({
    event: 'CalculateRequested' as const,
    payload: { ...inputs(one, to), sessions: one.held + more },
  })
  const commands = end === 'none' ? [] : [...(former ? [calculating(former, 1)] : []), calculating(period)]
  const session = await stored(store, one, commands, time)
  if (end !== 'fail' && end !== 'reset') return session
  const write =
    end === 'reset' ? changing(session, 'ResetRequested', time) : changing(session, calculation(99), time, failing)
  expect(await store.sessions.save(write, session.version)).toBe(true)
  return write.session
}

/** Returns the amounts of results, added up in cents. */
function amountsOf(sessions: Session[]): Amounts[] {
  const results = sessions.flatMap(({ result }) => result ?? [])
  const currencies = new Set(results.map(({ inputs }) => inputs.currency ?? null))
  const rows = [...currencies].map(currency => {
    const of = results.filter(({ inputs }) => (inputs.currency ?? null) === currency)
    const cents = (name: 'programme_cost' | 'time_value'): number =>
      of.reduce((sum, { outputs }) => sum + Math.round(outputs[name] * 100), 0)
    const [cost, value] = [cents('programme_cost'), cents('time_value')]
    const minutes = of.reduce((sum, { outputs }) => sum + outputs.total_minutes, 0)
    return {
      currency,
      results: of.length,
      sessions_held: of.reduce((sum, { inputs }) => sum + inputs.sessions, 0),
      total_hours: expect.closeTo(minutes / 60, 1),
      programme_cost: cost / 100,
      time_value: value / 100,
      net_benefit: (value - cost) / 100,
      benefit_cost_ratio: cost === 0 ? null : expect.closeTo(value / cost, 1),
    }
  })
  return rows.sort((a, b) => b.results - a.results || ((a.currency ?? '~') < (b.currency ?? '~') ? -1 : 1)) as Amounts[]
}

const resultsOf = (sessions: Session[]): number => sessions.filter(({ result }) => result).length

/** Returns every figure about the selected sessions, counted apart from the server's own code. */
function counted(sessions: Session[], filter: Filter): unknown {
  const selected = sessions.filter(session => selects(filter, session))
  const count = (state: Session['state']) => selected.filter(session => session.state === state).length
  const groupsBy = (name: 'mentor_id' | 'organisation_id') =>
    [...new Set(selected.map(session => session[name]))]
      .sort((a, b) => ((a ?? '~') < (b ?? '~') ? -1 : 1))
      .map(id => {
        const of = selected.filter(session => session[name] === id)
        return { id, sessions: of.length, results: resultsOf(of), amounts: amountsOf(of) }
      })
  return {
    count: selected.length,
    sessions: selected.length,
    states: (['initial', 'loaded', 'error'] as const).map(state => ({ state, count: count(state) })),
    results: resultsOf(selected),
    amounts: amountsOf(selected),
    // All former results of March are computed in the last 30 minutes.
    calculations: selected
      .flatMap(({ calculations }) => calculations)
      .filter(({ minute }) => minute.startsWith('2026-03'))
      .reduce((sum, { count }) => sum + count, 0),
    months: monthsOf(selected, filter),
    report: reportOf(selected, filter),
    mentors: groupsBy('mentor_id'),
    organisations: groupsBy('organisation_id'),
    list: selected
      .toSorted((a, b) => (a.created_at + a.session_id < b.created_at + b.session_id ? 1 : -1))
      .map(({ session_id }) => session_id),
  }
}

/** Returns the trend of the selected sessions, or null if it would be too long. */
function monthsOf(selected: Session[], { months }: Filter): unknown[] | null {
  const found = selected.flatMap(({ result }) => (result ? monthOf(result) : [])).sort()
  const [first, last] = [found[0], found.at(-1)]
  const to = months?.to ?? (months ? ['2026-03', last ?? '', months.from ?? ''].sort().at(-1) : '2026-03')
  const from = months ? (months.from ?? first ?? to) : '2025-10'
  const all: unknown[] = []
  for (let date = new Date(`${from}-01`); date.toISOString() < `${to}-02`; date.setUTCMonth(date.getUTCMonth() + 1)) {
    const month = date.toISOString().slice(0, 7)
    const of = selected.filter(({ result }) => result && monthOf(result) === month)
    all.push({ month, results: of.length, amounts: amountsOf(of) })
  }
  return all.length > 120 ? null : all
}

/** Whether a report can have the filter's months. */
const hasReport = ({ months }: Filter): boolean =>
  months?.from !== undefined && months.to !== undefined && monthsOf([], { months }) !== null

/** Returns the totals of a report about the filter. Null if no report can have its months. */
function reportOf(selected: Session[], filter: Filter): unknown {
  if (!hasReport(filter)) return null
  return {
    sessions: selected.length,
    results: selected.length,
    mentors: new Set(selected.map(({ mentor_id }) => mentor_id)).size,
    amounts: amountsOf(selected),
    trend: monthsOf(selected, filter),
  }
}

const byId = { order: { by: groupFields[0], descending: false, currency: null }, first: 100 }

/** Returns the same figures, as these totals and the store's list have them. */
async function said(totals: Totals, store: Store, filter: Filter): Promise<unknown> {
  const { calculations, ...summary } = await totals.summary(filter)
  const trend = totals.trend(filter, filter.months ? undefined : 6)
  const nodes = ({ edges }: Awaited<ReturnType<Totals['mentors']>>) => edges.map(({ node }) => node)
  const reads = new SessionReads({ store, clock: () => new Date(noon) })
  const listed: string[] = []
  for (let after: { key: string; session_id: string } | undefined, more = true; more; ) {
    const page = await reads.sorted(filter, newestFirst, { limit: 4, after })
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
    report: hasReport(filter) ? await reportTotals(totals, filter as ReportFilter) : null,
    mentors: nodes(await totals.mentors(filter, byId)),
    organisations: nodes(await totals.organisations(filter, byId)),
    list: listed,
  }
}

afterEach(endProcesses)

overStores(kind => {
  test('the projection, the store and a recount agree for any sessions, months and other filters', async () => {
    const clock = () => new Date('2026-03-15T12:10:00.000Z')
    const property = fc.asyncProperty(
      fc.array(session, { maxLength: 25, size: 'max' }),
      fc.array(filter, { minLength: 1, maxLength: 12, size: 'max' }),
      async (ones, filters) => {
        const place = await kind.place()
        const store = await place.open()
        const process = await processOn(store, { clock })
        const sessions: Session[] = []
        try {
          for (const one of ones) sessions.push(await made(store, one))
          const added = new Totals({ store, log: quiet, clock })
          await kept(process)
          const hasAll = async () => {
            const [now, all] = [await process.totals.summary({}), await added.summary({})]
            return JSON.stringify(now) === JSON.stringify(all)
          }
          await until(hasAll, 60_000, 'the log')
          process.asked.length = 0
          for (const filter of filters) {
            const expected = counted(sessions, filter)
            expect(await said(added, store, filter)).toEqual(expected)
            expect(await said(process.totals, store, filter)).toEqual(expected)
          }
          expect(process.asked).toEqual([])
        } finally {
          endProcesses()
          await place.drop()
        }
      },
    )
    await fc.assert(property, { numRuns: kind.name === 'embedded' ? 25 : 8 })
  })
})

test('the store adds up an answer that would look at too many sums, about all sessions and about groups', async () => {
  const place = await embeddedDatabase()
  const opened = await place.open()
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
  expect(wide.length).toBeGreaterThan(sumsAnAnswer)
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
    // The store has one session only.
    const all = { months: { from: '0001-01' } }
    expect(await totals.count(all)).toBe(1)
    expect(await totals.summary(all)).toMatchObject({ sessions: 1, results: 1 })
    expect(await totals.trend({ months: { to: '2026-12' } })).toMatchObject([
      { results: 1 },
      ...Array(9).fill({ results: 0 }),
    ])
    for (const page of [await totals.mentors(all, byId), await totals.organisations(all, byId)]) {
      expect(page).toMatchObject({ total: 1, edges: [{ node: { sessions: 1 } }] })
    }
    expect(new Set(asked)).toEqual(new Set(['count', 'totals', 'calculations']))
    asked.length = 0
    const month = { months: { from: '1000-01', to: '1000-01' } }
    expect(await reportTotals(totals, month)).toMatchObject({ results: 2 * currencies.length, mentors: 1 })
    expect(asked).toEqual([])
  } finally {
    await place.drop()
  }
})

test('the projection and the store refuse an open range that is too long in the same words', async () => {
  const place = await embeddedDatabase()
  const store = await place.open()
  const clock = () => new Date(noon)
  const periods = ['1999-01', '2001-05', '2026-02', '2040-02', '2037-12']
  for (const to of periods) {
    const period = { from: '1990-01-01', to: `${to}-28` }
    await stored(store, {}, [{ event: 'CalculateRequested', payload: { ...inputsOf(1), period } }])
  }
  const process = await processOn(store, { clock })
  try {
    await kept(process)
    for (const totals of [process.totals, new Totals({ store, log: quiet, clock })]) {
      const refused = (months: MonthRange) => expect(totals.trend({ months })).rejects
      await refused({ from: '2026-01' }).toThrow('must be 2030-03 or later')
      await refused({ to: '2026-12' }).toThrow('must be 2017-01 or later')
      expect(await totals.trend({ months: { from: '2037-01' } })).toHaveLength(38)
    }
    expect(process.asked).toEqual([])
  } finally {
    await place.drop()
  }
})
