import type { GroupPage, GroupsRequest } from '../../../src/capabilities/totals/groups'
import { groupFields } from '../../../src/capabilities/totals/model'
import type { Bounds } from '../../../src/capabilities/totals/tallies'
import { Totals } from '../../../src/capabilities/totals/totals'
import type { LogFollower, Store } from '../../../src/db/store'
import { fanOut } from '../../../src/db/store'
import { DomainError } from '../../../src/domain/errors'
import type { Filter } from '../../../src/domain/list-query'
import { SessionCommands } from '../../../src/sessions/session-commands'
import { failingAtTimes } from '../../support/changes'
import { intercepting } from '../../support/intercepting'
import { quiet } from '../../support/sessions'
import { until } from '../../support/until'

/** The use cases and the totals of one process. The totals query the store only to fill their projection. */
export interface Process {
  store: Store
  sessions: SessionCommands
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
    }),
  )
  const totals = new Totals({ store, log: quiet, clock, ...(bounds && { bounds }) })
  running.add(totals)
  const sessions = new SessionCommands({
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
  await until(() => totals.status.state === 'kept', 20_000, 'the totals to be kept')
  asked.length = 0
}

/** Returns totals that were just filled from all sessions in the store, and that receive no later commits. */
export async function recounted(store: Store, clock = () => new Date()): Promise<Totals> {
  const sessionsOnly = intercepting(store, { totals: { readCheckpoint: async () => null } })
  const totals = new Totals({ store: sessionsOnly, log: quiet, clock })
  totals.reset('\uffff')
  await until(() => totals.status.state === 'kept', 60_000, 'the recount')
  totals.end()
  return totals
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
