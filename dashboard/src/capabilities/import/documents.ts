import { detailsFragment } from '../../graphql/fragments'

export const existingQuery = `query Existing($filter: SessionFilter!, $first: Int!, $after: String) {
  sessions(filter: $filter, first: $first, after: $after) {
    nodes { id result { inputs { ...Details sessions avgMinutes costPerSession costPerHour
      costPerHourRange { low high } } } }
    pageInfo { hasNextPage endCursor } } } ${detailsFragment}`
