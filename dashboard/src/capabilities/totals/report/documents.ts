import { withFragments } from '../../../../../packages/client/src/fragments.js'
import { detailsFragment } from '../../../graphql/fragments'

export const trendQuery = withFragments(`query Trend($filter: SessionFilter, $withResult: SessionFilter) {
  trend(filter: $filter) { ...Month }
  computed: sessions(filter: $withResult, first: 1) { nodes { result { method caveat } } } }`)

export const otherMonthsQuery = `query OtherMonths($earlier: SessionFilter, $later: SessionFilter) {
  earlier: summary(filter: $earlier) { results }
  later: summary(filter: $later) { results } }`

export const yearBeforeQuery =
  withFragments(`query YearBefore($filter: SessionFilter, $now: SessionFilter, $before: SessionFilter) {
  shown: summary(filter: $filter) { amounts { ...Amounts } }
  now: summary(filter: $now) { amounts { ...Amounts } }
  before: summary(filter: $before) { amounts { ...Amounts } }
  months: trend(filter: $before) { ...Month } }`)

export const organisationsQuery =
  withFragments(`query Organisations($filter: SessionFilter, $orderBy: GroupOrder, $first: Int!, $after: String) {
  page: organisations(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    nodes { ...Group } totalCount pageInfo { hasNextPage endCursor } } }`)

export const mentorsQuery =
  withFragments(`query Mentors($filter: SessionFilter, $orderBy: GroupOrder, $first: Int!, $after: String) {
  page: mentors(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    nodes { ...Group organisationId organisations } totalCount pageInfo { hasNextPage endCursor } } }`)

export const calculationsQuery = `query Calculations($filter: SessionFilter, $orderBy: SessionOrder, $first: Int!, $after: String) {
  page: sessions(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    nodes { id organisationId createdAt result { inputs { ...Details }
      outputs { totalHours programmeCost timeValue netBenefit benefitCostRatio } } }
    totalCount pageInfo { hasNextPage endCursor } } } ${detailsFragment}`

export const sourcesQuery = `query Sources($filter: SessionFilter, $first: Int!, $after: String) {
  page: sessions(filter: $filter, first: $first, after: $after) {
    nodes { id result { inputs { currency valueSource costPerHour } } } totalCount pageInfo { hasNextPage endCursor } } }`
