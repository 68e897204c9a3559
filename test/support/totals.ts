import { setTimeout as wait } from 'node:timers/promises'
import type { GroupPage, GroupsRequest } from '../../src/capabilities/totals/groups'
import { groupFields } from '../../src/capabilities/totals/model'
import type { Dimension } from '../../src/capabilities/totals/store'
import type { Bounds } from '../../src/capabilities/totals/tallies'
import { Totals } from '../../src/capabilities/totals/totals'
import type { Filter, LogFollower, Store } from '../../src/db/store'
import { fanOut } from '../../src/db/store'
import type { Calculator, Inputs } from '../../src/domain/calculator'
import { DomainError } from '../../src/domain/errors'
import { calculate } from '../../src/domain/time-value'
import { Sessions } from '../../src/sessions/sessions'
import { inputsOf } from './inputs'
import { intercepting } from './intercepting'
import { quiet } from './sessions'
import { until } from './until'

/** Calculations with this number of sessions fail. */
export const failing = 13
export const failingAtTimes: Calculator = figures => {
  if (figures.sessions === failing) throw new Error('a calculator that fails')
  return calculate(figures)
}

/** The use cases and the totals of one process. The totals query the store only to fill their projection. */
export interface Process {
  store: Store
  sessions: Sessions
  totals: Totals
  /** Calls by which the totals queried the store for an answer nevertheless. */
  asked: string[]
  /** Drops the entries of the log until the returned function is called, which then reports a gap. */
  gap(): () => void
}

export interface ProcessMeans {
  clock?: () => Date
  bounds?: Bounds
  /** Wraps the store before the totals get it. */
  over?: (store: Store) => Store
}

const running = new Set<Totals>()

/** Ends all processes. Call this after each test. */
export function endProcesses(): void {
  for (const totals of running) totals.end()
  running.clear()
}

export async function processOn(
  opened: Store,
  { clock = () => new Date(), bounds, over = same => same }: ProcessMeans = {},
): Promise<Process> {
  const asked: string[] = []
  const noted =
    <A extends unknown[], T>(name: string, ask: (...given: A) => T) =>
    (...given: A): T => {
      asked.push(name)
      return ask(...given)
    }
  const store = over(
    intercepting(opened, {
      lists: { count: noted('count', (filter: Filter) => opened.lists.count(filter)) },
      totals: {
        rows: noted('totals', (filter: Filter, by: Dimension[]) => opened.totals.rows(filter, by)),
        calculations: noted('calculations', (filter: Filter, since: string) =>
          opened.totals.calculations(filter, since),
        ),
      },
    }),
  )
  const totals = new Totals({ store, log: quiet, clock, bounds })
  running.add(totals)
  const sessions = new Sessions({
    store: opened,
    log: quiet,
    calculator: failingAtTimes,
    clock,
    trackWrite: (...write) => totals.ownWrites.make(...write),
  })
  let isLost = false
  let lost: string | undefined
  const follower: LogFollower = {
    reset: position => totals.reset(position),
    append(entry) {
      if (isLost) lost = entry.position
      else totals.append(entry)
    },
    advance(position) {
      if (!isLost) totals.advance(position)
    },
    invalidate: () => totals.invalidate(),
    failed: (error, doing) => totals.failed(error, doing),
  }
  await opened.log.follow(fanOut(follower))
  return {
    store: opened,
    sessions,
    totals,
    asked,
    gap() {
      isLost = true
      return () => {
        isLost = false
        if (lost) totals.reset(lost)
      }
    },
  }
}

/** Waits until the totals answer from their projection. */
export async function kept({ totals, asked }: Process): Promise<void> {
  await until(
    async () => {
      const before = asked.length
      await totals.count({})
      return asked.length === before
    },
    20_000,
    'the totals to be kept',
  )
  asked.length = 0
}

const currencies = [undefined, undefined, 'GBP', 'JPY', 'EUR']
const periods = [undefined, '2026-03-31', '2025-12-31', '2024-02-29', '1999-01-01']

export const mentors = ['m0', 'm1', 'm2', 'M3']
export const organisations = [null, 'o0', 'o1']

const oneOf = <T>(all: readonly T[], random: () => number): T => all[Math.floor(random() * all.length)] as T

export function inputsFrom(random: () => number): Inputs {
  const currency = oneOf(currencies, random)
  const to = oneOf(periods, random)
  return {
    ...inputsOf(Math.floor(random() * 40)),
    avg_minutes: Math.floor(random() * 6_000) / 100,
    cost_per_session: Math.floor(random() * 3) * 1.2345,
    ...(currency && { currency }),
    ...(to && { period: { from: '1990-01-01', to } }),
  }
}

/**
 * Makes one random change to a session, or starts one. Ignores refusals, and waits 10 ms if the store is unavailable.
 */
export async function changeAny(
  { sessions }: Pick<Process, 'sessions'>,
  ids: string[],
  random: () => number,
): Promise<void> {
  const id = oneOf(ids, random)
  const chance = random()
  try {
    if (!id || chance < 0.25) {
      const who = { mentor_id: oneOf(mentors, random), organisation_id: oneOf(organisations, random) }
      ids.push((await sessions.start(who)).session.session_id)
    } else if (chance < 0.75) {
      await sessions.dispatch(id, { event: 'CalculateRequested', payload: inputsFrom(random) })
    } else if (chance < 0.9) {
      const event = oneOf(['ResetRequested', 'ShareRequested', 'ShareRevokeRequested', 'RetryRequested'], random)
      await sessions.dispatch(id, { event })
    } else {
      await sessions.close(id)
    }
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    if (error.code === 'unavailable') await wait(10)
  }
}

export const filters: Filter[] = [
  {},
  { state: 'initial' },
  { state: 'error' },
  { state: 'closed' },
  { mentor_id: 'm0' },
  { mentor_id: 'M3', state: 'loaded' },
  { organisation_id: 'o0' },
  { organisation_id: 'o1', state: 'loaded' },
  { mentor_id: 'm1', organisation_id: 'o0' },
  { mentor_id: 'm2', organisation_id: 'o1', state: 'error' },
  { mentor_id: 'nobody' },
  { mentor_id: 'm0', organisation_id: 'nowhere' },
  { months: { from: '2025-12' } },
  { months: { to: '2026-02' }, state: 'error' },
  { months: { from: '2024-02', to: '2026-03' }, mentor_id: 'm1' },
  { months: { from: '1999-01', to: '1999-01' }, organisation_id: 'o0' },
  { months: { from: '2026-03' }, mentor_id: 'm0', organisation_id: null },
  { months: { from: '2026-04' }, state: 'loaded' },
]

const orders: GroupsRequest[] = groupFields.flatMap((by, i) => [
  { order: { by, descending: i % 2 === 0, currency: null }, first: 2 },
  { order: { by, descending: i % 2 === 1, currency: 'GBP' }, first: 100, search: 'm' },
])

/** Returns the message of a refused trend. */
const tooLong = (error: unknown): string => {
  if (error instanceof DomainError && error.code === 'invalid_query') return error.message
  throw error
}

/** Returns every figure of the totals, for every filter. */
export async function figures(totals: Totals, only: Filter[] = filters): Promise<unknown[]> {
  const ofFilter = async (filter: Filter, i: number): Promise<unknown[]> => {
    const asked = orders[i % orders.length] as GroupsRequest
    return [
      filter,
      await totals.count(filter),
      await totals.summary(filter),
      await totals.trend(filter, filter.months ? undefined : 30).catch(tooLong),
      await pages(after => totals.mentors(filter, { ...asked, after })),
      await pages(after => totals.organisations(filter, { ...asked, after })),
    ]
  }
  const all = await Promise.all(only.map(ofFilter))
  const byOrganisation = orders.map(asked => pages(after => totals.organisations({}, { ...asked, search: '', after })))
  return [...all, ...(await Promise.all(byOrganisation))]
}

/** Returns the edges of all pages. */
async function pages(ask: (after: string | undefined) => Promise<GroupPage>): Promise<GroupPage['edges']> {
  const edges: GroupPage['edges'] = []
  for (let after: string | undefined; ; ) {
    const page = await ask(after)
    edges.push(...page.edges)
    after = page.edges.at(-1)?.cursor
    if (!page.hasNext) return edges
  }
}
