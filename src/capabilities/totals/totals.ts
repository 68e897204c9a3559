import { withDeadline } from '../../concurrency/deadline'
import { yieldToEventLoop } from '../../concurrency/scheduler'
import { Semaphore } from '../../concurrency/semaphore'
import type { Source } from '../../concurrency/source'
import type { Entry, LogFollower, Position } from '../../db/store'
import { firstMinute, type MinuteCount } from '../../domain/contribution'
import { edgeWith, type Filter, filterKey } from '../../domain/list-query'
import { monthAt } from '../../domain/months'
import { type Timestamp, timestamp } from '../../domain/timestamp'
import { ListCursors } from '../../sessions/list-cursors'
import type { CheckpointOptions } from './checkpoint-reading'
import { Checkpoints } from './checkpoints'
import { type FindRequest, type Found, find, searchedWords } from './find'
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
import type { Dimension } from './store'
import { storedGroups, storedTally } from './stored-tallies'
import { Summaries, type SummaryAt } from './summaries'
import { defaultBounds, type Grouping, type Tallies } from './tallies'
import type { Selection, StateCounts, Tally } from './tally'

/**
 * Maximum number of concurrent long answers, in total and per principal. An answer is long if the store computes it or
 * if it covers all groups.
 */
export const longAnswersAtOnce = 4
export const longAnswersOfPrincipal = 3
/** Maximum number of queued long answers. */
export const longAnswersWaiting = 1_000

type TotalsOptions = Pick<CheckpointOptions, 'store' | 'log'> & Partial<CheckpointOptions>

/** A question about the sessions that match a filter. */
interface Question<T> {
  name: string
  filter: Filter
  principal: string
  /**
   * Computes the answer from the projection's tally for the filter. Returns undefined if the tallies do not contain the
   * answer.
   */
  fromTally(tally: Tally, tallies: Tallies): T | Promise<T> | undefined
  fromStore(): Promise<T>
}

/** A request to collect all groups that match a filter. */
export interface Collecting<C extends GroupCollector> {
  /** Name of the work. Concurrent requests with the same name and filter share the work and the collector. */
  name: string
  filter: Filter
  /** Dimension that forms the groups, followed by the dimensions that the collector reads within each group. */
  by: [Grouping, ...Dimension[]]
  newCollector: () => C
}

/**
 * The totals, shared by all interfaces. Answers are computed from tallies. The tallies normally belong to an in-memory
 * projection of the log, so an answer costs the same for any number of sessions. While the projection is being filled,
 * after it has exceeded its bounds, or if the log lags behind, the store aggregates the sessions. Answers are then
 * computed from tallies of the rows that the store returns. An answer includes every write that this process has
 * acknowledged.
 */
export class Totals implements LogFollower {
  /** Writes by this process. Answers include all acknowledged writes. */
  readonly ownWrites = new OwnWrites()
  readonly #projection: Projection
  readonly #summaries: Summaries
  readonly #options: CheckpointOptions
  /** Undefined until the totals follow a log. */
  #checkpoints: Checkpoints | undefined
  readonly #slots = new Semaphore({
    atOnce: longAnswersAtOnce,
    ofPrincipal: longAnswersOfPrincipal,
    queue: { waiting: longAnswersWaiting, place: 'long_answer' },
  })

  readonly #cursors: ListCursors

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
    return { state, source, filledMs, lagMs: this.ownWrites.lagMs, sessions: tallies?.of({})?.states }
  }

  #now(): Timestamp {
    return timestamp(this.#options.clock())
  }

  /**
   * Returns the projection's tallies once they include all acknowledged writes. Returns undefined if the log takes too
   * long to report all writes, or if the projection has no tallies.
   */
  #tallies(): Tallies | undefined | Promise<Tallies | undefined> {
    const { tallies } = this.#projection
    if (!tallies) return undefined
    const areReported = this.ownWrites.areReported()
    if (typeof areReported === 'boolean') return areReported ? tallies : undefined
    return areReported.then(areReported => (areReported ? this.#projection.tallies : undefined))
  }

  /** Computes an answer from the projection or, if the projection can't answer, from the store. */
  async #answer<T>({ name, filter, principal, fromTally, fromStore }: Question<T>): Promise<T> {
    const current = this.#tallies()
    const tallies = current instanceof Promise ? await current : current
    const tally = tallies?.of(filter)
    const answer = tallies && tally && fromTally(tally, tallies)
    return answer ?? this.#shared(`${name} ${filterKey(filter)}`, principal, fromStore)
  }

  /**
   * Identical requests share long work, and the amount of concurrent work is limited. Each principal waits for its own
   * turn, even if another principal waits for the same work.
   */
  #shared<T>(key: string, principal: string, work: () => Promise<T>): Promise<T> {
    return withDeadline({}, deadline => this.#slots.run({ key, principal, deadline }, work))
  }

  count(filter: Filter, principal = ''): Promise<number> {
    return this.#answer({
      name: 'count',
      filter,
      principal,
      fromTally: tally => tally.count(filter),
      fromStore: () => this.#options.store.lists.count(filter),
    })
  }

  summary(filter: Filter, principal = ''): Promise<Summary> {
    return this.#answer({
      name: 'summary',
      filter,
      principal,
      fromTally: (tally, tallies) => this.#summaryOf(tally, tallies, filter),
      fromStore: () => this.#storedSummary(filter),
    })
  }

  #summaryOf(tally: Tally, tallies: Tallies, filter: Filter): Summary | undefined {
    const calculations = tallies.calculations(tally, filter)
    return calculations && summaryFrom(tally, filter, calculations, this.#now())
  }

  async #storedSummary(filter: Filter): Promise<Summary> {
    const now = this.#now()
    const [tally, calculations] = await Promise.all([
      storedTally(this.#options.store, { filter, by: ['state', 'currency'] }),
      this.#options.store.totals.calculations(filter, `${firstMinute(now)}:00.000Z`),
    ])
    return summaryFrom(tally, {}, calculations, now)
  }

  /**
   * Returns a source that yields the current summary, then the newest summary after each change, at most four per
   * second.
   */
  summaries(filter: Filter, principal = ''): Source<SummaryAt> {
    return this.#summaries.source(filter, principal)
  }

  /**
   * Returns a summary. Returns undefined while the projection is being filled, unless the store computes summaries in
   * the projection's place. A summary computed by the store can include commits made shortly after the summary's log
   * position.
   */
  #summaryAt(filter: Filter, principal: string): SummaryAt | Promise<SummaryAt> | undefined {
    const { tallies, head: position, isAwaited } = this.#projection
    if (isAwaited) return undefined
    const tally = tallies?.of(filter)
    const summary = tallies && tally && this.#summaryOf(tally, tallies, filter)
    if (summary) return { position, summary }
    return this.#shared(`summary ${filterKey(filter)}`, principal, () => this.#storedSummary(filter)).then(
      summary => ({ position, summary }),
      error => {
        this.failed(error, 'reading a summary')
        throw error
      },
    )
  }

  /**
   * Returns the totals per month, oldest first, for the months of the filter. If the filter has no range of months,
   * returns the `last` months up to the current one. Throws `invalid_query` if both `last` and a range are given, or if
   * there are too many months.
   */
  async trend(filter: Filter, last?: number, principal = ''): Promise<MonthTotals[]> {
    const now = this.#now()
    const span = trendSpan(filter.months, last, now)
    const trendFrom = (tally: Tally, selection: Selection): Promise<MonthTotals[]> => {
      const months = monthsOfTrend(span, span.openEnd ? tally.monthsWithResults(selection) : {}, now)
      return trendOf(months.map(month => [month, tally.month(month, selection.state)]))
    }
    return this.#answer({
      name: `trend ${monthAt(now)} ${last}`,
      filter,
      principal,
      fromTally: tally => trendFrom(tally, filter),
      // Of the months outside the span, keep only the latest, because it suffices to detect a range that is too long.
      fromStore: async () => {
        const rows = { filter, by: ['month', 'currency'] satisfies Dimension[], span }
        return trendFrom(await storedTally(this.#options.store, rows), {})
      },
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
    const dimensions: Dimension[] = by === 'mentor_id' ? ['organisation_id', 'currency'] : ['currency']
    const selection = await this.collect({ name, filter, by: [by, ...dimensions], newCollector }, principal)
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

  /**
   * Collects all groups that match the filter in one pass, from the projection or, if the projection can't answer, from
   * the store. Rejects with any error that the collector throws.
   */
  collect<C extends GroupCollector>({ name, ...collecting }: Collecting<C>, principal = ''): Promise<C> {
    return this.#shared(`${name} ${filterKey(collecting.filter)}`, principal, () => this.#collect(collecting))
  }

  async #collect<C extends GroupCollector>({ filter, by, newCollector }: Omit<Collecting<C>, 'name'>): Promise<C> {
    const tallies = await this.#tallies()
    if (tallies?.hasAllGroups(by[0], filter)) {
      const collector = newCollector()
      if (await collectGroups(collector, [tallies.groups(by[0], filter)], filter)) return collector
    }
    const collector = newCollector()
    await collectGroups(collector, storedGroups(this.#options.store, filter, by), {})
    return collector
  }

  /**
   * Finds mentors, organisations and labels that contain all words of the search text. The cost of a search is bounded
   * (see `find`). Skips the labels of sessions whose mentor or organisation the filter excludes.
   */
  find(filter: Filter, { text, first }: FindRequest, principal = ''): Promise<Found> {
    const words = searchedWords(text)
    return this.#shared(JSON.stringify(['find', filterKey(filter), words, first]), principal, async () => {
      const tallies = await this.#tallies()
      const inMemory = tallies && { tallies, labels: this.#projection.labels }
      return find(this.#options.store, inMemory, { filter, words, first })
    })
  }
}

/**
 * Builds the summary of a tally's sessions that match `selection`. `calculations` must count the calculations of the
 * same sessions.
 */
const summaryFrom = (tally: Tally, selection: Selection, calculations: MinuteCount[], now: Timestamp): Summary =>
  summaryOf(tally.statesOf(selection), tally.sums(selection), calculations, now)

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
