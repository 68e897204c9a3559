import type { Source } from '../concurrency/source'
import type { Filter } from '../db/store'
import { narrowed, type Scope } from '../domain/caller'
import type { Month, Summary } from '../domain/totals'
import type { GroupPage, GroupsRequest } from './groups'
import type { SummaryAt } from './summaries'
import type { Totals } from './totals'

/** The totals, restricted to a scope. */
export class TotalsInScope {
  constructor(
    readonly totals: Totals,
    readonly scope: Scope,
  ) {}

  /** Identity of the history that positions belong to. */
  get identity(): string {
    return this.totals.store.identity
  }

  count(filter: Filter): Promise<number> {
    return this.totals.count(narrowed(filter, this.scope))
  }

  summary(filter: Filter): Promise<Summary> {
    return this.totals.summary(narrowed(filter, this.scope))
  }

  summaries(filter: Filter): Source<SummaryAt> {
    return this.totals.summaries(narrowed(filter, this.scope))
  }

  trend(filter: Filter, count: number): Promise<Month[]> {
    return this.totals.trend(narrowed(filter, this.scope), count)
  }

  mentors(filter: Filter, asked: GroupsRequest): Promise<GroupPage> {
    return this.totals.mentors(narrowed(filter, this.scope), asked)
  }

  organisations(asked: GroupsRequest): Promise<GroupPage> {
    return this.totals.organisations(this.scope, asked)
  }
}
