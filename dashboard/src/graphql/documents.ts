const listedFragment = `fragment Listed on Session { id mentorId organisationId state lastEvent version createdAt updatedAt
  result { inputs { currency } outputs { netBenefit benefitCostRatio } } }`

const statedFragment = 'fragment Stated on CalculationInputValues { label currency period { from to } }'

const outputsFragment = `fragment Outputs on CalculationOutputs { totalMinutes totalHours programmeCost timeValue netBenefit
  benefitCostRatio roiPercent costPerHourDelivered valuePerSession netPerSession breakEvenMinutes
  undefinedBecause { output reason } }`

export const listQuery = `query List($filter: SessionFilter, $after: String) {
  sessions(first: 100, after: $after, filter: $filter) { nodes { ...Listed } pageInfo { hasNextPage endCursor } } } ${listedFragment}`

export const feedSubscription = `subscription Feed($after: String, $filter: FeedFilter) {
  feed(after: $after, filter: $filter) { __typename
    ... on FeedReady { cursor }
    ... on FeedGap { reason }
    ... on FeedTransition { cursor transition { from to session { ...Listed } } } } } ${listedFragment}`

export const summarySubscription = `subscription Summary($filter: SessionFilter) { summary(filter: $filter) { summary {
  sessions states { state count } amounts { currency results programmeCost timeValue netBenefit benefitCostRatio }
  calculations { minute count } } } }`

export const sessionQuery = `query Session($id: ID!) { session(id: $id) { id mentorId organisationId state lastEvent version
  createdAt updatedAt allowedEvents shares { path resultId expiresAt }
  result { id method caveat computedAt inputs { sessions avgMinutes costPerSession costPerHour ...Stated }
    outputs { ...Outputs } } results { id computedAt inputs { ...Stated } outputs { netBenefit } } } } ${statedFragment} ${outputsFragment}`

export const olderResultsQuery = `query OlderResults($id: ID!) { session(id: $id) { results { id computedAt
  inputs { sessions avgMinutes costPerSession costPerHour ...Stated } outputs { ...Outputs } } } } ${statedFragment} ${outputsFragment}`

export const transitionsSubscription = `subscription Transitions($id: ID!, $after: Int) {
  sessionTransitions(sessionId: $id, after: $after) { event from to sequence at resultId by } }`

export const startMutation =
  'mutation Start($input: StartSessionInput!) { startSession(input: $input) { session { id } } }'

export const dispatchMutation = `mutation Dispatch($input: DispatchEventInput!) { dispatchEvent(input: $input) {
  session { state version } transitions { sequence } } }`

export const closeMutation = 'mutation Close($input: CloseSessionInput!) { closeSession(input: $input) { deleted } }'
