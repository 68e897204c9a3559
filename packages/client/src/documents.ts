import { withFragments } from './fragments.js'
import type * as schema from './schema.js'

/** A session as the client reads it, without its earlier results, transitions and share links. */
export type Session = Omit<schema.Session, 'orderKey' | 'results' | 'share' | 'shares' | 'transitions'>

/** A transition, and the session as it was after the transition. */
export interface Transition extends Omit<schema.Transition, 'session' | 'snapshot'> {
  session: Session
}

/** A live share link, and the session to which it belongs. */
export interface SharedLink extends Omit<schema.SharedLink, 'session'> {
  session: Session
}

/** A page of a list. */
export interface Page<T> {
  nodes: T[]
  pageInfo: { hasNextPage: boolean; endCursor: string | null }
}

export const sessionQuery = withFragments('query Session($id: ID!) { session(id: $id) { ...Session } }')

export const sessionsQuery =
  withFragments(`query Sessions($filter: SessionFilter, $orderBy: SessionOrder, $after: String, $first: Int) {
  sessions(filter: $filter, orderBy: $orderBy, after: $after, first: $first) {
    nodes { ...Session } pageInfo { hasNextPage endCursor } } }`)

export const countQuery = 'query Count($filter: SessionFilter) { sessions(filter: $filter, first: 1) { totalCount } }'

export const resultsQuery = withFragments('query Results($id: ID!) { session(id: $id) { results { ...Result } } }')

export const sharesQuery = withFragments('query Shares($id: ID!) { session(id: $id) { shares { ...Share } } }')

export const transitionsQuery = withFragments(`query SessionTransitions($id: ID!, $first: Int, $after: Int) {
  session(id: $id) { transitions(first: $first, after: $after) { ...Transition } } }`)

export const sharedLinksQuery = withFragments(`query SharedLinks($filter: SessionFilter, $first: Int, $after: String) {
  sharedLinks(filter: $filter, first: $first, after: $after) {
    nodes { session { ...Session } share { ...Share } label views } pageInfo { hasNextPage endCursor } } }`)

export const sharedResultQuery = withFragments(
  'query SharedResult($token: ID!) { sharedResult(token: $token) { ...SharedResult } }',
)

export const calculateQuery = withFragments(
  'query Calculate($inputs: CalculationInputs!) { calculate(inputs: $inputs) { ...CalculationOutputs } }',
)

const changeFields = 'session { ...Session } transitions { ...Transition } replayed'

export const startMutation = withFragments(
  `mutation Start($input: StartSessionInput!) { change: startSession(input: $input) { ${changeFields} } }`,
)

export const dispatchMutation = withFragments(
  `mutation Dispatch($input: DispatchEventInput!) { change: dispatchEvent(input: $input) { ${changeFields} } }`,
)

export const shareMutation =
  withFragments(`mutation Share($input: DispatchEventInput!) { change: dispatchEvent(input: $input) {
  ${changeFields} shared: session { share { ...Share } } } }`)

export const revokeShareMutation = withFragments(
  `mutation RevokeShare($sessionId: ID!, $token: ID!, $expectedVersion: Int, $idempotencyKey: String) {
  change: revokeShare(
    sessionId: $sessionId, token: $token, expectedVersion: $expectedVersion, idempotencyKey: $idempotencyKey
  ) { ${changeFields} } }`,
)

export const closeMutation = 'mutation Close($input: CloseSessionInput!) { closeSession(input: $input) { deleted } }'

export const eraseMutation =
  'mutation Erase($input: EraseMentorInput!) { eraseMentor(input: $input) { closed remaining erased } }'

export const feedSubscription = withFragments(`subscription Feed($filter: FeedFilter, $after: String) {
  feed(filter: $filter, after: $after, reportCaughtUp: true) {
  __typename
  ... on FeedReady { cursor caughtUp }
  ... on FeedGap { reason }
  ... on FeedTransition { cursor left transition { ...Transition } } } }`)

export const transitionsSubscription = withFragments(`subscription Transitions($id: ID!, $after: Int!) {
  sessionTransitions(sessionId: $id, after: $after) { ...Transition } }`)
