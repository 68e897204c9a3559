import { withFragments } from '../../../packages/client/src/fragments.js'

const detailsFragment = 'fragment Details on CalculationInputValues { label currency period { from to } }'

const listedFragment = `fragment ListedSession on Session { id mentorId organisationId state lastEvent version createdAt
  updatedAt key: orderKey(orderBy: $orderBy)
  result { computedAt inputs { ...Details } outputs { totalHours programmeCost timeValue benefitCostRatio } } } ${detailsFragment}`

export const listQuery = `query List($filter: SessionFilter, $orderBy: SessionOrder, $after: String, $first: Int!) {
  sessions(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
    edges { cursor key: orderKey node { ...ListedSession } } pageInfo { hasNextPage } } } ${listedFragment}`

export const suggestionsQuery = `query Suggestions($ofMentors: SessionFilter, $organisations: Boolean!, $mentors: Boolean!) {
  organisations(first: 6, orderBy: {by: SESSIONS, descending: true}) @include(if: $organisations) {
    nodes { id sessions } }
  mentors(filter: $ofMentors, first: 6, orderBy: {by: SESSIONS, descending: true}) @include(if: $mentors) {
    nodes { id sessions } } }`

export const findQuery = `query Find($text: String!, $filter: SessionFilter, $organisations: Boolean!, $mentors: Boolean!) {
  find(text: $text, filter: $filter) {
    organisations @include(if: $organisations) { id sessions }
    mentors @include(if: $mentors) { id sessions }
    sessions { id mentorId createdAt result { inputs { label } } }
    complete } }`

export const mentorNamesQuery = `query MentorNames($text: String!) { find(text: $text) { groups: mentors { id } } }`

export const organisationNamesQuery = `query OrganisationNames($text: String!) {
  find(text: $text) { groups: organisations { id } } }`

export const feedSubscription = `subscription Feed($after: String, $filter: FeedFilter, $orderBy: SessionOrder) {
  feed(after: $after, filter: $filter) { __typename
    ... on FeedReady { cursor }
    ... on FeedGap { reason }
    ... on FeedTransition { cursor transition { from session { ...ListedSession } } } } } ${listedFragment}`

export const summarySubscription =
  withFragments(`subscription Summary($filter: SessionFilter) { summary(filter: $filter) { summary {
  sessions states { state count } amounts { ...Amounts } calculations { minute count } } } }`)

export const trendQuery = withFragments(`query Trend($filter: SessionFilter, $withResult: SessionFilter) {
  trend(filter: $filter) { ...Month }
  computed: sessions(filter: $withResult, first: 1) { nodes { result { method caveat } } } }`)

export const resultsQuery = 'query Results($filter: SessionFilter) { summary(filter: $filter) { results } }'

export const shareReportMutation = `mutation ShareReport($input: ShareReportInput!) {
  shareReport(input: $input) { path report { expiresAt } } }`

export const organisationsQuery =
  withFragments(`query Organisations($filter: SessionFilter, $orderBy: GroupOrder, $first: Int!, $after: String) {
  page: organisations(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    nodes { ...Group } totalCount pageInfo { hasNextPage endCursor } } }`)

export const mentorsQuery =
  withFragments(`query Mentors($filter: SessionFilter, $orderBy: GroupOrder, $first: Int!, $after: String) {
  page: mentors(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    nodes { ...Group } totalCount pageInfo { hasNextPage endCursor } } }`)

export const calculationsQuery = `query Calculations($filter: SessionFilter, $orderBy: SessionOrder, $first: Int!, $after: String) {
  page: sessions(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    nodes { id result { inputs { ...Details }
      outputs { totalHours programmeCost timeValue netBenefit benefitCostRatio } } }
    totalCount pageInfo { hasNextPage endCursor } } } ${detailsFragment}`

export const sourcesQuery = `query Sources($filter: SessionFilter, $first: Int!, $after: String) {
  page: sessions(filter: $filter, first: $first, after: $after) {
    nodes { id result { inputs { currency valueSource costPerHour } } } totalCount pageInfo { hasNextPage endCursor } } }`

export const existingQuery = `query Existing($filter: SessionFilter!, $first: Int!, $after: String) {
  sessions(filter: $filter, first: $first, after: $after) {
    nodes { id result { inputs { ...Details sessions avgMinutes costPerSession costPerHour
      costPerHourRange { low high } } } }
    pageInfo { hasNextPage endCursor } } } ${detailsFragment}`

export const sessionQuery =
  withFragments(`query Session($id: ID!) { session(id: $id) { id mentorId organisationId state lastEvent version
  createdAt updatedAt allowedEvents shares { path token resultId expiresAt } result { ...Result }
  results { id computedAt inputs { ...Details } outputs { netBenefit } } } } ${detailsFragment}`)

export const latestResultsQuery = `query LatestResults($filter: SessionFilter) {
  sessions(filter: $filter, orderBy: {by: UPDATED, descending: true}, first: 10) {
    nodes { result { computedAt inputs { costPerHour currency valueSource } } } } }`

export const transitionsSubscription = `subscription Transitions($id: ID!, $after: Int) {
  sessionTransitions(sessionId: $id, after: $after) { event from to sequence at resultId by } }`

export const sharedLinksQuery = `query SharedLinks($first: Int!, $after: String) {
  sharedLinks(first: $first, after: $after) {
    nodes { session { id mentorId organisationId } share { token path expiresAt } label views }
    pageInfo { hasNextPage endCursor } } }`

export const reportsQuery = 'query Reports { reports { id title organisationId mentorId from to expiresAt views } }'

export const revokeReportMutation = 'mutation RevokeReport($id: ID!) { revokeReport(id: $id) { revoked } }'

const endpointFields = `id url description events organisationId mentorId status pending createdAt lastSuccessAt
  lastFailure { at status error }`

export const endpointsQuery = `query Endpoints { webhookEndpoints { ${endpointFields} } }`

export const endpointQuery = `query Endpoint($id: ID!) { webhookEndpoint(id: $id) { ${endpointFields}
  attempts { messageId type sessionId attempt at durationMs status error nextAttemptAt } } }`

export const createEndpointMutation = `mutation Create($input: CreateWebhookEndpointInput!) {
  createWebhookEndpoint(input: $input) { endpoint { id } secret } }`

export const pauseEndpointMutation = `mutation Pause($id: ID!, $paused: Boolean!) {
  updateWebhookEndpoint(input: {id: $id, paused: $paused}) { id } }`

export const testEndpointMutation = 'mutation Test($id: ID!) { testWebhookEndpoint(id: $id) { endpointId } }'

export const replayEndpointMutation = `mutation Replay($input: ReplayWebhookEndpointInput!) {
  replayWebhookEndpoint(input: $input) { endpointId } }`

export const rotateSecretMutation = 'mutation Rotate($id: ID!) { rotateWebhookSecret(id: $id) { secret } }'

export const deleteEndpointMutation = 'mutation Delete($id: ID!) { deleteWebhookEndpoint(id: $id) { deleted } }'
