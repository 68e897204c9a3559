import { withFragments } from '../../../packages/client/src/fragments.js'
import { detailsFragment } from './fragments'

const fragmentOfListed = (
  name: string,
  type: string,
  id: string,
) => `fragment ${name} on ${type} { ${id} mentorId organisationId state lastEvent version createdAt
  updatedAt key: orderKey(orderBy: $orderBy)
  result { computedAt inputs { ...Details } outputs { totalHours programmeCost timeValue benefitCostRatio } } } ${detailsFragment}`

export const listQuery = `query List($filter: SessionFilter, $orderBy: SessionOrder, $after: String, $first: Int!) {
  sessions(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
    edges { cursor key: orderKey node { ...ListedSession } } pageInfo { hasNextPage } } } ${fragmentOfListed('ListedSession', 'Session', 'id')}`

export const feedSubscription = `subscription Feed($after: String, $filter: FeedFilter, $orderBy: SessionOrder) {
  feed(after: $after, filter: $filter) { __typename
    ... on FeedReady { cursor }
    ... on FeedGap { reason }
    ... on FeedTransition { cursor left transition { from session: snapshot { ...ListedSnapshot } } } } } ${fragmentOfListed('ListedSnapshot', 'SessionSnapshot', 'id: sessionId')}`

export const sessionQuery =
  withFragments(`query Session($id: ID!) { session(id: $id) { id mentorId organisationId state lastEvent version
  createdAt updatedAt allowedEvents shares { path token resultId expiresAt showOrganisation } result { ...Result }
  results { id resultId computedAt inputs { ...Details } outputs { netBenefit } } } } ${detailsFragment}`)

export const contentsQuery = withFragments(`query Contents($id: ID!) { session(id: $id) {
  mentorId organisationId externalId result { inputs { ...CalculationInputValues } } } }`)

export const latestResultsQuery = `query LatestResults($filter: SessionFilter) {
  sessions(filter: $filter, orderBy: {by: UPDATED, descending: true}, first: 10) {
    nodes { result { computedAt inputs { costPerHour currency valueSource } } } } }`

export const transitionsSubscription = `subscription Transitions($id: ID!, $after: Int) {
  sessionTransitions(sessionId: $id, after: $after) { event from to sequence at resultId by } }`

export const sharedLinksQuery = `query SharedLinks($first: Int!, $after: String) {
  sharedLinks(first: $first, after: $after) {
    nodes { session { id mentorId organisationId } share { token path expiresAt } label views }
    pageInfo { hasNextPage endCursor } } }`
