import type { Deadline } from '../../concurrency/deadline'
import type { Source } from '../../concurrency/source'
import { type Caller, narrowed, principalKey } from '../../domain/caller'
import { type Filter, filterKey } from '../../domain/list-query'
import type { GroupCollector, GroupPage, GroupsRequest } from './groups'
import type { MonthTotals, Summary } from './model'
import type { SummaryAt } from './summaries'
import type { Collecting, Totals } from './totals'

export class CallerTotals {
  readonly #totals: Totals
  readonly #scope: Caller['scope']
  readonly #principal: string

  constructor(totals: Totals, caller: Caller) {
    this.#totals = totals
    this.#scope = caller.scope
    this.#principal = principalKey(caller)
  }

  summary(filter: Filter): Promise<Summary> {
    return this.#totals.summary(narrowed(filter, this.#scope), this.#principal)
  }

  summaries(filter: Filter): Source<SummaryAt> {
    return this.#totals.summaries(narrowed(filter, this.#scope), this.#principal)
  }

  trend(filter: Filter, last?: number): Promise<MonthTotals[]> {
    return this.#totals.trend(narrowed(filter, this.#scope), last, this.#principal)
  }

  mentors(filter: Filter, request: GroupsRequest): Promise<GroupPage> {
    return this.#totals.mentors(narrowed(filter, this.#scope), request, this.#principal)
  }

  organisations(filter: Filter, request: GroupsRequest): Promise<GroupPage> {
    return this.#totals.organisations(narrowed(filter, this.#scope), request, this.#principal)
  }

  /** Runs long work with the totals' limits. Identical requests of this caller share the work. */
  shared<T>(name: string, filter: Filter, work: (deadline: Deadline) => Promise<T>): Promise<T> {
    return this.#totals.shared(`${this.#principal} ${name} ${filterKey(filter)}`, this.#principal, work)
  }

  collect<C extends GroupCollector>({ filter, ...collecting }: Collecting<C>): Promise<C> {
    return this.#totals.collect({ ...collecting, filter: narrowed(filter, this.#scope) }, this.#principal)
  }
}
