import { type Deadline, withDeadline } from '../../concurrency/deadline'
import { yieldToEventLoop } from '../../concurrency/scheduler'
import { Semaphore } from '../../concurrency/semaphore'
import type { Source } from '../../concurrency/source'
import { beginWait } from '../../concurrency/waits'
import type { Entry, ListPosition, LogFollower, Position } from '../../db/store'
import { DomainError } from '../../domain/errors'
import { edgeWith, type Filter, filterKey } from '../../domain/list-query'
import { monthAt } from '../../domain/months'
import { contributionOf } from '../../domain/session'
import { type Timestamp, timestamp } from '../../domain/timestamp'
import { ListCursors } from '../../sessions/list-cursors'
import type { CheckpointOptions } from './checkpoint-reading'
import { Checkpoints } from './checkpoints'
import {
  collectGroups,
  type GroupCollector,
  type GroupPage,
  GroupSelection,
  type GroupsRequest,
  groupCursorOf,
  groupPositionOf,
} from './groups'
import {
  type Group,
  type MonthTotals,
  monthsOfTrend,
  monthTotalsOf,
  type Summary,
  type SumsByCurrency,
  summaryOf,
  trendSpan,
} from './model'
import { OwnWrites } from './own-writes'
import { Projection } from './projection'
import { stepsPerTurn } from './steps'
import { Summaries, type SummaryAt } from './summaries'
import { defaultBounds, type Grouping, requireFewSums, sumsPerAnswer, Tallies } from './tallies'
import type { StateCounts, Tally } from './tally'

/**
 * Maximum number of concurrent long answers, in total and per principal. An answer is long if it covers all groups or
 * reads sessions.
 */
export const longAnswersAtOnce = 4
export const longAnswersOfPrincipal = 3
/** Number of sessions that are read per page to compute the totals of an external id. */
const sessionsPerPage = 100
/** Maximum number of queued long answers. */
export const longAnswersWaiting = 1_000

type TotalsOptions = Pick<CheckpointOptions, 'store' | 'log'> & Partial<CheckpointOptions>

/** Maximum number of answers that wait for the totals to be filled or to include this process's writes. */
export const totalsWaiting = 20_000

/** A request to collect all groups that match a filter. */
export interface Collecting<C extends GroupCollector> {
  /** Name of the work. Concurrent requests with the same name and filter share the work and the collector. */
  name: string
  filter: Filter
  by: Grouping
  newCollector: () => C
}

/**
 * The totals, shared by all interfaces. Answers are computed from tallies in an in-memory projection of the log, so an
 * answer costs the same for any number of sessions. An answer includes every write that this process has acknowledged.
 * While the projection is being filled or the log lags, answers wait. If the totals exceed their bounds, all answers are
 * errors.
 */
export class Totals implements LogFollower {
  /** Writes by this process. Answers include all acknowledged writes. */
  readonly ownWrites = new OwnWrites()
  readonly #projection: Projection
  readonly #summaries: Summaries
  readonly #options: CheckpointOptions
  /** Undefined until the totals follow a log. */
  #checkpoints: Checkpoints | undefined
  /** Against callers whose long answers, such as all mentors by month, would delay all others. */
  readonly #slots = new Semaphore({
    atOnce: longAnswersAtOnce,
    ofPrincipal: longAnswersOfPrincipal,
    queue: { waiting: longAnswersWaiting, place: 'long_answer' },
  })

  readonly #cursors: ListCursors
  /** Number of answers that wait for the tallies. */
  #waiting = 0

  constructor({ store, log, clock = () => new Date(), bounds = defaultBounds }: TotalsOptions) {
    this.#cursors = new ListCursors(store)
    this.#summaries = new Summaries((filter, principal) => this.#summaryAt(filter, principal))
    this.#options = { store, log, clock, bounds }
    this.#projection = new Projection({
      ...this.#options,
      changed: commit => this.#summaries.changed(commit),
      restored: (...from) => this.#checkpoints?.restored(...from),
    })
  }

  reset(position: Position): void {
    this.#checkpoints ??= new Checkpoints(this.#options, this.#projection)
    this.#projection.reset(position)
    this.ownWrites.reset()
  }

  append(entry: Entry): void {
    this.#projection.append(entry)
    const { session_id, transitions } = entry.commit
    this.ownWrites.reported(session_id, transitions.at(-1)?.sequence ?? 0)
  }

  advance(position: Position): void {
    this.#projection.advance(position)
  }

  /** Abandons the checkpoint in progress, because it may contain an erased mentor's id. The sums contain no ids. */
  invalidate(): void {
    this.#checkpoints?.abandon()
  }

  /** Writes a checkpoint of the projection now. Returns whether it was written. */
  async checkpoint(): Promise<boolean> {
    return (await this.#checkpoints?.write()) ?? false
  }

  failed(error: unknown, doing = 'following the store'): void {
    this.#options.log.warn({ err: error }, `${doing} failed, retrying`)
  }

  /** Writes a final checkpoint if a checkpoint is due. */
  async stop(): Promise<void> {
    await this.#checkpoints?.writeLast()
  }

  end(): void {
    this.#checkpoints?.end()
    this.#projection.end()
    this.#summaries.end()
  }

  /** State of the projection, number of sessions by state, and the log's lag behind this process's writes in ms. */
  get status(): Pick<Projection, 'state' | 'source' | 'filledMs'> & {
    lagMs: number
    sessions: StateCounts | undefined
  } {
    const { state, source, filledMs, tallies } = this.#projection
    return { state, source, filledMs, lagMs: this.ownWrites.lagMs, sessions: tallies?.of({}).states }
  }

  #now(): Timestamp {
    return timestamp(this.#options.clock())
  }

  /** The tallies, if they include all acknowledged writes. */
  get #current(): Tallies | undefined {
    return this.ownWrites.areReported ? this.#projection.tallies : undefined
  }

  /**
   * Returns the tallies once they include all acknowledged writes. Throws `unavailable` if too many answers wait, or if
   * the totals exceed their bounds.
   */
  async #tallies(deadline: Deadline): Promise<Tallies> {
    if (this.#current) return this.#current
    if (this.#waiting >= totalsWaiting) throw new DomainError('unavailable')
    this.#waiting++
    const endWait = beginWait('totals', { state: this.#projection.state, lagMs: Math.round(this.ownWrites.lagMs) })
    try {
      while (!this.#current) {
        if (this.#projection.state === 'exceeded') throw exceeded()
        await deadline.bound(this.#projection.tallies ? this.ownWrites.reportedAll(deadline) : this.#projection.filled)
      }
      return this.#current
    } finally {
      endWait()
      this.#waiting--
    }
  }

  /**
   * Returns tallies for a filter. The projection does not distinguish external ids, so the tallies for an external id
   * are computed from the sessions with this id. Each organisation has at most one of them.
   */
  async #talliesFor(filter: Filter, deadline: Deadline): Promise<Tallies> {
    if (filter.external_id === undefined) return this.#current ?? this.#tallies(deadline)
    const { store, clock, bounds } = this.#options
    const { months: _, state: __, ...owners } = filter
    const tallies = new Tallies(clock, bounds)
    let after: ListPosition | undefined
    for (;;) {
      const page = await store.lists.list(owners, { limit: sessionsPerPage, ...(after && { after }) })
      for (const { session_id } of page) {
        const session = await store.sessions.read(session_id)
        if (session) tallies.change(session, null, contributionOf(session))
      }
      if (page.length < sessionsPerPage) return tallies
      deadline.check()
      after = page.at(-1)
    }
  }

  /** Computes an answer from the tally for a filter. Throws `invalid_query` if its months have too many sums. */
  async #answer<T>(
    name: string,
    filter: Filter,
    principal: string,
    answerFrom: (tally: Tally, tallies: Tallies) => T | Promise<T>,
  ): Promise<T> {
    const answer = (tallies: Tallies): T | Promise<T> => {
      const tally = tallies.of(filter)
      requireFewSums(tally, filter)
      return answerFrom(tally, tallies)
    }
    if (filter.external_id !== undefined) {
      const key = `${name} ${filterKey(filter)}`
      return this.shared(key, principal, async deadline => answer(await this.#talliesFor(filter, deadline)))
    }
    return answer(this.#current ?? (await withDeadline({}, deadline => this.#tallies(deadline))))
  }

  /**
   * Identical requests share long work, and the amount of concurrent work is limited. Each principal waits for its own
   * turn, even if another principal waits for the same work.
   */
  shared<T>(key: string, principal: string, work: (deadline: Deadline) => Promise<T>): Promise<T> {
    return withDeadline({}, async deadline => {
      // Wait before taking a slot, because while the totals are being filled, waiting answers would occupy all slots.
      if (!this.#current) await this.#tallies(deadline)
      return this.#slots.run({ key, principal, deadline }, () => work(deadline))
    })
  }

  /** Counts the matching sessions. The store counts them if the tallies can't. */
  async count(filter: Filter): Promise<number> {
    const { external_id, months } = filter
    if (external_id === undefined && this.#projection.tallies) {
      const tallies = this.#current ?? (await withDeadline({}, deadline => this.#tallies(deadline)))
      const tally = tallies.of(filter)
      if (!months || tally.sumsIn(months) <= sumsPerAnswer) return tally.count(filter)
    }
    return this.#options.store.lists.count(filter)
  }

  summary(filter: Filter, principal = ''): Promise<Summary> {
    return this.#answer('summary', filter, principal, (tally, tallies) => this.#summaryOf(tally, tallies, filter))
  }

  #summaryOf(tally: Tally, tallies: Tallies, filter: Filter): Summary {
    return summaryOf(tally.statesOf(filter), tally.sums(filter), tallies.calculations(tally, filter), this.#now())
  }

  /**
   * Returns a source that yields the current summary, then the newest summary after each change, at most four per
   * second.
   */
  summaries(filter: Filter, principal = ''): Source<SummaryAt> {
    return this.#summaries.source(filter, principal)
  }

  /** Returns a summary. Returns undefined while the projection is being filled. Throws the errors of `summary`. */
  #summaryAt(filter: Filter, principal: string): SummaryAt | Promise<SummaryAt> | undefined {
    const { tallies, head: position, state } = this.#projection
    if (state === 'exceeded') throw exceeded()
    if (!tallies) return undefined
    if (filter.external_id !== undefined)
      return this.summary(filter, principal).then(summary => ({ position, summary }))
    const tally = tallies.of(filter)
    requireFewSums(tally, filter)
    return { position, summary: this.#summaryOf(tally, tallies, filter) }
  }

  /**
   * Returns the totals per month, oldest first, for the months of the filter. If the filter has no range of months,
   * returns the `last` months up to the current one. Throws `invalid_query` if both `last` and a range are given, or if
   * there are too many months.
   */
  async trend(filter: Filter, last?: number, principal = ''): Promise<MonthTotals[]> {
    const now = this.#now()
    const span = trendSpan(filter.months, last, now)
    return this.#answer(`trend ${monthAt(now)} ${last}`, filter, principal, tally => {
      const months = monthsOfTrend(span, span.openEnd ? tally.monthsWithResults(filter) : {}, now)
      return trendOf(months.map(month => [month, tally.month(month, filter.state)]))
    })
  }

  /** Returns a page of the mentors whose sessions match the filter, with their totals. */
  mentors(filter: Filter, request: GroupsRequest, principal = ''): Promise<GroupPage> {
    return this.#groups('mentor_id', { filter, ...request }, principal)
  }

  /**
   * Returns a page of the organisations whose sessions match the filter, with their totals. A null id means sessions
   * without an organisation.
   */
  organisations(filter: Filter, request: GroupsRequest, principal = ''): Promise<GroupPage> {
    return this.#groups('organisation_id', { filter, ...request }, principal)
  }

  async #groups(
    by: Grouping,
    { filter, ...request }: GroupsRequest & { filter: Filter },
    principal: string,
  ): Promise<GroupPage> {
    const { order } = request
    const after = request.after === undefined ? undefined : groupPositionOf(this.#cursors, by, order, request.after)
    const newCollector = () => new GroupSelection({ ...request, after })
    const name = JSON.stringify([by, request])
    const selection = await this.collect({ name, filter, by, newCollector }, principal)
    const { edges, ...page } = selection.page()
    const shown: GroupPage['edges'] = []
    for (const { position, node, organisations } of edges) {
      const cursor = () => groupCursorOf(this.#cursors, by, order, position)
      shown.push(
        edgeWith(cursor, {
          node: by === 'mentor_id' && organisations ? withOrganisations(node, organisations()) : node,
        }),
      )
      if (shown.length % stepsPerTurn === 0) await yieldToEventLoop()
    }
    return { ...page, edges: shown }
  }

  /** Collects all groups that match the filter in one pass. Rejects with any error that the collector throws. */
  collect<C extends GroupCollector>({ name, filter, by, newCollector }: Collecting<C>, principal = ''): Promise<C> {
    return this.shared(`${name} ${filterKey(filter)}`, principal, async deadline => {
      const tallies = await this.#talliesFor(filter, deadline)
      const collector = newCollector()
      await collectGroups(collector, tallies.groups(by, filter), filter)
      return collector
    })
  }
}

const exceeded = (): DomainError =>
  new DomainError('unavailable').withMessage(
    'The totals exceed the memory limit of this server. Lists and exports still work.',
  )

const withOrganisations = (group: Group, organisations: (string | null)[]): Group => ({
  ...group,
  organisation_id: organisations.length === 1 ? (organisations[0] ?? null) : null,
  organisations: organisations.length,
})

/**
 * Computes each month's amounts. The caller must read all sums before this call, because the sums can change while this
 * function yields to the event loop.
 */
async function trendOf(sumsByMonth: [string, SumsByCurrency][]): Promise<MonthTotals[]> {
  const months: MonthTotals[] = []
  for (const [month, sums] of sumsByMonth) {
    months.push(monthTotalsOf(month, sums))
    if (months.length % stepsPerTurn === 0) await yieldToEventLoop()
  }
  return months
}
