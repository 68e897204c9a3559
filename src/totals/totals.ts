import type { Logger } from 'pino'
import { withDeadline } from '../concurrency/deadline'
import { Semaphore } from '../concurrency/semaphore'
import type { Source } from '../concurrency/source'
import type { Dimension, Entry, Filter, LogFollower, Position, Store } from '../db/store'
import { firstMinute } from '../domain/contribution'
import { folded } from '../domain/folding'
import { filterKey } from '../domain/list-query'
import { isInRange, type MonthRange, monthAt } from '../domain/months'
import type { ReportTotals } from '../domain/report'
import type { State } from '../domain/session'
import { type Timestamp, timestamp } from '../domain/timestamp'
import {
  type MonthTotals,
  monthsOfTrend,
  monthTotalsOf,
  type Summary,
  type SumsByCurrency,
  summaryOf,
  type TrendSpan,
  trendSpan,
} from '../domain/totals'
import { type FindRequest, type Found, find } from './find'
import { type GroupPage, GroupSelection, type GroupsRequest, offerGroup } from './groups'
import { OwnWrites } from './own-writes'
import { Projection, type TotalsState } from './projection'
import { ReportSums } from './report-sums'
import { Steps, stepsATurn, turn } from './steps'
import { Summaries, type SummaryAt } from './summaries'
import { addUp, defaultBounds, type Grouping, heldGroups, sumsAnAnswer, type Tallies, type Tally } from './tallies'

/** Selects the sessions of a report. */
export type ReportFilter = Filter & { months: Required<MonthRange> }
const reportDimensions: Dimension[] = ['mentor_id', 'month', 'currency']

/** Maximum number of long answers (added up by the store, or about all groups) at once, in total and of one principal. */
export const longAnswersAtOnce = 4
export const longAnswersOfPrincipal = 3
/** Maximum number of long answers that wait. */
export const longAnswersWaiting = 1_000

/**
 * The totals, shared by all interfaces. An in-memory projection of the log answers, at the same cost for any number of
 * sessions. An answer includes every write that this process has acknowledged. The store adds up while the projection
 * fills, beyond its bounds, and if the log is late.
 */
export class Totals implements LogFollower {
  /** The writes of this process. Answers include all that are acknowledged. */
  readonly ownWrites = new OwnWrites()
  readonly #projection: Projection
  readonly #summaries: Summaries
  readonly #slots = new Semaphore({
    atOnce: longAnswersAtOnce,
    ofPrincipal: longAnswersOfPrincipal,
    queue: { waiting: longAnswersWaiting, place: 'long_answer' },
  })

  constructor(
    readonly store: Store,
    readonly log: Logger,
    readonly clock: () => Date = () => new Date(),
    bounds = defaultBounds,
  ) {
    this.#summaries = new Summaries((filter, principal) => this.#summaryAt(filter, principal))
    this.#projection = new Projection(store, log, clock, bounds, commit => this.#summaries.changed(commit))
  }

  reset(position: Position): void {
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

  /** Does nothing: sums hold no commits. */
  invalidate(): void {}

  failed(error: unknown, doing = 'following the store'): void {
    this.log.warn({ err: error }, `${doing} failed, retrying`)
  }

  end(): void {
    this.#projection.end()
    this.#summaries.end()
  }

  /** State of the projection, lag of the log behind this process's writes (ms), and sessions by state. */
  get status(): { state: TotalsState; lagMs: number; sessions: Tally['states'] | undefined } {
    const { state, tallies } = this.#projection
    return { state, lagMs: this.ownWrites.lagMs, sessions: tallies?.of({})?.states }
  }

  #now(): Timestamp {
    return timestamp(this.clock())
  }

  /**
   * Returns the projection's tallies once they include all acknowledged writes. Undefined if that takes too long, or if
   * the projection has none.
   */
  #tallies(): Tallies | undefined | Promise<Tallies | undefined> {
    const { tallies } = this.#projection
    if (!tallies) return undefined
    const areReported = this.ownWrites.areReported()
    if (typeof areReported === 'boolean') return areReported ? tallies : undefined
    return areReported.then(areReported => (areReported ? this.#projection.tallies : undefined))
  }

  /** Answers from the filter's tally. If there is none, or it has no answer, the store adds up. */
  async #answer<T>(
    name: string,
    filter: Filter,
    principal: string,
    fromTally: (tally: Tally, tallies: Tallies) => T | Promise<T> | undefined,
    fromStore: () => Promise<T>,
  ): Promise<T> {
    const current = this.#tallies()
    const tallies = current instanceof Promise ? await current : current
    const tally = tallies?.of(filter)
    const answer = tallies && tally && fromTally(tally, tallies)
    return answer ?? this.#shared(`${name} ${filterKey(filter)}`, principal, fromStore)
  }

  /**
   * Shares long work between equal requests, and bounds how much runs at once. A principal waits in its own turns, even if
   * others wait for the same work.
   */
  #shared<T>(key: string, principal: string, work: () => Promise<T>): Promise<T> {
    return withDeadline({}, deadline => this.#slots.run(key, principal, deadline, work))
  }

  /** Returns the number of sessions. */
  count(filter: Filter, principal = ''): Promise<number> {
    return this.#answer(
      'count',
      filter,
      principal,
      tally => tally.count(filter),
      () => this.store.lists.count(filter),
    )
  }

  /** Returns the summary of the sessions. */
  summary(filter: Filter, principal = ''): Promise<Summary> {
    return this.#answer(
      'summary',
      filter,
      principal,
      (tally, tallies) => this.#summaryOf(tallies, tally, filter),
      () => this.#storedSummary(filter),
    )
  }

  #summaryOf(tallies: Tallies, tally: Tally, filter: Filter): Summary | undefined {
    const calculations = tallies.calculations(tally, filter)
    return calculations && summaryOf(tally.statesOf(filter), tally.sums(filter), calculations, this.#now())
  }

  async #storedSummary(filter: Filter): Promise<Summary> {
    const now = this.#now()
    const since = `${firstMinute(now)}:00.000Z`
    const [{ states, sums }, calculations] = await Promise.all([
      this.#storedStates(filter),
      this.store.totals.calculations(filter, since),
    ])
    return summaryOf(states, sums, calculations, now)
  }

  async #storedStates(filter: Filter): Promise<{ states: Partial<Record<State, number>>; sums: SumsByCurrency }> {
    const states: Partial<Record<State, number>> = {}
    const sums: SumsByCurrency = new Map()
    for await (const row of this.store.totals.rows(filter, ['state', 'currency'])) {
      if (row.state) states[row.state] = (states[row.state] ?? 0) + row.sessions
      addUp(sums, row.currency, row)
    }
    return { states, sums }
  }

  /** Subscribes to a summary: the current one, then the newest after each change, at most four times a second. */
  summaries(filter: Filter, principal = ''): Source<SummaryAt> {
    return this.#summaries.source(filter, principal)
  }

  /**
   * Returns undefined while the projection fills, unless the store replaces it.
   * A summary from the store may include commits right after the position.
   */
  #summaryAt(filter: Filter, principal: string): SummaryAt | Promise<SummaryAt> | undefined {
    const { tallies, head: position, isAwaited } = this.#projection
    if (isAwaited) return undefined
    const tally = tallies?.of(filter)
    const summary = tallies && tally && this.#summaryOf(tallies, tally, filter)
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
   * Returns the totals by month, oldest first: of the filter's months, or else of the `last` months up to the current one.
   * Throws invalid_query if both are given, or if the months are too many.
   */
  async trend(filter: Filter, last?: number, principal = ''): Promise<MonthTotals[]> {
    const now = this.#now()
    const span = trendSpan(filter.months, last, now)
    return this.#answer(
      `trend ${monthAt(now)} ${last}`,
      filter,
      principal,
      tally => {
        const months = monthsOfTrend(span, span.openEnd ? tally.monthsWithResults(filter) : {}, now)
        return trendOf(months.map(month => [month, tally.month(month, filter.state)]))
      },
      () => this.#storedTrend(filter, span, now),
    )
  }

  async #storedTrend(filter: Filter, span: TrendSpan, now: Timestamp): Promise<MonthTotals[]> {
    const sumsByMonth = new Map<string, SumsByCurrency>()
    let { from, to }: MonthRange = {}
    for await (const row of this.store.totals.rows(filter, ['month', 'currency'])) {
      const { month } = row
      if (month === null) continue
      if (from === undefined || month < from) from = month
      if (to === undefined || month > to) to = month
      if (!isInRange(span, month)) continue
      const sums = sumsByMonth.get(month) ?? new Map()
      sumsByMonth.set(month, sums)
      addUp(sums, row.currency, row)
    }
    const results = from !== undefined && to !== undefined ? { from, to } : {}
    return trendOf(monthsOfTrend(span, results, now).map(month => [month, sumsByMonth.get(month) ?? new Map()]))
  }

  /** Returns the mentors with sessions under the filter, with their totals. */
  mentors(filter: Filter, request: GroupsRequest, principal = ''): Promise<GroupPage> {
    return this.#groups('mentor_id', filter, request, principal)
  }

  /** Returns the organisations with sessions under the filter, with their totals. Sessions without one have id null. */
  organisations(filter: Filter, request: GroupsRequest, principal = ''): Promise<GroupPage> {
    return this.#groups('organisation_id', filter, request, principal)
  }

  #groups(by: Grouping, filter: Filter, request: GroupsRequest, principal: string): Promise<GroupPage> {
    const selection = new GroupSelection(request)
    return this.#shared(JSON.stringify([by, filterKey(filter), request]), principal, async () => {
      const groups = talliedGroups(await this.#tallies(), by, filter)
      if (groups && (await offerTallied(selection, groups, filter))) return selection.page()
      const stored = new GroupSelection(request)
      await this.#offerStored(stored, by, filter)
      return stored.page()
    })
  }

  /**
   * Finds mentors, organisations and labels that contain a text. What it costs is bounded (see `find`). No text outside
   * the filter is looked at.
   */
  find(filter: Filter, { text, first }: FindRequest, principal = ''): Promise<Found> {
    const searched = folded(text)
    return this.#shared(JSON.stringify(['find', filterKey(filter), searched, first]), principal, async () => {
      const tallies = await this.#tallies()
      return find(this.store, tallies && { tallies, labels: this.#projection.labels }, filter, searched, first)
    })
  }

  /**
   * Returns the totals of a report about a range of months. They come from one pass over the mentors, in which each session
   * counts once. Throws validation_failed if there are too many sums.
   */
  report(filter: ReportFilter, principal = ''): Promise<ReportTotals> {
    return this.#shared(`report ${filterKey(filter)}`, principal, async () => {
      const groups = talliedGroups(await this.#tallies(), 'mentor_id', filter)
      const sums = groups && (await talliedReport(groups, filter))
      return (sums ?? (await this.#storedReport(filter))).totals()
    })
  }

  async #storedReport(filter: ReportFilter): Promise<ReportSums> {
    const sums = new ReportSums(filter.months)
    let read = 0
    for await (const { mentor_id, month, currency, ...row } of this.store.totals.rows(filter, reportDimensions)) {
      if (month !== null && row.results > 0) sums.add(String(mentor_id), month, currency, row)
      if (++read % stepsATurn === 0) await turn()
    }
    return sums
  }

  async #offerStored(selection: GroupSelection, by: Grouping, filter: Filter): Promise<void> {
    let read = 0
    let group: { id: string | null; sessions: number; sums: SumsByCurrency } | undefined
    const offer = (): void => {
      if (!group) return
      const { id, sessions, sums } = group
      selection.offer(id, sessions, () => sums)
    }
    // The rows of a group are adjacent.
    for await (const row of this.store.totals.rows(filter, [by, 'currency'])) {
      if (group?.id !== row[by]) {
        offer()
        group = { id: row[by], sessions: 0, sums: new Map() }
      }
      group.sessions += row.sessions
      addUp(group.sums, row.currency, row)
      if (++read % stepsATurn === 0) await turn()
    }
    offer()
  }
}

/** Returns the tally of each group. Undefined if the store must add up. */
function talliedGroups(
  tallies: Tallies | undefined,
  by: Grouping,
  filter: Filter,
): Iterable<[string | null, Tally]> | undefined {
  return tallies?.isFull && filter[by] === undefined ? undefined : tallies && heldGroups(tallies, by, filter)
}

/** Offers the groups with sessions under the filter. Returns false if the store must add up, for the sums of a range. */
async function offerTallied(
  selection: GroupSelection,
  groups: Iterable<[string | null, Tally]>,
  filter: Filter,
): Promise<boolean> {
  const steps = new Steps()
  for (const [id, tally] of groups) {
    const sums = filter.months ? tally.sumsIn(filter.months) : 0
    if (sums > sumsAnAnswer) return false
    offerGroup(selection, id, tally, filter)
    if (steps.endTurn(sums)) await turn()
  }
  return true
}

/** Adds up the tallies of mentors for a report. Returns undefined if the store must add up. */
async function talliedReport(
  mentors: Iterable<[string | null, Tally]>,
  { months, state }: ReportFilter,
): Promise<ReportSums | undefined> {
  const report = new ReportSums(months)
  const steps = new Steps()
  for (const [mentor_id, tally] of mentors) {
    const sums = tally.sumsIn(months)
    if (sums > sumsAnAnswer) return undefined
    tally.visit(months, state, ({ currency }, of, month) => report.add(String(mentor_id), month, currency, of))
    if (steps.endTurn(sums)) await turn()
  }
  return report
}

/** Computes the amounts of months, from sums that were all taken at once. */
async function trendOf(sumsByMonth: [string, SumsByCurrency][]): Promise<MonthTotals[]> {
  const months: MonthTotals[] = []
  for (const [month, sums] of sumsByMonth) {
    months.push(monthTotalsOf(month, sums))
    if (months.length % stepsATurn === 0) await turn()
  }
  return months
}
