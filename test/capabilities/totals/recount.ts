import fc from 'fast-check'
import type { Amounts } from '../../../src/capabilities/totals/model'
import type { Totals } from '../../../src/capabilities/totals/totals'
import type { Store } from '../../../src/db/store'
import type { Inputs } from '../../../src/domain/calculator'
import type { Filter } from '../../../src/domain/list-query'
import type { MonthRange } from '../../../src/domain/months'
import type { Session } from '../../../src/domain/session'
import { monthOf, selects } from '../../support/filters'
import { inputsOf } from '../../support/inputs'
import { calculation, changing, failing, stored } from '../../support/sessions'
import type { StoreKind } from '../../support/stores'
import { until } from '../../support/until'
import { endProcesses, kept, processOn, recounted } from './processes'

const months = ['1999-12', '2025-11', '2025-12', '2026-01', '2026-02', '2026-03', '2026-04', '2030-07']
export const month = fc.constantFrom(...months)

/** A session: its owners, when it calculates, the end of its period, if any, and what it does afterwards. */
export const session = fc.record({
  mentor_id: fc.constantFrom('m0', 'm1', 'm2'),
  organisation_id: fc.constantFrom(null, 'o0', 'o1'),
  computed: fc.constantFrom('2025-12', '2026-01', '2026-03'),
  period: fc.option(month),
  former: fc.option(month),
  currency: fc.constantFrom(undefined, 'GBP', 'JPY'),
  held: fc.nat({ max: 9 }),
  end: fc.constantFrom('none', 'calculate', 'calculate', 'calculate', 'fail', 'reset'),
})
export type Made = typeof session extends fc.Arbitrary<infer S> ? S : never

const range: fc.Arbitrary<MonthRange | undefined> = fc
  .tuple(fc.option(month), fc.option(month))
  .map(ends => (ends[0] !== null && ends[1] !== null ? ends.toSorted() : ends))
  .map(([from, to]) => (from || to ? { ...(from && { from }), ...(to && { to }) } : undefined))

export const filter: fc.Arbitrary<Filter> = fc
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

export async function made(store: Store, one: Made): Promise<Session> {
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
export function amountsOf(sessions: Session[]): Amounts[] {
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
export function counted(sessions: Session[], filter: Filter): unknown {
  const selected = sessions.filter(session => selects(filter, session))
  const count = (state: Session['state']) => selected.filter(session => session.state === state).length
  const groupsBy = (name: 'mentor_id' | 'organisation_id') =>
    [...new Set(selected.map(session => session[name]))]
      .sort((a, b) => ((a ?? '~') < (b ?? '~') ? -1 : 1))
      .map(id => {
        const of = selected.filter(session => session[name] === id)
        const organisations = new Set(of.map(({ organisation_id }) => organisation_id))
        const [only = null] = organisations.size === 1 ? organisations : []
        const owners = { organisation_id: only, organisations: organisations.size }
        const ofMentor = name === 'mentor_id' ? owners : { organisation_id: null, organisations: null }
        return { id, ...ofMentor, sessions: of.length, results: resultsOf(of), amounts: amountsOf(of) }
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
    mentors: groupsBy('mentor_id'),
    organisations: groupsBy('organisation_id'),
    list: selected
      .toSorted((a, b) => (a.created_at + a.session_id < b.created_at + b.session_id ? 1 : -1))
      .map(({ session_id }) => session_id),
  }
}

/** Returns the trend of the selected sessions, or null if it would be too long. */
export function monthsOf(selected: Session[], { months }: Filter): unknown[] | null {
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

/**
 * Property of the totals of a process, once it knows some sessions.
 */
export const ofAnySessions = (
  kind: StoreKind,
  filters: fc.Arbitrary<Filter>,
  check: (totals: Totals, store: Store, filter: Filter, sessions: Session[]) => Promise<void>,
) =>
  fc.asyncProperty(
    fc.array(session, { maxLength: 25, size: 'max' }),
    fc.array(filters, { minLength: 1, maxLength: 12, size: 'max' }),
    async (ones, filters) => {
      const clock = () => new Date('2026-03-15T12:10:00.000Z')
      const database = await kind.newDatabase()
      const store = await database.open()
      const process = await processOn(store, { clock })
      const sessions: Session[] = []
      try {
        for (const one of ones) sessions.push(await made(store, one))
        await kept(process)
        const hasAll = async () => {
          const [now, all] = [await process.totals.summary({}), await (await recounted(store, clock)).summary({})]
          return JSON.stringify(now) === JSON.stringify(all)
        }
        await until(hasAll, 60_000, 'the log')
        process.asked.length = 0
        for (const filter of filters) {
          await check(process.totals, store, filter, sessions)
        }
        expect(process.asked).toEqual([])
      } finally {
        endProcesses()
        await database.drop()
      }
    },
  )
