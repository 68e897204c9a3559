import type { Amounts, MonthTotals, Summary } from '../../../src/capabilities/totals/model'
import {
  type Answer,
  type Api,
  type Filter,
  filterOf,
  type GraphqlApi,
  graphqlApi,
  type Json,
  queryOf,
  type RestApi,
  restApi,
} from '../../support/interfaces'
import type { Reachable } from '../../support/server'

/** A request for the totals of mentors or organisations. */
export interface GroupsRequest extends Filter {
  search?: string
  order_by?: string
  descending?: boolean
  currency?: string
  limit?: number
  after?: string
}

/** A page of the totals of mentors or organisations. */
export interface Groups {
  groups: { id: string | null; sessions: number; results: number; amounts: Amounts[] }[]
  total: number
  next: string | null
}

interface TotalsOperations {
  summary(filter?: Filter): Promise<Answer<{ summary: Summary }>>
  trend(filter?: Filter, last?: number): Promise<Answer<{ months: MonthTotals[] }>>
  mentors(request?: GroupsRequest): Promise<Answer<Groups>>
  organisations(request?: GroupsRequest): Promise<Answer<Groups>>
}

/** REST or GraphQL, with the operations of totals. */
export type TotalsApi = Api & TotalsOperations

export const withTotals = (api: RestApi | GraphqlApi): TotalsApi => ({
  ...api,
  ...(api.name === 'rest' ? overRest(api) : overGraphql(api)),
})

/** Describes one suite over REST and over GraphQL. */
export function overTotalsInterfaces(server: Reachable, body: (api: TotalsApi) => void): void {
  for (const api of [restApi(server), graphqlApi(server)].map(withTotals)) {
    describe(`over ${api.name}`, () => body(api))
  }
}

/** Returns what converts a page of groups. Each has its id under this name. */
const groupsIn =
  (name: string) =>
  ({ data, pagination }: Json) => ({
    groups: (data as Json[]).map(({ [name]: id, sessions, results, amounts }) => ({ id, sessions, results, amounts })),
    total: (pagination as Groups).total,
    next: (pagination as Groups).next,
  })

const overRest = ({ read }: RestApi): TotalsOperations => ({
  summary: (filter = {}) => read(`/api/v1/benefit-summaries?${queryOf(filter)}`, summary => ({ summary })),
  trend: (filter = {}, last) =>
    read(`/api/v1/benefit-trends?${queryOf({ ...filter, last })}`, ({ data }) => ({ months: data })),
  mentors: (request = {}) => read(`/api/v1/benefit-mentors?${queryOf(request)}`, groupsIn('mentor_id')),
  organisations: (request = {}) =>
    read(`/api/v1/benefit-organisations?${queryOf(request)}`, groupsIn('organisation_id')),
})

const overGraphql = ({ ask, plain }: GraphqlApi): TotalsOperations => {
  async function groups(
    field: string,
    { search, order_by, descending, currency, limit, after, ...filter }: GroupsRequest = {},
  ): Promise<Answer<Groups>> {
    const text = `query ($filter: SessionFilter, $search: String, $orderBy: GroupOrder, $first: Int, $after: String) {
      page: ${field}(filter: $filter, search: $search, orderBy: $orderBy, first: $first, after: $after) {
        nodes { id sessions results amounts { ...Amounts } } pageInfo { hasNextPage endCursor } totalCount } }`
    const by = order_by?.toUpperCase()
    const { refusal, data } = await ask(text, {
      filter: filterOf(filter),
      search,
      orderBy: { by, descending, currency },
      first: limit,
      after,
    })
    if (refusal) return refusal
    const { nodes, pageInfo, totalCount } = data.page as {
      nodes: Groups['groups']
      pageInfo: { hasNextPage: boolean; endCursor: string | null }
      totalCount: number
    }
    return { ok: true, groups: nodes, total: totalCount, next: pageInfo.hasNextPage ? pageInfo.endCursor : null }
  }
  return {
    summary: (filter = {}) =>
      plain(
        `query ($filter: SessionFilter) { summary(filter: $filter) { sessions states { state count } results
          amounts { ...Amounts } calculations { minute count } } }`,
        { filter: filterOf(filter) },
      ),
    async trend(filter = {}, last) {
      const text = `query ($filter: SessionFilter, $last: Int) { months: trend(filter: $filter, last: $last)
        { month results amounts { ...Amounts } } }`
      const { refusal, data } = await ask(text, { filter: filterOf(filter), last })
      if (refusal) return refusal
      const months = data.months as MonthTotals[]
      return { ok: true, months: months.map(({ month, ...totals }) => ({ month: month.slice(0, 7), ...totals })) }
    },
    mentors: request => groups('mentors', request),
    organisations: request => groups('organisations', request),
  }
}
