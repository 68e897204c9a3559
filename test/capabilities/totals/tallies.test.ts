import fc from 'fast-check'
import type { SumsByCurrency } from '../../../src/capabilities/totals/model'
import { monthsPerMinute, requireFewSums, sumsPerAnswer, Tallies } from '../../../src/capabilities/totals/tallies'
import { addUp, type Groups, type Tally } from '../../../src/capabilities/totals/tally'
import { type Contribution, firstMinute, minuteOf, withCalculation } from '../../../src/domain/contribution'
import type { Filter } from '../../../src/domain/list-query'
import type { MonthRange } from '../../../src/domain/months'
import { timestamp } from '../../../src/domain/timestamp'
import { noon } from '../../support/sessions'

interface Held {
  mentor_id: string
  organisation_id: string | null
  contribution: Contribution
}

const mentors = ['m0', 'm1', 'm2']
const organisations = [null, 'o0', 'o1', 'o2']
const currencies = [null, 'GBP', 'JPY']
const months = ['2025-12', '2026-01', '2026-03', '9999-12']
const ranges: (MonthRange | undefined)[] = [
  undefined,
  { from: '2026-01' },
  { to: '2026-02' },
  { from: '2025-12', to: '2026-03' },
  { from: '2026-03', to: '2026-03' },
  { from: '2026-04', to: '2026-12' },
]
const states = [undefined, 'initial', 'loaded', 'error'] as const
const currencyCodes = Intl.supportedValuesOf('currency')
const large = { groups: 1_000, sums: 1_000, labelBytes: 0, refillMs: 0 }

const nth = fc.nat({ max: 9 })
const step = fc.oneof(
  fc.record({
    type: fc.constant('start' as const),
    mentor_id: fc.constantFrom(...mentors),
    organisation_id: fc.constantFrom(...organisations),
  }),
  fc.record({
    type: fc.constant('calculate' as const),
    nth,
    currency: fc.constantFrom(...currencies),
    month: fc.constantFrom(...months),
    cost: fc.nat({ max: 3 }),
  }),
  fc.record({ type: fc.constantFrom('reset', 'fail', 'close'), nth }),
  fc.record({
    type: fc.constant('move' as const),
    nth,
    mentor_id: fc.constantFrom(...mentors),
    organisation_id: fc.constantFrom(...organisations),
  }),
  fc.record({ type: fc.constant('wait' as const), minutes: fc.constantFrom(1, 15, 40) }),
)
const history = fc.array(step, { maxLength: 60, size: 'max' })
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never
type Change = Exclude<Step, { type: 'start' | 'wait' | 'move' }>

const m = { mentor_id: 'm', organisation_id: null }

/** Tallies, and beside them the sessions that they must add up to. */
class Counted {
  readonly sessions: Held[] = []
  readonly tallies: Tallies
  now = new Date(noon)

  constructor(bounds = large) {
    this.tallies = new Tallies(() => this.now, bounds)
  }

  apply(step: Step): void {
    if (step.type === 'wait') this.now = new Date(this.now.getTime() + step.minutes * 60_000)
    else if (step.type === 'start') this.start(step)
    else if (this.sessions.length === 0) return
    else if (step.type === 'move') this.#move(step.nth % this.sessions.length, step)
    else this.#change(step.nth % this.sessions.length, step)
  }

  #move(at: number, { mentor_id, organisation_id }: Omit<Held, 'contribution'>): void {
    const held = this.sessions[at] as Held
    const { contribution } = held
    this.sessions[at] = { mentor_id, organisation_id, contribution }
    this.tallies.change({ mentor_id, organisation_id }, contribution, contribution, held)
  }

  start({ mentor_id, organisation_id }: Omit<Held, 'contribution'>): void {
    const contribution = { state: 'initial', result: null, calculations: [] } as const
    this.sessions.push({ mentor_id, organisation_id, contribution: { ...contribution, calculations: [] } })
    this.tallies.change({ mentor_id, organisation_id }, null, { ...contribution, calculations: [] })
  }

  #change(at: number, step: Change): void {
    const held = this.sessions[at] as Held
    const before = held.contribution
    const after = step.type === 'close' ? null : this.#next(before, step)
    if (after) held.contribution = after
    else this.sessions.splice(at, 1)
    this.tallies.change(held, before, after)
  }

  #next(before: Contribution, step: Change): Contribution {
    if (!('currency' in step)) {
      return step.type === 'reset' ? { ...before, state: 'initial', result: null } : { ...before, state: 'error' }
    }
    const { currency, month, cost } = step
    const result = { currency, month, held: 1, minutes: 50, cost, value: 2 * cost }
    return { state: 'loaded', result, calculations: withCalculation(before.calculations, timestamp(this.now)) }
  }

  /** Number of mentors, organisations, and pairs of both, that have sessions. */
  get groups(): number {
    const of = (key: (held: Held) => unknown): number => new Set(this.sessions.map(key)).size
    const pairs = of(({ mentor_id, organisation_id }) => `${mentor_id} ${organisation_id}`)
    return of(held => held.mentor_id) + of(held => held.organisation_id) + pairs
  }
}

const selected = (sessions: Held[], { mentor_id, organisation_id }: Filter): Contribution[] =>
  sessions
    .filter(held => mentor_id === undefined || held.mentor_id === mentor_id)
    .filter(held => organisation_id === undefined || held.organisation_id === organisation_id)
    .map(held => held.contribution)

const isIn = ({ from = '', to = '~' }: MonthRange, { result }: Contribution): boolean =>
  result !== null && from <= result.month && result.month <= to

/** Adds up these sessions anew. */
const recount = (sessions: Contribution[], now: Date): unknown[] =>
  states.flatMap(state => {
    const of = sessions.filter(session => state === undefined || session.state === state)
    return [
      ...ranges.map(range => recountOf(range ? of.filter(session => isIn(range, session)) : of, state, now)),
      months.map(month => sumsOf(of, ({ month: own }) => own === month)),
    ]
  })

function sumsOf(
  sessions: Contribution[],
  selects: (result: NonNullable<Contribution['result']>) => boolean = () => true,
): SumsByCurrency {
  const sums: SumsByCurrency = new Map()
  for (const { result } of sessions) {
    if (!result || !selects(result)) continue
    const { held, minutes, cost, value } = result
    const exact = { held: BigInt(held), minutes: BigInt(minutes), cost: BigInt(cost), value: BigInt(value) }
    addUp(sums, result.currency, { results: 1, ...exact })
  }
  return sums
}

function recountOf(sessions: Contribution[], state: Contribution['state'] | undefined, now: Date): unknown[] {
  const counts = { initial: 0, loaded: 0, error: 0 }
  const calculations = new Map<string, number>()
  for (const session of sessions) {
    counts[session.state]++
    for (const { minute, count } of session.calculations) {
      if (minute >= firstMinute(timestamp(now))) calculations.set(minute, (calculations.get(minute) ?? 0) + count)
    }
  }
  const found = sessions.flatMap(({ result }) => result?.month ?? []).sort()
  const [from, to] = [found[0], found.at(-1)]
  return [
    sessions.length,
    sumsOf(sessions),
    sumsOf(sessions, ({ currency }) => currency === 'GBP'),
    expect.objectContaining(state === undefined ? counts : { [state]: sessions.length }),
    from === undefined ? {} : { from, to },
    calculations,
  ]
}

const saidBy = (tallies: Tallies, tally: Tally): unknown[] =>
  states.flatMap(state => [
    ...ranges.map(range => saidUnder(tallies, tally, { ...(state && { state }), ...(range && { months: range }) })),
    months.map(month => tally.month(month, state)),
  ])

const saidUnder = (tallies: Tallies, tally: Tally, selection: Pick<Filter, 'state' | 'months'>): unknown[] => [
  tally.count(selection),
  tally.sums(selection),
  tally.sums(selection, 'GBP'),
  tally.statesOf(selection),
  tally.monthsWithResults(selection),
  new Map(tallies.calculations(tally, selection)?.map(({ minute, count }) => [minute, count])),
]

const filters: Filter[] = [undefined, ...mentors].flatMap(mentor_id =>
  [undefined, ...organisations].map(organisation_id => ({
    ...(mentor_id !== undefined && { mentor_id }),
    ...(organisation_id !== undefined && { organisation_id }),
  })),
)

/** Compares every answer that the tallies can give. */
function compare({ tallies, sessions, now }: Counted): void {
  for (const filter of filters) {
    const tally = tallies.of(filter)
    expect(saidBy(tallies, tally)).toEqual(recount(selected(sessions, filter), now))
  }
  const listed = (groups: Groups): unknown => new Set(idsOf(groups))
  for (const organisation_id of [undefined, ...organisations]) {
    const of = sessions.filter(held => organisation_id === undefined || held.organisation_id === organisation_id)
    const expected = new Set(of.map(held => held.mentor_id))
    expect(listed(tallies.mentors(organisation_id))).toEqual(expected)
  }
  for (const mentor_id of [undefined, ...mentors]) {
    const of = sessions.filter(held => mentor_id === undefined || held.mentor_id === mentor_id)
    const expected = new Set(of.map(held => held.organisation_id))
    expect(listed(tallies.organisations(mentor_id))).toEqual(expected)
  }
}

const idsOf = (groups: Groups): (string | null)[] => [...groups].map(([id]) => id)

test('every figure equals a recount, whatever was started, calculated, reset and closed', () => {
  fc.assert(
    fc.property(history, steps => {
      const counted = new Counted()
      for (const step of steps) counted.apply(step)
      compare(counted)
    }),
    { numRuns: 200 },
  )
})

test('the bound counts the groups that have sessions, and no other', () => {
  fc.assert(
    fc.property(history, steps => {
      const counted = new Counted()
      for (const step of steps) {
        counted.apply(step)
        expect(counted.tallies.size.groups).toBeLessThanOrEqual(counted.groups)
      }
      for (let left = counted.sessions.length; left > 0; left--) counted.apply({ type: 'close', nth: 0 })
      expect(counted.tallies.size).toEqual({ groups: 0, sums: 0 })
    }),
    { numRuns: 200 },
  )
})

test('sums without results are not held', () => {
  fc.assert(
    fc.property(history, steps => {
      const counted = new Counted()
      for (const step of steps) counted.apply(step)
      // A result is in two sums of each of four tallies.
      const kinds = counted.sessions.flatMap(({ mentor_id, organisation_id, contribution: { state, result } }) => {
        if (!result) return []
        const tallies = ['all', `organisation ${organisation_id}`, mentor_id, `${mentor_id} ${organisation_id}`]
        const sums = [`${state} ${result.currency}`, `${state} ${result.currency} ${result.month}`]
        return tallies.flatMap(tally => sums.map(sum => `${tally} ${sum}`))
      })
      expect(counted.tallies.size.sums).toBeLessThanOrEqual(new Set(kinds).size)
    }),
    { numRuns: 200 },
  )
})

test('a mentor that keeps one session and passes through many organisations fills no bound', () => {
  // Its mentor, and two organisations with its part of each.
  const counted = new Counted({ ...large, groups: 5 })
  counted.start({ mentor_id: 'm0', organisation_id: 'o0' })
  for (let i = 0; i < 1_000; i++) {
    counted.start({ mentor_id: 'm0', organisation_id: `new ${i}` })
    counted.apply({ type: 'calculate', nth: 1, currency: 'GBP', month: '2026-03', cost: 1 })
    counted.apply({ type: 'close', nth: 1 })
  }
  expect(counted.tallies.exceedsBounds).toBe(false)
  compare(counted)
})

test('calculations of former results are shown for as long as a summary shows their minute', () => {
  const counted = new Counted()
  counted.start({ mentor_id: 'm0', organisation_id: null })
  counted.apply({ type: 'calculate', nth: 0, currency: null, month: '2026-03', cost: 1 })
  counted.apply({ type: 'reset', nth: 0 })
  const shown = () => counted.tallies.calculations(counted.tallies.of({ mentor_id: 'm0' }) as Tally)
  for (let minutes = 0; minutes < 30; minutes++) {
    expect(shown()).toEqual([{ minute: minuteOf(noon), count: 1 }])
    counted.apply({ type: 'wait', minutes: 1 })
  }
  expect(shown()).toEqual([])
})

const result = (month: string, currency: string | null = null): Contribution => ({
  state: 'loaded',
  result: { currency, month, held: 1, minutes: 100, cost: 100, value: 200 },
  calculations: [{ minute: minuteOf(noon), count: 1 }],
})
const yearsFrom = (first: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${String(first + i).padStart(4, '0')}-07`)

test('an answer about a range of months looks at a bounded number of sums, and one of 120 months is always given', () => {
  const tallies = new Tallies(() => new Date(noon), { ...large, sums: 1_000_000 })
  const years = yearsFrom(1000, 400)
  for (const state of ['loaded', 'error'] as const) {
    for (const currency of [null, ...currencyCodes].slice(0, 100)) {
      for (const month of years) {
        tallies.change(m, null, { ...result(month, currency), state, calculations: [] })
      }
    }
  }
  const wide = { from: '0001-01' }
  expect(tallies.of({ mentor_id: 'm' }).sumsIn(wide)).toBeGreaterThan(sumsPerAnswer)
  for (const mentor_id of [undefined, 'm']) {
    const filter = mentor_id === undefined ? {} : { mentor_id }
    expect(() => requireFewSums(tallies.of(filter), { months: wide })).toThrow('must be later')
    expect(tallies.of(filter).count()).toBe(200 * 400)
    const decade = { from: '1100-01', to: '1109-12' }
    requireFewSums(tallies.of(filter), { months: decade })
    expect(tallies.of(filter).count({ months: decade })).toBe(200 * 10)
  }
  // A mentor has at most this many sums in 120 months.
  expect(sumsPerAnswer).toBeGreaterThanOrEqual(120 * 3 * (currencyCodes.length + 1))
})

test('the calculations of a minute are split by a bounded number of months, and their total is always counted', () => {
  const tallies = new Tallies(() => new Date(noon), { ...large, sums: 100_000 })
  const months = yearsFrom(1000, monthsPerMinute + 5)
  const change = (before: string | null, after: string | null) =>
    tallies.change(m, before === null ? null : result(before), after === null ? null : result(after))
  const counted = (selection = {}) => tallies.calculations(tallies.of({ mentor_id: 'm' }) as Tally, selection)
  for (const month of months.slice(0, monthsPerMinute)) change(null, month)
  expect(counted({ months: { to: '1001-12' } })).toEqual([{ minute: minuteOf(noon), count: 2 }])
  for (const month of months.slice(monthsPerMinute)) change(null, month)
  expect(() => counted({ months: { to: '1001-12' } })).toThrow('too many months')
  expect(counted()).toEqual([{ minute: minuteOf(noon), count: months.length }])
  // If a calculation was added without its month, it is removed without its month.
  for (const month of months) change(month, null)
  expect(counted()).toEqual([])
  for (const month of months) change(null, month)
  for (const month of months.toReversed()) change(month, months[0] as string)
  expect(counted({ months: { to: '1000-12' } })).toEqual([{ minute: minuteOf(noon), count: months.length }])
})
