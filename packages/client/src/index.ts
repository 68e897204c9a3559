export {
  type ChangeOptions,
  type ChangeResponse,
  type EventWithoutPayload,
  type NewSession,
  newIdempotencyKey,
  type PageOptions,
  SessionsClient,
  type SessionVersion,
} from './client.js'
export type { Page, Session, Transition } from './documents.js'
export {
  ApiError,
  ConnectionError,
  type ErrorCode,
  type ErrorFacts,
  type ErrorMessages,
  type Fault,
  isApiError,
} from './errors.js'
export type {
  FollowOptions,
  FollowSessionsFilter,
  FollowSessionsOptions,
  FollowSummaryOptions,
  SessionChange,
  SessionsChange,
} from './follow.js'
export type { ClientOptions, RequestOptions, TokenSource } from './options.js'
export type {
  Amounts,
  CalculationInputs,
  CalculationInputValues,
  CalculationOutputs,
  CostPerHourRange,
  FeedFilter,
  FeedGapReason,
  Group,
  GroupOrder,
  Month,
  OutputBound,
  OutputRange,
  Period,
  Result,
  SessionEvent,
  SessionFilter,
  SessionOrder,
  SessionState,
  Share,
  SharedResult,
  Summary,
  SummaryAt,
  TransitionEvent,
  UndefinedReason,
} from './schema.js'
export type { Subscriber } from './subscriptions.js'
