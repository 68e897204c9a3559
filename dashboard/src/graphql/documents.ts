const statedFragment = 'fragment Stated on CalculationInputValues { label currency period { from to } }'

const sumsFragment = `fragment Sums on Amounts { currency results sessionsHeld totalHours programmeCost timeValue netBenefit
  benefitCostRatio }`

const outputsFragment = `fragment Outputs on CalculationOutputs { totalMinutes totalHours programmeCost timeValue netBenefit
  benefitCostRatio roiPercent costPerHourDelivered valuePerSession netPerSession breakEvenMinutes
  undefinedBecause { output reason } }`

const listedFragment = `fragment Listed on Session { id mentorId organisationId state lastEvent version createdAt updatedAt
  key: orderKey(orderBy: $orderBy)
  result { inputs { ...Stated } outputs { totalHours programmeCost timeValue benefitCostRatio } } } ${statedFragment}`

export const listQuery = `query List($filter: SessionFilter, $orderBy: SessionOrder, $after: String, $first: Int!) {
  sessions(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
    edges { cursor key: orderKey node { ...Listed } } pageInfo { hasNextPage } } } ${listedFragment}`

export const findQuery = `query Find($search: String!, $ofMentors: SessionFilter, $organisations: Boolean!, $mentors: Boolean!) {
  organisations(search: $search, first: 6, orderBy: {by: SESSIONS, descending: true}) @include(if: $organisations) {
    nodes { id sessions } }
  mentors(search: $search, filter: $ofMentors, first: 6, orderBy: {by: SESSIONS, descending: true}) @include(if: $mentors) {
    nodes { id sessions } } }`

export const feedSubscription = `subscription Feed($after: String, $filter: FeedFilter, $orderBy: SessionOrder) {
  feed(after: $after, filter: $filter) { __typename
    ... on FeedReady { cursor }
    ... on FeedGap { reason }
    ... on FeedTransition { cursor transition { from session { ...Listed } } } } } ${listedFragment}`

export const summarySubscription = `subscription Summary($filter: SessionFilter) { summary(filter: $filter) { summary {
  sessions states { state count } amounts { ...Sums } calculations { minute count } } } } ${sumsFragment}`

export const trendQuery = `query Trend($filter: SessionFilter, $withResult: SessionFilter, $last: Int!) {
  trend(filter: $filter, last: $last) { month results amounts { ...Sums } }
  computed: sessions(filter: $withResult, first: 1) { nodes { result { method caveat } } } } ${sumsFragment}`

const groupsFragment = `fragment Groups on GroupConnection { nodes { id sessions results amounts { ...Sums } } totalCount
  pageInfo { hasNextPage endCursor } } ${sumsFragment}`

export const organisationsQuery = `query Organisations($orderBy: GroupOrder, $first: Int!, $after: String) {
  page: organisations(orderBy: $orderBy, first: $first, after: $after) { ...Groups } } ${groupsFragment}`

export const mentorsQuery = `query Mentors($filter: SessionFilter, $orderBy: GroupOrder, $first: Int!, $after: String) {
  page: mentors(filter: $filter, orderBy: $orderBy, first: $first, after: $after) { ...Groups } } ${groupsFragment}`

export const calculationsQuery = `query Calculations($filter: SessionFilter, $orderBy: SessionOrder, $first: Int!, $after: String) {
  page: sessions(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    nodes { id result { inputs { ...Stated }
      outputs { totalHours programmeCost timeValue netBenefit benefitCostRatio } } }
    totalCount pageInfo { hasNextPage endCursor } } } ${statedFragment}`

export const sessionQuery = `query Session($id: ID!) { session(id: $id) { id mentorId organisationId state lastEvent version
  createdAt updatedAt allowedEvents shares { path resultId expiresAt }
  result { id method caveat computedAt inputs { sessions avgMinutes costPerSession costPerHour ...Stated }
    outputs { ...Outputs } } results { id computedAt inputs { ...Stated } outputs { netBenefit } } } } ${statedFragment} ${outputsFragment}`

export const transitionsSubscription = `subscription Transitions($id: ID!, $after: Int) {
  sessionTransitions(sessionId: $id, after: $after) { event from to sequence at resultId by } }`
