export type * from './capabilities/index.js'
export {
  type ChangeResponse,
  createIdempotencyKey,
  type EventInput,
  SessionsClient,
  type SessionVersion,
  type ShareResponse,
} from './client.js'
export type { Page, Session, SharedLink, Transition } from './documents.js'
export {
  ApiError,
  ClientClosedError,
  ConnectionError,
  type ErrorCode,
  type ErrorMessages,
  isApiError,
} from './errors.js'
export type { ResetReason, SessionChange, SessionsChange } from './follow.js'
export type {
  AllSessionsOptions,
  ChangeOptions,
  ClientOptions,
  FilterOptions,
  FollowOptions,
  FollowSessionsFilter,
  FollowSessionsOptions,
  ListSessionsOptions,
  ListSharedLinksOptions,
  ListTransitionsOptions,
  NewSession,
  PageOptions,
  RequestOptions,
  ShareOptions,
  StoredCopy,
  TokenProvider,
} from './options.js'
export type {
  CalculationInputs,
  CalculationInputValues,
  CalculationOutputs,
  CostPerHourRange,
  ErrorDetails,
  EventWithoutPayload,
  FeedFilter,
  FeedGapReason,
  InputError,
  InputErrors,
  MonthRange,
  NoDetails,
  OutputBound,
  OutputRange,
  Period,
  PeriodInput,
  ReassignInput,
  Result,
  SessionEvent,
  SessionFilter,
  SessionOrder,
  SessionOrderField,
  SessionState,
  Share,
  SharedResult,
  TransitionEvent,
  UndefinedOutput,
  UndefinedReason,
} from './schema.js'
export type { Subscriber } from './subscriptions.js'
export type { RequestArguments, TypedDocument } from './typed-document.js'
