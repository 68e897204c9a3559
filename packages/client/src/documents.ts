import type * as schema from './schema.js'

/** Fields of a session that this client selects: all but its history and its share links. */
export type Session = Omit<schema.Session, 'orderKey' | 'results' | 'share' | 'shares' | 'transitions'>

export interface Transition extends Omit<schema.Transition, 'session'> {
  /** The session as the transition left it. */
  session: Session
}

/** A page of a list. */
export interface Page<T> {
  nodes: T[]
  pageInfo: { hasNextPage: boolean; endCursor: string | null }
}

const inputFragment = `fragment InputFields on CalculationInputValues { sessions avgMinutes costPerSession costPerHour
  label currency period { from to } }`

const outputFragment = `fragment OutputFields on CalculationOutputs { totalMinutes totalHours programmeCost timeValue netBenefit
  benefitCostRatio roiPercent costPerHourDelivered valuePerSession netPerSession breakEvenMinutes
  undefinedBecause { output reason } }`

const resultFragment = `fragment ResultFields on Result { id method caveat computedAt
  inputs { ...InputFields } outputs { ...OutputFields } }
${inputFragment}
${outputFragment}`

const sessionFragment = `fragment SessionFields on Session { id mentorId organisationId state lastEvent resultId version
  createdAt updatedAt allowedEvents result { ...ResultFields } }
${resultFragment}`

const transitionFragment = `fragment TransitionFields on Transition { event from to sequence at resultId by
  session { ...SessionFields } }
${sessionFragment}`

const shareFragment = 'fragment ShareFields on Share { path token resultId expiresAt }'

const summaryFragment = `fragment SummaryFields on Summary { sessions results states { state count }
  amounts { ...AmountFields } calculations { minute count } }`

const amountsFragment = `fragment AmountFields on Amounts { currency results sessionsHeld totalHours programmeCost timeValue
  netBenefit benefitCostRatio }`

const groupsFragment = `fragment GroupFields on GroupConnection { nodes { id sessions results amounts { ...AmountFields } }
  totalCount pageInfo { hasNextPage endCursor } }
${amountsFragment}`

const changedFragment = `fragment ChangedFields on SessionPayload { session { ...SessionFields }
  transitions { ...TransitionFields } replayed }
${transitionFragment}`

export const sessionQuery = `query Session($id: ID!) { session(id: $id) { ...SessionFields } }
${sessionFragment}`

export const sessionsQuery = `query Sessions($filter: SessionFilter, $orderBy: SessionOrder, $after: String, $first: Int) {
  sessions(filter: $filter, orderBy: $orderBy, after: $after, first: $first) {
    nodes { ...SessionFields } pageInfo { hasNextPage endCursor } } }
${sessionFragment}`

export const countQuery = 'query Count($filter: SessionFilter) { sessions(filter: $filter, first: 1) { totalCount } }'

export const resultsQuery = `query Results($id: ID!) { session(id: $id) { results { ...ResultFields } } }
${resultFragment}`

export const sharesQuery = `query Shares($id: ID!) { session(id: $id) { shares { ...ShareFields } } }
${shareFragment}`

export const sharedResultQuery = `query SharedResult($token: ID!) { sharedResult(token: $token) {
  method caveat computedAt expiresAt inputs { ...InputFields } outputs { ...OutputFields } } }
${inputFragment}
${outputFragment}`

export const calculateQuery = `query Calculate($inputs: CalculationInputs!) { calculate(inputs: $inputs) { ...OutputFields } }
${outputFragment}`

export const summaryQuery = `query Summary($filter: SessionFilter) { summary(filter: $filter) { ...SummaryFields } }
${summaryFragment}
${amountsFragment}`

export const trendQuery = `query Trend($filter: SessionFilter, $last: Int) { trend(filter: $filter, last: $last) {
  month results amounts { ...AmountFields } } }
${amountsFragment}`

export const mentorsQuery = `query Mentors($filter: SessionFilter, $search: String, $orderBy: GroupOrder, $first: Int, $after: String) {
  mentors(filter: $filter, search: $search, orderBy: $orderBy, first: $first, after: $after) { ...GroupFields } }
${groupsFragment}`

export const organisationsQuery = `query Organisations($search: String, $orderBy: GroupOrder, $first: Int, $after: String) {
  organisations(search: $search, orderBy: $orderBy, first: $first, after: $after) { ...GroupFields } }
${groupsFragment}`

export const startMutation = `mutation Start($input: StartSessionInput!) { changed: startSession(input: $input) { ...ChangedFields } }
${changedFragment}`

export const dispatchMutation = `mutation Dispatch($input: DispatchEventInput!) { changed: dispatchEvent(input: $input) { ...ChangedFields } }
${changedFragment}`

export const shareMutation = `mutation Share($input: DispatchEventInput!) { changed: dispatchEvent(input: $input) {
  ...ChangedFields shared: session { share { ...ShareFields } } } }
${changedFragment}
${shareFragment}`

export const closeMutation = 'mutation Close($input: CloseSessionInput!) { closeSession(input: $input) { deleted } }'

export const eraseMutation =
  'mutation Erase($input: EraseMentorInput!) { eraseMentor(input: $input) { closed remaining erased } }'

export const feedSubscription = `subscription Feed($filter: FeedFilter, $after: String) { feed(filter: $filter, after: $after) {
  __typename
  ... on FeedReady { cursor }
  ... on FeedGap { reason }
  ... on FeedTransition { cursor transition { ...TransitionFields } } } }
${transitionFragment}`

export const transitionsSubscription = `subscription Transitions($id: ID!, $after: Int!) {
  sessionTransitions(sessionId: $id, after: $after) { ...TransitionFields } }
${transitionFragment}`

export const summarySubscription = `subscription SummaryAt($filter: SessionFilter) { summary(filter: $filter) {
  cursor summary { ...SummaryFields } } }
${summaryFragment}
${amountsFragment}`
