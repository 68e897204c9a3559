// Made of the schema by `npm run schema`.

export interface Session {
  id: string
  mentorId: string
  organisationId: string | null
  state: SessionState
  /** The event of the last accepted transition; null until one was dispatched. */
  lastEvent: SessionEvent | null
  resultId: string | null
  /** The sequence of the session's last transition; what expectedVersion and a strong ETag hold. */
  version: number
  createdAt: string
  updatedAt: string
  result: Result | null
  /** Where it stands in an order of `sessions`: so a list that is read can be kept in its order by what the feed tells. */
  orderKey: string | number | null
  /** Newest first. */
  results: Result[]
  /** The live share of the current result, if there is one. */
  share: Share | null
  /** Every live share, of former results too; newest first. */
  shares: Share[]
  /** The events that this state accepts. */
  allowedEvents: SessionEvent[]
  transitions: Transition[]
}

export type SessionState = 'INITIAL' | 'LOADING' | 'LOADED' | 'ERROR' | 'CLOSED'

/** What a client may dispatch. In REST: CalculateRequested, ShareRequested, … */
export type SessionEvent =
  | 'CALCULATE_REQUESTED'
  | 'SHARE_REQUESTED'
  | 'SHARE_REVOKE_REQUESTED'
  | 'RESET_REQUESTED'
  | 'RETRY_REQUESTED'

export interface Result {
  id: string
  inputs: CalculationInputValues
  outputs: CalculationOutputs
  /** time-value/1 */
  method: string
  caveat: string
  computedAt: string
}

export interface CalculationInputValues {
  sessions: number
  avgMinutes: number
  costPerSession: number
  costPerHour: number
  label: string | null
  currency: string | null
  period: Period | null
}

/** Dates of the first and the last day. */
export interface Period {
  from: string
  to: string
}

/** Money, ratios and hours rounded half-up to 2 decimals; a value that cannot be had is null and its reason is in `undefinedBecause`. */
export interface CalculationOutputs {
  totalMinutes: number
  totalHours: number
  programmeCost: number
  timeValue: number
  netBenefit: number
  benefitCostRatio: number | null
  roiPercent: number | null
  costPerHourDelivered: number | null
  valuePerSession: number | null
  netPerSession: number | null
  breakEvenMinutes: number | null
  undefinedBecause: UndefinedOutput[]
}

export interface UndefinedOutput {
  /** The field that is null, e.g. benefitCostRatio. */
  output: string
  reason: UndefinedReason
}

export type UndefinedReason = 'NO_SESSIONS' | 'NO_MINUTES' | 'ZERO_COST' | 'ZERO_VALUE'

/** Texts by code point, periods by their last day; amounts are those in `currency` (null: unstated). Sessions without what they are ordered by stand last in both directions. Ties by id, in the same direction. */
export interface SessionOrder {
  by: SessionOrderField
  descending: boolean
  currency?: string | null | undefined
}

export type SessionOrderField =
  | 'CREATED'
  | 'UPDATED'
  | 'MENTOR'
  | 'LABEL'
  | 'PERIOD'
  | 'TOTAL_HOURS'
  | 'PROGRAMME_COST'
  | 'TIME_VALUE'
  | 'NET_BENEFIT'
  | 'BENEFIT_COST_RATIO'

export interface Share {
  /** Path of the read-only page, relative to the server: /shared/<token> */
  path: string
  token: string
  resultId: string
  expiresAt: string
}

export interface Transition {
  event: TransitionEvent
  /** Null at the session's start. */
  from: SessionState | null
  to: SessionState
  /** Counts from 1 in each session, without a hole. */
  sequence: number
  at: string
  resultId: string | null
  /** The session as this transition left it. */
  session: Session
  /** Who made it, where tokens are asked for (access.md). */
  by: string | null
}

/** What made a transition: a dispatched event, or the session's start or close. */
export type TransitionEvent =
  | 'SESSION_STARTED'
  | 'CALCULATE_REQUESTED'
  | 'SHARE_REQUESTED'
  | 'SHARE_REVOKE_REQUESTED'
  | 'RESET_REQUESTED'
  | 'RETRY_REQUESTED'
  | 'SESSION_CLOSED'

export interface SessionConnection {
  edges: SessionEdge[]
  nodes: Session[]
  pageInfo: PageInfo
  totalCount: number
}

export interface SessionEdge {
  cursor: string
  /** Where the node was met in this order. It may have changed since: `node.orderKey` is where it stands now. */
  orderKey: string | number | null
  node: Session
}

export interface PageInfo {
  hasNextPage: boolean
  hasPreviousPage: boolean
  startCursor: string | null
  endCursor: string | null
}

export interface SessionFilter {
  mentorId?: string | null | undefined
  organisationId?: string | null | undefined
  /** Only those of no organisation. */
  withoutOrganisation?: boolean | null | undefined
  state?: SessionState | null | undefined
}

/** A result as a share link shows it: no session, mentor or organisation is named. */
export interface SharedResult {
  inputs: CalculationInputValues
  outputs: CalculationOutputs
  method: string
  caveat: string
  computedAt: string
  expiresAt: string
}

export interface CalculationInputs {
  sessions: number
  avgMinutes: number
  costPerSession: number
  costPerHour: number
  /** What was valued, such as "Spring 2026, Year 9 reading"; 1 to 120 characters. */
  label?: string | null | undefined
  /** ISO 4217, such as GBP. */
  currency?: string | null | undefined
  period?: PeriodInput | null | undefined
}

export interface PeriodInput {
  from: string
  to: string
}

export interface Summary {
  sessions: number
  /** Each state at rest, those without sessions too. */
  states: StateCount[]
  /** Sessions that have a current result. */
  results: number
  /** What the current results come to, an entry a currency, those of most results first; never summed over currencies. */
  amounts: Amounts[]
  /** Calculations in each of the last 30 minutes, the oldest first and the running one last. */
  calculations: MinuteCount[]
}

export interface StateCount {
  state: SessionState
  count: number
}

/** Sums of current results whose inputs state one currency. Exact, in that currency; the ratio is of the sums. */
export interface Amounts {
  /** ISO 4217; null where the inputs state none. */
  currency: string | null
  results: number
  /** Mentoring sessions held, and their hours. */
  sessionsHeld: number
  totalHours: number
  programmeCost: number
  timeValue: number
  netBenefit: number
  /** Null where they cost nothing. */
  benefitCostRatio: number | null
}

export interface MinuteCount {
  /** When the minute begins. */
  minute: string
  count: number
}

/** Of the results whose period ends in this month, or that were computed in it where no period is stated. */
export interface Month {
  /** Its first day. */
  month: string
  results: number
  amounts: Amounts[]
}

export interface GroupConnection {
  nodes: Group[]
  edges: GroupEdge[]
  pageInfo: PageInfo
  totalCount: number
}

export interface Group {
  /** The mentor or the organisation. */
  id: string | null
  sessions: number
  results: number
  amounts: Amounts[]
}

export interface GroupEdge {
  cursor: string
  node: Group
}

/** The amounts to order by are those of `currency` (null: unstated); groups without any stand last. Ties by id. */
export interface GroupOrder {
  by: GroupField
  descending: boolean
  currency?: string | null | undefined
}

export type GroupField =
  | 'ID'
  | 'SESSIONS'
  | 'RESULTS'
  | 'TOTAL_HOURS'
  | 'PROGRAMME_COST'
  | 'TIME_VALUE'
  | 'NET_BENEFIT'
  | 'BENEFIT_COST_RATIO'

export interface SessionPayload {
  session: Session
  /** The transitions that this call committed; empty when it changed nothing. */
  transitions: Transition[]
  /** True when an earlier call with the same idempotencyKey made the answer. */
  replayed: boolean
}

export interface StartSessionInput {
  mentorId: string
  organisationId?: string | null | undefined
  idempotencyKey?: string | null | undefined
}

export interface DispatchEventInput {
  sessionId: string
  event: SessionEvent
  /** Required by CALCULATE_REQUESTED, refused with the others. */
  payload?: CalculationInputs | null | undefined
  expectedVersion?: number | null | undefined
  idempotencyKey?: string | null | undefined
}

export interface CloseSessionPayload {
  sessionId: string
  deleted: boolean
}

export interface CloseSessionInput {
  sessionId: string
  expectedVersion?: number | null | undefined
}

export interface EraseMentorPayload {
  mentorId: string
  /** The sessions that this request closed. */
  closed: number
  /** The sessions that are left. */
  remaining: number
  /** Nothing is left; otherwise the same request goes on. */
  erased: boolean
}

export interface EraseMentorInput {
  mentorId: string
}

/** The summary as of this cursor of the feed. */
export interface SummaryAt {
  cursor: string
  summary: Summary
}

export type FeedMessage = FeedReady | FeedTransition | FeedGap

/** Live from this cursor on: every transition committed after it follows. */
export interface FeedReady {
  __typename: 'FeedReady'
  cursor: string
}

export interface FeedTransition {
  __typename: 'FeedTransition'
  /** Pass it as `after` to go on after this transition. */
  cursor: string
  transition: Transition
}

/** Transitions between `after` and the FeedReady that follows can no longer be had from the feed. Read the sessions again. */
export interface FeedGap {
  __typename: 'FeedGap'
  after: string
  reason: FeedGapReason
}

export type FeedGapReason = 'EXPIRED' | 'UNKNOWN'

export interface FeedFilter {
  mentorId?: string | null | undefined
  organisationId?: string | null | undefined
  /** Only what is of no organisation. */
  withoutOrganisation?: boolean | null | undefined
}
