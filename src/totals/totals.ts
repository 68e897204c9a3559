import type { Filter, Store, TotalsRow } from '../db/store'
import type { State } from '../domain/session'
import { firstMinute } from '../domain/standing'
import { type Timestamp, timestamp } from '../domain/timestamp'
import {
  type Counted,
  type Month,
  monthOf,
  monthsUpTo,
  noSums,
  type Summary,
  type SumsByCurrency,
  summaryOf,
} from '../domain/totals'
import { SharedReads } from '../time/shared-reads'
import { type GroupPage, GroupSelection, type GroupsAsked } from './groups'

/** What sessions come to, once for every door. */
export class Totals {
  readonly #reads = new SharedReads()

  constructor(
    readonly store: Store,
    readonly clock: () => Date = () => new Date(),
  ) {}

  #now(): Timestamp {
    return timestamp(this.clock())
  }

  /** How many sessions there are. */
  count(filter: Filter): Promise<number> {
    return this.#reads.get(`count ${keyOf(filter)}`, () => this.store.count(filter))
  }

  /** What the sessions come to. */
  summary(filter: Filter): Promise<Summary> {
    return this.#reads.get(`summary ${keyOf(filter)}`, async () => {
      const now = this.#now()
      const since = `${firstMinute(now)}:00.000Z`
      const [counted, calculations] = await Promise.all([this.#counted(filter), this.store.calculations(filter, since)])
      return summaryOf(counted, calculations, now)
    })
  }

  async #counted(filter: Filter): Promise<Counted> {
    const states = new Map<State, number>()
    const sums: SumsByCurrency = new Map()
    for await (const row of this.store.totals(filter, ['state', 'currency'])) {
      if (row.state) states.set(row.state, (states.get(row.state) ?? 0) + row.sessions)
      add(sums, row)
    }
    return { states, sums }
  }

  /** What the results of the last `count` months come to, month by month, the oldest first. */
  async trend(filter: Filter, count: number): Promise<Month[]> {
    const months = new Map(monthsUpTo(this.#now(), count).map(month => [month, new Map() as SumsByCurrency]))
    for await (const row of this.store.totals(filter, ['month', 'currency'])) {
      const sums = row.month && months.get(row.month)
      if (sums) add(sums, row)
    }
    return [...months].map(([month, sums]) => monthOf(month, sums))
  }

  /** Mentors that have sessions under the filter, or organisations, with what these come to. */
  async groups(of: 'mentor_id' | 'organisation_id', filter: Filter, asked: GroupsAsked): Promise<GroupPage> {
    const selection = new GroupSelection(asked)
    let group: { id: string | null; sessions: number; sums: SumsByCurrency } | undefined
    for await (const row of this.store.totals(filter, [of, 'currency'])) {
      if (group?.id !== row[of]) {
        if (group) selection.offer(group.id, group.sessions, group.sums)
        group = { id: row[of], sessions: 0, sums: new Map() }
      }
      group.sessions += row.sessions
      add(group.sums, row)
    }
    if (group) selection.offer(group.id, group.sessions, group.sums)
    return selection.page()
  }
}

function add(sums: SumsByCurrency, { currency, results, held, minutes, cost, value }: TotalsRow): void {
  const sum = sums.get(currency) ?? { ...noSums }
  sum.results += results
  sum.held += held
  sum.minutes += minutes
  sum.cost += cost
  sum.value += value
  sums.set(currency, sum)
}

const keyOf = ({ mentor_id, organisation_id, state }: Filter): string =>
  JSON.stringify([mentor_id, organisation_id, state])
