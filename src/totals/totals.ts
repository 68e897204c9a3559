import type { Logger } from 'pino'
import { withDeadline } from '../concurrency/deadline'
import { runLater } from '../concurrency/scheduler'
import { Semaphore } from '../concurrency/semaphore'
import { SharedReads } from '../concurrency/shared-reads'
import type { Source } from '../concurrency/source'
import type { Entry, Filter, LogFollower, Position, Store } from '../db/store'
import { firstMinute } from '../domain/contribution'
import { filterKey } from '../domain/list-query'
import type { State } from '../domain/session'
import { type Timestamp, timestamp } from '../domain/timestamp'
import { type Month, monthOf, monthsUpTo, type Summary, type SumsByCurrency, summaryOf } from '../domain/totals'
import { type GroupPage, GroupSelection, type GroupsRequest } from './groups'
import { OwnWrites } from './own-writes'
import { Projection, type TotalsState } from './projection'
import { Summaries, type SummaryAt } from './summaries'
import { defaultBounds, type Tallies } from './tallies'
import { addUp, type Tally } from './tally'

type Grouping = 'mentor_id' | 'organisation_id'

interface StoredGroup {
  id: string | null
  sessions: number
  sums: SumsByCurrency
}

/** Groups visited before other work gets its turn. */
const groupsATurn = 1_000

/**
 * Maximum number of long answers (added up by the store, or about all groups)
 * that run at once, and that wait. The next one is refused.
 */
export const longAnswersAtOnce = 4
export const longAnswersWaiting = 1_000

/**
 * The totals, shared by all interfaces. An in-memory projection of the log answers, at the same cost for any number of
 * sessions. An answer includes every write that this process has acknowledged. While there is no projection, the store
 * adds up.
 */
export class Totals implements LogFollower {
  readonly #view: Projection
  readonly #own = new OwnWrites()
  readonly #summaries: Summaries
  readonly #reads = new SharedReads()
  readonly #slots = new Semaphore(longAnswersAtOnce, longAnswersWaiting)

  constructor(
    readonly store: Store,
    readonly log: Logger,
    readonly clock: () => Date = () => new Date(),
    bounds = defaultBounds,
  ) {
    this.#summaries = new Summaries(filter => this.#summaryAt(filter))
    this.#view = new Projection(store, log, clock, bounds, commit => this.#summaries.changed(commit))
  }

  /** Identity of the history that positions belong to. */
  get identity(): string {
    return this.store.identity
  }

  reset(position: Position): void {
    this.#view.reset(position)
    this.#own.reset()
  }

  append(entry: Entry): void {
    this.#view.append(entry)
    const { session_id, transitions } = entry.commit
    this.#own.told(session_id, transitions.at(-1)?.sequence ?? 0)
  }

  advance(position: Position): void {
    this.#view.advance(position)
  }

  /** Does nothing: sums hold no commits. */
  invalidate(): void {}

  failed(error: unknown, doing = 'following the store'): void {
    this.log.warn({ err: error }, `${doing} failed, retrying`)
  }

  end(): void {
    this.#view.end()
    this.#summaries.end()
  }

  /** State of the projection, lag of the log behind this process's writes (ms), and sessions by state. */
  get status(): { state: TotalsState; lagMs: number; sessions: Tally['states'] | undefined } {
    const { state, tallies } = this.#view
    return { state, lagMs: this.#own.lagMs, sessions: tallies?.of({})?.states }
  }

  /** Makes a write of this process. Once it is acknowledged, every answer includes it. */
  own(session_id: string, version: number, write: () => Promise<boolean>): Promise<boolean> {
    return this.#own.make(session_id, version, write)
  }

  #now(): Timestamp {
    return timestamp(this.clock())
  }

  /**
   * Returns the tallies once they include all acknowledged writes.
   * Undefined if that takes too long, or without a projection.
   */
  #tallies(): Tallies | undefined | Promise<Tallies | undefined> {
    const { tallies } = this.#view
    if (!tallies) return undefined
    const seen = this.#own.seen()
    if (typeof seen === 'boolean') return seen ? tallies : undefined
    return seen.then(seen => (seen ? this.#view.tallies : undefined))
  }

  /** Answers from the filter's tally, or from the store if there is none. */
  async #answer<T>(
    asked: string,
    filter: Filter,
    kept: (tally: Tally, tallies: Tallies) => T,
    stored: () => Promise<T>,
  ): Promise<T> {
    const found = this.#tallies()
    const tallies = found instanceof Promise ? await found : found
    const tally = tallies?.of(filter)
    return tallies && tally ? kept(tally, tallies) : this.#shared(`${asked} ${filterKey(filter)}`, stored)
  }

  /** Shares long work between equal requests, and bounds how much runs at once. */
  #shared<T>(key: string, work: () => Promise<T>): Promise<T> {
    return this.#reads.get(key, () => withDeadline({}, deadline => this.#slots.run(key, deadline, work)))
  }

  /** Returns the number of sessions. */
  count(filter: Filter): Promise<number> {
    return this.#answer(
      'count',
      filter,
      tally => tally.count(filter.state),
      () => this.store.count(filter),
    )
  }

  /** Returns the summary of the sessions. */
  summary(filter: Filter): Promise<Summary> {
    return this.#answer(
      'summary',
      filter,
      (tally, tallies) => this.#summaryOf(tallies, tally, filter.state),
      () => this.#storedSummary(filter),
    )
  }

  #summaryOf(tallies: Tallies, tally: Tally, state: State | undefined): Summary {
    const states = state === undefined ? tally.states : { [state]: tally.count(state) }
    return summaryOf(states, tally.sums(state), tallies.calculations(tally, state), this.#now())
  }

  async #storedSummary(filter: Filter): Promise<Summary> {
    const now = this.#now()
    const since = `${firstMinute(now)}:00.000Z`
    const [counted, calculations] = await Promise.all([this.#counted(filter), this.store.calculations(filter, since)])
    return summaryOf(counted.states, counted.sums, calculations, now)
  }

  async #counted(filter: Filter): Promise<{ states: Partial<Record<State, number>>; sums: SumsByCurrency }> {
    const states: Partial<Record<State, number>> = {}
    const sums: SumsByCurrency = new Map()
    for await (const row of this.store.totals(filter, ['state', 'currency'])) {
      if (row.state) states[row.state] = (states[row.state] ?? 0) + row.sessions
      addUp(sums, row.currency, row)
    }
    return { states, sums }
  }

  /** Subscribes to a summary: the current one, then the newest after each change, at most four times a second. */
  summaries(filter: Filter): Source<SummaryAt> {
    return this.#summaries.source(filter)
  }

  /**
   * Returns undefined while the projection fills.
   * A summary from the store may include commits right after the position.
   */
  #summaryAt(filter: Filter): SummaryAt | Promise<SummaryAt> | undefined {
    const { tallies, head: position, isFilling } = this.#view
    if (isFilling) return undefined
    const tally = tallies?.of(filter)
    if (tallies && tally) return { position, summary: this.#summaryOf(tallies, tally, filter.state) }
    return this.#shared(`summary ${filterKey(filter)}`, () => this.#storedSummary(filter)).then(
      summary => ({ position, summary }),
      error => {
        this.failed(error, 'reading a summary')
        throw error
      },
    )
  }

  /** Returns the totals of the last `count` months, oldest first. */
  trend(filter: Filter, count: number): Promise<Month[]> {
    const asked = monthsUpTo(this.#now(), count)
    return this.#answer(
      `trend ${asked[0]} ${count}`,
      filter,
      tally => asked.map(month => monthOf(month, tally.month(month, filter.state))),
      () => this.#storedTrend(filter, asked),
    )
  }

  async #storedTrend(filter: Filter, asked: string[]): Promise<Month[]> {
    const months = new Map(asked.map((month): [string, SumsByCurrency] => [month, new Map()]))
    for await (const row of this.store.totals(filter, ['month', 'currency'])) {
      const sums = row.month && months.get(row.month)
      if (sums) addUp(sums, row.currency, row)
    }
    return [...months].map(([month, sums]) => monthOf(month, sums))
  }

  /** Returns the mentors with sessions under the filter, with their totals. */
  mentors(filter: Filter, asked: GroupsRequest): Promise<GroupPage> {
    return this.#groups('mentor_id', filter, asked)
  }

  /** Returns the organisations with sessions under the filter, with their totals. Sessions without one have id null. */
  organisations(filter: Filter, asked: GroupsRequest): Promise<GroupPage> {
    return this.#groups('organisation_id', filter, asked)
  }

  #groups(by: Grouping, filter: Filter, asked: GroupsRequest): Promise<GroupPage> {
    const selection = new GroupSelection(asked)
    return this.#shared(JSON.stringify([by, filterKey(filter), asked]), async () => {
      const kept = groupsIn(await this.#tallies(), by, filter)
      if (kept) await offerKept(selection, kept, filter.state)
      else await this.#offerStored(selection, by, filter)
      return selection.page()
    })
  }

  async #offerStored(selection: GroupSelection, by: Grouping, filter: Filter): Promise<void> {
    let group: StoredGroup | undefined
    const offer = ({ id, sessions, sums }: StoredGroup): void => selection.offer(id, sessions, () => sums)
    for await (const row of this.store.totals(filter, [by, 'currency'])) {
      if (group?.id !== row[by]) {
        if (group) offer(group)
        group = { id: row[by], sessions: 0, sums: new Map() }
      }
      group.sessions += row.sessions
      addUp(group.sums, row.currency, row)
    }
    if (group) offer(group)
  }
}

/** Returns the tally of each group. Undefined if the store must be asked. */
function groupsIn(
  tallies: Tallies | undefined,
  by: Grouping,
  filter: Filter,
): Iterable<[string | null, Tally]> | undefined {
  const { mentor_id, organisation_id, [by]: id } = filter
  if (id === undefined)
    return by === 'mentor_id' ? tallies?.mentors(organisation_id) : tallies?.organisations(mentor_id)
  const tally = tallies?.of(filter)
  return tally && [[id, tally]]
}

async function offerKept(
  selection: GroupSelection,
  groups: Iterable<[string | null, Tally]>,
  state: State | undefined,
): Promise<void> {
  let looked = 0
  for (const [id, tally] of groups) {
    const sessions = tally.count(state)
    if (sessions > 0) selection.offer(id, sessions, currency => tally.sums(state, currency))
    if (++looked % groupsATurn === 0) await new Promise<void>(runLater)
  }
}
