import { callsOf, itemsOf } from '../../calls.js'
import { checkOptions } from '../../check-options.js'
import type { Page } from '../../documents.js'
import { maxPageSize } from '../../follow.js'
import { iterateMessages } from '../../messages.js'
import type { FilterOptions } from '../../options.js'
import type { Group, Month, Summary, SummaryAt } from '../../schema.js'
import { mentorsQuery, organisationsQuery, summaryQuery, summarySubscription, trendQuery } from './documents.js'
import type { AllGroupsOptions, FollowSummaryOptions, ListGroupsOptions, TrendOptions } from './options.js'

/** A page of matching mentors or organisations, and the total number of matches. */
export interface GroupPage extends Page<Group> {
  totalCount: number
}

/** Calls that read the totals of sessions. */
export class TotalsCalls {
  /**
   * Follows the summary of the sessions that match a filter. Yields the current summary, and then an updated summary
   * whenever it changes, at most 4 times a second.
   */
  followSummary(options: FollowSummaryOptions = {}): AsyncGenerator<SummaryAt, void> {
    const calls = callsOf(this)
    const { filter } = options
    return calls.follow('followSummary', options, signal =>
      iterateMessages(calls.subscriptions, summarySubscription, {
        variables: () => ({ filter }),
        receive: ({ summary }: { summary: SummaryAt }) => summary,
        newestOnly: true,
        signal,
      }),
    )
  }

  /** Returns the counts and sums of the sessions that match a filter. */
  async getSummary(options: FilterOptions = {}): Promise<Summary> {
    return (await callsOf(this).send<{ summary: Summary }>('getSummary', summaryQuery, {}, options)).summary
  }

  /**
   * Returns monthly sums, oldest first. If the filter has `months`, returns the sums of these months. Otherwise, returns
   * the sums of the latest months, including the current month.
   */
  async getTrend(options: TrendOptions = {}): Promise<Month[]> {
    return (await callsOf(this).send<{ trend: Month[] }>('getTrend', trendQuery, {}, options)).trend
  }

  /** Returns a page of the mentors with sessions that match a filter, and the counts and sums of each. */
  async listMentors(options: ListGroupsOptions = {}): Promise<GroupPage> {
    return (await callsOf(this).send<{ mentors: GroupPage }>('listMentors', mentorsQuery, {}, options)).mentors
  }

  /** Yields all mentors with sessions that match a filter, and the counts and sums of each. */
  allMentors(options: AllGroupsOptions = {}): AsyncGenerator<Group, void> {
    checkOptions('allMentors', options)
    return itemsOf(after => this.listMentors({ ...options, first: maxPageSize, after }))
  }

  /** Returns a page of the organisations with sessions that match a filter, and the counts and sums of each. */
  async listOrganisations(options: ListGroupsOptions = {}): Promise<GroupPage> {
    const { organisations } = await callsOf(this).send<{ organisations: GroupPage }>(
      'listOrganisations',
      organisationsQuery,
      {},
      options,
    )
    return organisations
  }

  /** Yields all organisations with sessions that match a filter, and the counts and sums of each. */
  allOrganisations(options: AllGroupsOptions = {}): AsyncGenerator<Group, void> {
    checkOptions('allOrganisations', options)
    return itemsOf(after => this.listOrganisations({ ...options, first: maxPageSize, after }))
  }
}
