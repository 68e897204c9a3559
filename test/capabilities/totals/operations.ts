import { type Capability, filterOf, listed, ownerOf } from '../../support/operation'
import { totalsClient } from './client'
import { checkStored } from './stored'

interface Month {
  results: number
}
const resultsIn = (months: Month[]): number => months.reduce((sum, { results }) => sum + results, 0)

export const operations: Capability = {
  client: totalsClient,
  checkStored,
  tools: ['get_summary', 'get_trend', 'compare_organisations'],
  operations: [
    {
      access: 'scope',
      rest: { at: 'GET /api/v1/benefit-summaries', query: ownerOf, shows: text => JSON.parse(text).sessions },
      graphql: {
        field: 'Query.summary',
        query: 'query ($filter: SessionFilter) { summary(filter: $filter) { sessions } }',
        variables: filterOf,
        shows: ({ sessions }) => sessions,
      },
    },
    {
      access: 'scope',
      graphql: {
        field: 'Subscription.summary',
        query: 'subscription ($filter: SessionFilter) { summary(filter: $filter) { summary { sessions } } }',
        variables: filterOf,
        shows: ({ summary }) => summary.sessions,
      },
    },
    {
      access: 'scope',
      rest: {
        at: 'GET /api/v1/benefit-trends',
        query: of => ({ last: '2', ...ownerOf(of) }),
        shows: text => resultsIn(JSON.parse(text).data),
      },
      graphql: {
        field: 'Query.trend',
        query: 'query ($filter: SessionFilter) { trend(filter: $filter, last: 2) { results } }',
        variables: filterOf,
        shows: resultsIn,
      },
    },
    {
      access: 'scope',
      rest: { at: 'GET /api/v1/benefit-mentors', query: ownerOf, shows: listed },
      graphql: {
        field: 'Query.mentors',
        query: 'query ($filter: SessionFilter) { mentors(filter: $filter) { totalCount } }',
        variables: filterOf,
        shows: ({ totalCount }) => totalCount,
      },
    },
    {
      access: 'scope',
      rest: { at: 'GET /api/v1/benefit-organisations', query: ownerOf, shows: listed },
      graphql: {
        field: 'Query.organisations',
        query: 'query ($search: String) { organisations(search: $search) { totalCount } }',
        variables: ({ organisation_id }) => ({ search: organisation_id }),
        shows: ({ totalCount }) => totalCount,
        // A mentor sees the organisations of its own sessions.
        alsoSeen: { mentor: 'b', 'mentor of no organisation': 'bd' },
      },
    },
  ],
}
