export {
  type Based,
  type Changed,
  type Changing,
  newKey,
  type Paging,
  SessionsClient,
  type Who,
} from './client.js'
export type { Page, Session, Transition } from './documents.js'
export type { FollowSessions, SessionChange, SessionsChange } from './following.js'
export { type ErrorCode, type Facts, type Fault, isRefusal, Refusal, type Sentences, Unreachable } from './refusal.js'
export type { Call } from './requests.js'
export type {
  Amounts,
  CalculationInputs,
  CalculationInputValues,
  CalculationOutputs,
  FeedFilter,
  FeedGapReason,
  Group,
  GroupOrder,
  Month,
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
export type { Settings, TokenSource } from './settings.js'
export type { Subscriber } from './subscriptions.js'
