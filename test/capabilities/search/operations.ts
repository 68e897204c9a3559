import { type Capability, filterOf, ownerOf } from '../../support/operation'
import { searchClient } from './client'

export const operations: Capability = {
  client: searchClient,
  operations: [
    {
      access: 'scope',
      rest: {
        at: 'GET /api/v1/benefit-search',
        query: of => ({ text: of.mentor_id, ...ownerOf(of) }),
        shows: text => JSON.parse(text).mentors.length,
      },
      graphql: {
        field: 'Query.find',
        query: `query ($filter: SessionFilter) { find(text: "MENTO", filter: $filter) {
          mentors { id } organisations { id } sessions { id } complete } }`,
        variables: filterOf,
        shows: ({ mentors }) => mentors.length,
      },
    },
  ],
}
