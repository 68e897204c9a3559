import { filter, follow, type Names, page } from '../../option-names.js'
import type { FilterOptions, FollowOptions, PageOptions } from '../../options.js'
import type { GroupOrder, SessionFilter } from '../../schema.js'

/** Options of `getTrend`. */
export interface TrendOptions extends FilterOptions {
  /**
   * Number of months to return, ending with the current month, 1 to 120. Default: 12. You cannot combine `last` with
   * `months` in the filter.
   */
  last?: number | undefined
}

/** Options of `allMentors` and `allOrganisations`. */
export interface AllGroupsOptions extends FilterOptions {
  /** Prefix of an id, case-insensitive. */
  search?: string | undefined
  /** Order of the groups. Default: by id. */
  orderBy?: GroupOrder | undefined
}

/** Options of `listMentors` and `listOrganisations`. */
export interface ListGroupsOptions extends AllGroupsOptions, PageOptions {}

/** Options of `followSummary`. */
export interface FollowSummaryOptions extends FollowOptions {
  /** Selects the sessions that the summary covers. Default: all sessions that the caller is allowed to see. */
  filter?: SessionFilter | undefined
}

const allGroups: Names<AllGroupsOptions> = { ...filter, search: true, orderBy: true }
const listGroups: Names<ListGroupsOptions> = { ...allGroups, ...page }

/** The option names of each call. */
export const totalsOptions = {
  followSummary: { ...follow, filter: true } satisfies Names<FollowSummaryOptions>,
  getSummary: filter,
  getTrend: { ...filter, last: true } satisfies Names<TrendOptions>,
  listMentors: listGroups,
  allMentors: allGroups,
  listOrganisations: listGroups,
  allOrganisations: allGroups,
  useSummary: { filter: true },
} as const
