import { withFragments } from '../../fragments.js'

export const summaryQuery = withFragments(
  'query Summary($filter: SessionFilter) { summary(filter: $filter) { ...Summary } }',
)

export const trendQuery = withFragments(
  'query Trend($filter: SessionFilter, $last: Int) { trend(filter: $filter, last: $last) { ...Month } }',
)

export const mentorsQuery =
  withFragments(`query Mentors($filter: SessionFilter, $search: String, $orderBy: GroupOrder, $first: Int, $after: String) {
  mentors(filter: $filter, search: $search, orderBy: $orderBy, first: $first, after: $after) {
    nodes { ...Group } totalCount pageInfo { hasNextPage endCursor } } }`)

export const organisationsQuery =
  withFragments(`query Organisations($filter: SessionFilter, $search: String, $orderBy: GroupOrder, $first: Int, $after: String) {
  organisations(filter: $filter, search: $search, orderBy: $orderBy, first: $first, after: $after) {
    nodes { ...Group } totalCount pageInfo { hasNextPage endCursor } } }`)

export const summarySubscription = withFragments(`subscription SummaryAt($filter: SessionFilter) {
  summary(filter: $filter) { cursor summary { ...Summary } } }`)
