// Generated from the schema and the error table by `npm run schema`.

/** A mentor's calculation, as a state machine that accepts events. */
export interface Session {
  id: string
  mentorId: string
  organisationId: string | null
  /** Id of the session in another system. It is unique among the sessions of an organisation. Null if there is none. */
  externalId: string | null
  state: SessionState
  /** Event that was dispatched last. Null if none has been dispatched yet. */
  lastEvent: SessionEvent | null
  /** Id of the current result. Null if there is none. */
  resultId: string | null
  /** Sequence of the last transition. Use it as `expectedVersion`. In REST, a strong ETag contains the same number. */
  version: number
  createdAt: string
  updatedAt: string
  result: Result | null
  /** Sort key of this session in an order of `sessions`. With sort keys, a client that follows the feed can keep a list in order. */
  orderKey: string | number | null
  /** All results of the session, newest first. */
  results: Result[]
  /** The live share link of the current result. Null if the current result has no live link. */
  share: Share | null
  /** All live share links, including those of earlier results, newest first. */
  shares: Share[]
  /** Events that the session accepts in its current state. */
  allowedEvents: SessionEvent[]
  /** Transitions of the session after the sequence `after`. Empty if the session was closed, or is outside your scope. */
  transitions: Transition[]
}

/** State of a session. `CLOSED` is final. */
export type SessionState = 'INITIAL' | 'LOADING' | 'LOADED' | 'ERROR' | 'CLOSED'

/** Events that a client can dispatch. REST calls them CalculateRequested, ShareRequested, … */
export type SessionEvent =
  | 'CALCULATE_REQUESTED'
  | 'SHARE_REQUESTED'
  | 'SHARE_REVOKE_REQUESTED'
  | 'RESET_REQUESTED'
  | 'RETRY_REQUESTED'
  | 'REASSIGN_REQUESTED'

/** A stored calculation. A result never changes. */
export interface Result {
  /** Opaque id of the result, which is unique on this server. */
  id: string
  /** Id of the result within its session. REST calls it `result_id`. */
  resultId: string
  inputs: CalculationInputValues
  outputs: CalculationOutputs
  /** Method of the calculation, such as time-value/1. */
  method: string
  /** What the figures do not show. */
  caveat: string
  computedAt: string
}

/** Inputs of a stored calculation. */
export interface CalculationInputValues {
  /** Number of mentoring sessions held in the period. */
  sessions: number
  /** Average length of a session, in minutes. At most 2 decimals. */
  avgMinutes: number
  /** Cost of a session to the organisation. At most 4 decimals. */
  costPerSession: number
  /** Hourly cost of equivalent paid help. At most 4 decimals. */
  costPerHour: number
  /** Name of the calculation. */
  label: string | null
  /** Currency of the amounts. If missing, the amounts are in the organisation's own currency. */
  currency: string | null
  /** First and last day on which the sessions were held. */
  period: Period | null
  /** Source of costPerHour, such as a survey. */
  valueSource: string | null
  /** Assumptions, in the author's words. */
  note: string | null
  /** Lowest and highest plausible costPerHour. */
  costPerHourRange: CostPerHourRange | null
}

/** First and last day of a period. */
export interface Period {
  from: string
  to: string
}

/** Lowest and highest plausible cost per hour. */
export interface CostPerHourRange {
  /** At most costPerHour. At most 4 decimals. */
  low: number
  /** At least costPerHour. At most 4 decimals. */
  high: number
}

/** Outputs of a calculation, rounded to 2 decimals (half away from zero). An undefined output is null, and `undefinedBecause` has the reason. */
export interface CalculationOutputs {
  /** Total minutes of all sessions. */
  totalMinutes: number
  /** Total hours of all sessions. */
  totalHours: number
  /** Total cost of all sessions. */
  programmeCost: number
  /** Cost of the same hours of paid help. */
  timeValue: number
  /** timeValue minus programmeCost. */
  netBenefit: number
  /** timeValue divided by programmeCost. */
  benefitCostRatio: number | null
  /** netBenefit as a percentage of programmeCost. */
  roiPercent: number | null
  /** Cost of one hour of mentoring. */
  costPerHourDelivered: number | null
  /** Value of one session. */
  valuePerSession: number | null
  /** Value of one session minus its cost. */
  netPerSession: number | null
  /** Minutes per session at which its value equals its cost. */
  breakEvenMinutes: number | null
  /** Value, net benefit and ratio, calculated with the bounds of `costPerHourRange`. Null if there is no range. */
  range: OutputRange | null
  /** Each output that is null, with the reason. Can be empty. */
  undefinedBecause: UndefinedOutput[]
}

/** Outputs calculated with the lowest and with the highest cost per hour. */
export interface OutputRange {
  low: OutputBound
  high: OutputBound
}

/** Outputs calculated with the lowest or the highest cost per hour. */
export interface OutputBound {
  /** Cost of the same hours of paid help. */
  timeValue: number
  /** timeValue minus programmeCost. */
  netBenefit: number
  /** timeValue divided by programmeCost. */
  benefitCostRatio: number | null
}

/** An output that is null, with the reason. */
export interface UndefinedOutput {
  /** Name of the field that is null, such as benefitCostRatio. */
  output: string
  reason: UndefinedReason
}

/** Reason why an output is null. */
export type UndefinedReason = 'NO_SESSIONS' | 'NO_MINUTES' | 'ZERO_COST' | 'ZERO_VALUE'

/** Sort order of sessions. Texts are compared by code point, and periods by their last day. An order by amount compares only amounts in `currency` or, if it is null, amounts without a currency. Sessions without the value come last in both directions. Ties are ordered by id, in the same direction. */
export interface SessionOrder {
  by?: SessionOrderField | undefined
  descending?: boolean | undefined
  currency?: string | null | undefined
}

/** Field by which a list of sessions is sorted. */
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

/** A public link to one result. */
export interface Share {
  /** Path of the result's read-only page, relative to the server: /shared/<token>. */
  path: string
  token: string
  resultId: string
  expiresAt: string
  /** Whether the shared result names the organisation. */
  showOrganisation: boolean
}

/** A step of a session from one state to the next. */
export interface Transition {
  /** Cause of the transition. */
  event: TransitionEvent
  /** State before the transition. Null if the transition starts the session. */
  from: SessionState | null
  /** State after the transition. */
  to: SessionState
  /** Number of the transition within its session: 1, 2, 3, … without gaps. */
  sequence: number
  at: string
  /** Id of the session's result after this transition. */
  resultId: string | null
  /** The session directly after this transition. */
  session: Session
  /** The session directly after this transition. */
  snapshot: SessionSnapshot
  /** Name of the caller that made the transition. Null if the server requires no tokens. */
  by: string | null
}

/** Cause of a transition: a dispatched event, or the start or close of the session. */
export type TransitionEvent =
  | 'SESSION_STARTED'
  | 'CALCULATE_REQUESTED'
  | 'SHARE_REQUESTED'
  | 'SHARE_REVOKE_REQUESTED'
  | 'RESET_REQUESTED'
  | 'RETRY_REQUESTED'
  | 'REASSIGN_REQUESTED'
  | 'SESSION_CLOSED'

/** A session as it was after a transition. It has no `id`, so that a cache of objects by id does not take it for the session as it is now. */
export interface SessionSnapshot {
  sessionId: string
  mentorId: string
  organisationId: string | null
  /** Id of the session in another system. It is unique among the sessions of an organisation. Null if there is none. */
  externalId: string | null
  state: SessionState
  /** Event that was dispatched last. Null if none has been dispatched yet. */
  lastEvent: SessionEvent | null
  /** Id of the current result. Null if there is none. */
  resultId: string | null
  /** Sequence of the transition. */
  version: number
  createdAt: string
  updatedAt: string
  result: Result | null
  /** Sort key that the session had after the transition, in an order of `sessions`. */
  orderKey: string | number | null
  /** Events that the session accepted in this state. */
  allowedEvents: SessionEvent[]
}

/** A key with which a program signs in. The key itself is shown only when it is created or rotated. */
export interface ServiceKey {
  id: string
  /** Author (`by`) of the changes made with the key. */
  name: string
  role: ServiceKeyRole
  organisationId: string | null
  mentorId: string | null
  /** Last day on which the key is valid, in UTC. Null if the key does not expire. */
  expires: string | null
  createdAt: string
  /** Name of the admin who created the key. Null if the key was created on the command line, or the admin has no name. */
  createdBy: string | null
  /** Hour of the last request with the key, which includes opening a WebSocket. Null if there was none. */
  lastUsedAt: string | null
  /** Time until which the replaced secret stays valid. Null if no replaced secret is valid. */
  formerEndsAt: string | null
}

/** Role of a service key. */
export type ServiceKeyRole = 'ADMIN' | 'COORDINATOR' | 'MENTOR' | 'READER'

export interface SessionConnection {
  edges: SessionEdge[]
  nodes: Session[]
  pageInfo: PageInfo
  totalCount: number
}

export interface SessionEdge {
  cursor: string
  /** Sort key that the session had when this page was selected. If the session changed afterwards, `node.orderKey` has the current sort key. */
  orderKey: string | number | null
  node: Session
}

export interface PageInfo {
  hasNextPage: boolean
  hasPreviousPage: boolean
  startCursor: string | null
  endCursor: string | null
}

/** Selects the sessions that match every field of the filter. */
export interface SessionFilter {
  mentorId?: string | null | undefined
  organisationId?: string | null | undefined
  /** Selects only sessions without an organisation. */
  withoutOrganisation?: boolean | null | undefined
  /** Only sessions with this id in another system. */
  externalId?: string | null | undefined
  state?: SessionState | null | undefined
  /** Selects only sessions whose current result belongs to these months. */
  months?: MonthRange | null | undefined
}

/** Range of months in UTC, including both ends. Write a month as 2026-04, or as its first day, 2026-04-01, which is the format of `Month`. Both ends of the range are optional. A range with neither end does not filter. A result belongs to the month in which its period ends or, without a period, in which it was computed. */
export interface MonthRange {
  /** Only sessions whose current result belongs to this month or a later one. Write 2026-04 or 2026-04-01. */
  from?: string | null | undefined
  /** Only sessions whose current result belongs to this month or an earlier one. Same format as `from`. */
  to?: string | null | undefined
}

/** A result as a share link shows it. The shared result names no session and no mentor. */
export interface SharedResult {
  inputs: CalculationInputValues
  outputs: CalculationOutputs
  method: string
  /** What the figures do not show. */
  caveat: string
  computedAt: string
  /** Organisation of the session, if the link was requested with `showOrganisation`. Null for all other links. */
  organisationId: string | null
  expiresAt: string
}

export interface SharedLinkConnection {
  edges: SharedLinkEdge[]
  nodes: SharedLink[]
  pageInfo: PageInfo
}

export interface SharedLinkEdge {
  cursor: string
  node: SharedLink
}

/** A live share link and its session. */
export interface SharedLink {
  session: Session
  share: Share
  /** Label of the result. Null if the result has no label. */
  label: string | null
  /** Number of times that the link's page or JSON was viewed. The count can lag by a few seconds. */
  views: number
}

/** Inputs of a calculation. */
export interface CalculationInputs {
  /** Number of mentoring sessions held in the period. */
  sessions: number
  /** Average length of a session, in minutes. At most 2 decimals. */
  avgMinutes: number
  /** Cost of a session to the organisation. At most 4 decimals. */
  costPerSession: number
  /** Hourly cost of equivalent paid help. At most 4 decimals. */
  costPerHour: number
  /** Name of the calculation, such as "Spring 2026, Year 9 reading". 1 to 120 characters. */
  label?: string | null | undefined
  /** ISO 4217 code, such as GBP. */
  currency?: string | null | undefined
  /** First and last day on which the sessions were held. */
  period?: PeriodInput | null | undefined
  /** Source of `costPerHour`, such as "ASHE 2025, teaching assistants, median". 1 to 200 characters. */
  valueSource?: string | null | undefined
  /** Assumptions, in the author's words. 1 to 1,000 characters. Line feeds are allowed. */
  note?: string | null | undefined
  /** Lowest and highest plausible `costPerHour`. `costPerHour` must be between them. */
  costPerHourRange?: CostPerHourRangeInput | null | undefined
}

/** First and last day of a period. */
export interface PeriodInput {
  from: string
  to: string
}

/** Lowest and highest plausible cost per hour. */
export interface CostPerHourRangeInput {
  /** At most costPerHour. At most 4 decimals. */
  low: number
  /** At least costPerHour. At most 4 decimals. */
  high: number
}

/** Session counts, and sums of the current results, for the sessions that a filter selects. */
export interface Summary {
  sessions: number
  /** Number of sessions per state, including states without sessions. */
  states: StateCount[]
  /** Number of sessions with a current result. */
  results: number
  /** Sums of the current results per currency. The currency with the most results comes first. */
  amounts: Amounts[]
  /** Number of calculations in each of the last 30 minutes, oldest first. The last entry is for the current minute. */
  calculations: MinuteCount[]
}

/** Number of sessions in one state. */
export interface StateCount {
  state: SessionState
  count: number
}

/** Exact sums of the current results in one currency. The benefit-cost ratio is computed from these sums. */
export interface Amounts {
  /** ISO 4217 code. Null for results without a currency. */
  currency: string | null
  results: number
  /** Number of mentoring sessions held. */
  sessionsHeld: number
  totalHours: number
  programmeCost: number
  timeValue: number
  netBenefit: number
  /** Null if the programme cost is 0. */
  benefitCostRatio: number | null
}

/** Number of calculations in one minute. */
export interface MinuteCount {
  /** Start of the minute. */
  minute: string
  count: number
}

/** Totals of one month's results. A result belongs to the month in which its period ends or, without a period, in which it was computed. */
export interface Month {
  /** First day of the month, such as 2026-04-01. In REST, it is 2026-04. Filters accept both forms. */
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

/** Totals of one mentor's or organisation's sessions. */
export interface Group {
  /** Id of the mentor or organisation. Null for sessions without an organisation. */
  id: string | null
  sessions: number
  results: number
  amounts: Amounts[]
  /** Organisation of the mentor’s sessions that match the filter. Null if the sessions have several organisations or none, and outside a list of mentors. */
  organisationId: string | null
  /** Number of organisations of the mentor’s sessions that match the filter. Sessions without an organisation count as one more. Null outside a list of mentors. */
  organisations: number | null
  /** Id of the mentor or organisation. Null for sessions without an organisation. */
  key: string | null
}

export interface GroupEdge {
  cursor: string
  node: Group
}

/** Sort order of groups. An order by amount compares only amounts in `currency` or, if it is null, amounts without a currency. Groups without these amounts come last. Ties are ordered by id. */
export interface GroupOrder {
  by?: GroupField | undefined
  descending?: boolean | undefined
  currency?: string | null | undefined
}

/** Field by which a list of mentors or organisations is sorted. */
export type GroupField =
  | 'ID'
  | 'SESSIONS'
  | 'RESULTS'
  | 'TOTAL_HOURS'
  | 'PROGRAMME_COST'
  | 'TIME_VALUE'
  | 'NET_BENEFIT'
  | 'BENEFIT_COST_RATIO'

/** A shared report, without its content. */
export interface Report {
  id: string
  title: string
  organisationId: string | null
  mentorId: string | null
  /** First month of the range, such as 2026-04. */
  from: string
  /** Last month of the range. */
  to: string
  createdAt: string
  expiresAt: string
  /** Path of the report, relative to the server. Null if version 1.1 or earlier created the report. */
  path: string | null
  /** Token of the report. Null if `path` is null. */
  token: string | null
  /** Number of times that the report was viewed through its link. */
  views: number
}

/** Totals for a range of months, as of the report's creation. They never change, and they name no mentor, session or result. */
export interface SharedReport {
  title: string
  /** Id of the organisation. Null if the report is not limited to one organisation. */
  organisationId: string | null
  /** First month of the range, such as 2026-04. */
  from: string
  /** Last month of the range. */
  to: string
  /** Number of sessions whose current result belongs to these months. */
  sessions: number
  results: number
  /** Number of mentors with a current result in these months. */
  mentors: number
  amounts: Amounts[]
  /** Totals per month, oldest first. */
  trend: Month[]
  /** Totals for the same months one year earlier, with the same filter, as of the report's creation. Null if these months have no result. */
  previous: PreviousTotals | null
  /** Totals for the months that were over when the report was created. Compare these totals, not the report's own, with the year before. Null if all months were over, or none. */
  toDate: TotalsToDate | null
  method: string
  caveat: string
  createdAt: string
  expiresAt: string
}

/** Totals for the same months one year earlier, with the same filter. */
export interface PreviousTotals {
  /** First month of the range, such as 2026-04. */
  from: string
  /** Last month of the range. */
  to: string
  /** Number of sessions whose current result belongs to these months. */
  sessions: number
  results: number
  mentors: number
  amounts: Amounts[]
}

/** Totals for the months of a report that were over when it was created. */
export interface TotalsToDate {
  /** First month of the range, such as 2026-04. */
  from: string
  /** Last month of the range. */
  to: string
  /** Number of sessions whose current result belongs to these months. */
  sessions: number
  results: number
  mentors: number
  amounts: Amounts[]
  /** Totals for the same months one year earlier, with the same filter. Null if these months have no result. */
  previous: PreviousTotals | null
}

/** The mentors, organisations and sessions that match a search text. */
export interface FindResult {
  /** Mentors whose id has words that begin with the words of the search text. Mentors with the most sessions come first. */
  mentors: Group[]
  /** Organisations whose id has words that begin with the words of the search text. Organisations with the most sessions come first. */
  organisations: Group[]
  /** Sessions with a label whose label, mentor and organisation together have words that begin with the words of the search text, newest first. */
  sessions: Session[]
  /** Always true: the server searches everything that the filter selects. */
  complete: boolean
}

/** A URL that the server calls when a session changes. */
export interface WebhookEndpoint {
  id: string
  url: string
  description: string | null
  /** Events that the endpoint receives. If the list is empty, the endpoint receives all events. */
  events: TransitionEvent[]
  organisationId: string | null
  mentorId: string | null
  status: WebhookEndpointStatus
  /** Feed cursor before the oldest undelivered message. */
  cursor: string
  /** Version of the endpoint's configuration. Use it as `expectedVersion`. */
  version: number
  createdAt: string
  updatedAt: string
  lastSuccessAt: string | null
  lastFailure: WebhookFailure | null
  /** Number of messages that are due, held back or being retried, at most 1,000. */
  pending: number
  /** The latest delivery attempts, newest first. */
  attempts: WebhookAttempt[]
}

/** State of a webhook endpoint. The server sends nothing to a paused or disabled endpoint. */
export type WebhookEndpointStatus = 'ACTIVE' | 'RETRYING' | 'PAUSED' | 'DISABLED'

/** The last failed attempt to deliver a message to a webhook endpoint. */
export interface WebhookFailure {
  at: string
  /** HTTP status of the response. Null if there was no response. */
  status: number | null
  error: WebhookAttemptError
}

/** Reason why an attempt failed. */
export type WebhookAttemptError =
  | 'UNEXPECTED_STATUS'
  | 'TIMED_OUT'
  | 'NAME_NOT_RESOLVED'
  | 'ADDRESS_NOT_ALLOWED'
  | 'CONNECTION_FAILED'
  | 'TLS_FAILED'

/** An attempt to deliver a webhook message. */
export interface WebhookAttempt {
  /** Value of the `webhook-id` header of the message. */
  messageId: string
  type: string
  sessionId: string | null
  sequence: number | null
  /** 1 for the first attempt of the message. */
  attempt: number
  at: string
  durationMs: number
  /** HTTP status of the response. Null if there was no response. */
  status: number | null
  /** Null if the attempt succeeded. */
  error: WebhookAttemptError | null
  nextAttemptAt: string | null
}

/** Outcome of one input of `startSessions`. */
export interface StartOutcome {
  status: StartStatus
  /** The started session. Null if there is none, or if it is outside your scope. */
  session: Session | null
  /** Error code. Null unless the input is refused. */
  code: string | null
  /** Human-readable error message. Null unless the input is refused. */
  message: string | null
  errors: StartFault[] | null
}

export type StartStatus = 'CREATED' | 'REPEATED' | 'REFUSED'

/** An invalid value in an input. */
export interface StartFault {
  detail: string
  /** JSON Pointer into the input. */
  pointer: string | null
}

export interface StartSessionInput {
  /** Mentor of the session. */
  mentorId: string
  /** Organisation whose programme is valued. */
  organisationId?: string | null | undefined
  /** Id of the session in another system. It is unique among the sessions of an organisation, and never changes. */
  externalId?: string | null | undefined
  /** Inputs for a first calculation. The server stores the session and its first result in one atomic write. */
  inputs?: CalculationInputs | null | undefined
  /** A repeated call with the same key gets the first response again, for 24 hours, or until the same session has had 100 further requests with other keys. */
  idempotencyKey?: string | null | undefined
}

export interface CreateServiceKeyPayload {
  serviceKey: ServiceKey
  /** The key to send as a bearer token. The key is shown only here. */
  key: string
}

/** A new service key. The roles COORDINATOR and READER need an organisation, and MENTOR needs a mentor. */
export interface CreateServiceKeyInput {
  /** 1 to 200 characters. Author (`by`) of the changes made with the key. */
  name: string
  role: ServiceKeyRole
  /** Organisation whose sessions the key can see. The roles coordinator and reader need one. */
  organisationId?: string | null | undefined
  /** Mentor whose sessions the key can see. The role mentor needs one. */
  mentorId?: string | null | undefined
  /** Last day on which the key is valid, in UTC. */
  expires?: string | null | undefined
}

export interface RotateServiceKeyPayload {
  serviceKey: ServiceKey
  /** The key to send as a bearer token. The key is shown only here. */
  key: string
}

export interface RotateServiceKeyInput {
  id: string
  /** Hours for which the replaced secret stays valid. By default, it ends at once. */
  overlapHours?: number | null | undefined
}

export interface RevokeServiceKeyPayload {
  keyId: string
  revoked: boolean
}

export interface SessionPayload {
  session: Session
  /** Transitions that this call committed. Empty if the call changed nothing. */
  transitions: Transition[]
  /** Whether this is the response to an earlier call with the same `idempotencyKey`. */
  replayed: boolean
  /** Whether the response is replayed, and the session was closed after the first call. */
  closed: boolean
}

export interface DispatchEventInput {
  sessionId: string
  event: SessionEvent
  /** Inputs of the calculation. Required for CALCULATE_REQUESTED, and refused for all other events. */
  payload?: CalculationInputs | null | undefined
  /** Number of days from now until the share link expires, 1 to 365. Only for SHARE_REQUESTED. If null, a live link keeps its expiry, and a new link expires after 30 days. */
  expiresInDays?: number | null | undefined
  /** Whether the shared result names the organisation. Only for SHARE_REQUESTED. If null, a live link stays unchanged, and a new link does not show the organisation. */
  showOrganisation?: boolean | null | undefined
  /** New mentor or organisation. Required for REASSIGN_REQUESTED, and refused for all other events. */
  reassign?: ReassignInput | null | undefined
  /** Version that the session must have. If it has another one, nothing changes, and the error is VERSION_MISMATCH. */
  expectedVersion?: number | null | undefined
  /** A repeated call with the same key gets the first response again, for 24 hours, or until the same session has had 100 further requests with other keys. */
  idempotencyKey?: string | null | undefined
}

/** New mentor and organisation of a session. At least one of them is required. */
export interface ReassignInput {
  /** New mentor of the session. If missing, the mentor stays the same. */
  mentorId?: string | null | undefined
  /** New organisation of the session. Null removes the organisation. If missing, the organisation stays the same. */
  organisationId?: string | null | undefined
}

export interface CloseSessionPayload {
  sessionId: string
  deleted: boolean
  /** Whether this is the response to an earlier call with the same `idempotencyKey`. */
  replayed: boolean
}

export interface CloseSessionInput {
  sessionId: string
  /** Version that the session must have. If it has another one, nothing changes, and the error is VERSION_MISMATCH. */
  expectedVersion?: number | null | undefined
  /** A repeated call with the same key gets the first response again, for 24 hours, or until the same session has had 100 further requests with other keys. */
  idempotencyKey?: string | null | undefined
}

export interface EraseMentorPayload {
  mentorId: string
  /** Number of sessions that this request closed. */
  closed: number
  /** Number of the mentor's sessions that are still open. */
  remaining: number
  /** Whether all of the mentor's data is erased. If false, send the same request again. */
  erased: boolean
}

export interface EraseMentorInput {
  mentorId: string
}

export interface ShareReportPayload {
  report: Report
  /** Path of the report's read-only page, relative to the server: /reports/<token>. */
  path: string
  /** Token of the report. */
  token: string
}

/** Selects the sessions that a report covers. If you set neither organisation nor mentor, it covers all sessions in your scope. */
export interface ShareReportInput {
  /** 1 to 120 characters. */
  title: string
  organisationId?: string | null | undefined
  /** The report does not name the mentor. */
  mentorId?: string | null | undefined
  /** First month of the range: 2026-04, or its first day, 2026-04-01. */
  from: string
  /** Last month of the range. A report has at most 120 months. */
  to: string
  /** Days until the report expires, 1 to 365. Default: 90. */
  expiresInDays?: number | null | undefined
}

export interface RevokeReportPayload {
  reportId: string
  revoked: boolean
}

export interface CreateWebhookEndpointPayload {
  endpoint: WebhookEndpoint
  /** Secret with which the server signs the messages. The secret is shown only here and after a rotation. */
  secret: string
}

/** A new webhook endpoint. If you set neither organisation nor mentor, it receives the transitions of all sessions in your scope. */
export interface CreateWebhookEndpointInput {
  url: string
  description?: string | null | undefined
  /** Events that the endpoint receives. If the list is missing or empty, the endpoint receives all events. */
  events?: TransitionEvent[] | null | undefined
  organisationId?: string | null | undefined
  mentorId?: string | null | undefined
}

export interface UpdateWebhookEndpointInput {
  id: string
  url?: string | null | undefined
  description?: string | null | undefined
  events?: TransitionEvent[] | null | undefined
  /** `false` resumes a paused endpoint, and re-enables a disabled one. */
  paused?: boolean | null | undefined
  expectedVersion?: number | null | undefined
}

export interface DeleteWebhookEndpointPayload {
  endpointId: string
  deleted: boolean
}

export interface RotateWebhookSecretPayload {
  secret: string
}

export interface WebhookRequestPayload {
  endpointId: string
}

export interface ReplayWebhookEndpointInput {
  id: string
  /** Feed cursor after which the server delivers all messages again. */
  after: string
}

/** A summary, and the feed cursor up to which it includes all changes. */
export interface SummaryAt {
  cursor: string
  summary: Summary
}

export type FeedMessage = FeedReady | FeedTransition | FeedGap

/** The subscription is live: every transition committed after this cursor follows. */
export interface FeedReady {
  __typename: 'FeedReady'
  cursor: string
  /** Whether the server has sent everything up to the cursor. If false, another FeedReady follows once it has. Null unless you set `reportCaughtUp`. */
  caughtUp: boolean | null
}

export interface FeedTransition {
  __typename: 'FeedTransition'
  /** To resume after this transition, pass this cursor as `after`. */
  cursor: string
  transition: Transition
  /** True if the session was given another mentor or organisation, and no longer matches your filter or scope. Remove the session from your copy. `transition.snapshot` has the former ids. */
  left: boolean
}

/** The feed no longer has the transitions between `after` and the next FeedReady. Read the sessions again. */
export interface FeedGap {
  __typename: 'FeedGap'
  after: string
  reason: FeedGapReason
}

/** Reason why the feed no longer has the transitions after a cursor. */
export type FeedGapReason = 'EXPIRED' | 'UNKNOWN'

/** Selects the transitions that match every field of the filter. */
export interface FeedFilter {
  mentorId?: string | null | undefined
  organisationId?: string | null | undefined
  /** Selects only sessions without an organisation. */
  withoutOrganisation?: boolean | null | undefined
  /** Selects only transitions with these events. The cursor moves past all other transitions. */
  events?: TransitionEvent[] | null | undefined
}

/** An event that needs no payload. */
export type EventWithoutPayload = 'SHARE_REQUESTED' | 'SHARE_REVOKE_REQUESTED' | 'RESET_REQUESTED' | 'RETRY_REQUESTED'

/** One invalid value of a request. */
export interface InputError {
  /** What is wrong with the value. */
  detail: string
  /** Location of the value: a JSON Pointer relative to the input, or one that starts with an argument's name. */
  pointer?: string
}

/** Details of an error code that reports invalid values. */
export interface InputErrors {
  errors: InputError[]
}

/** Details of an error code without details. */
export type NoDetails = Record<never, never>

/** Details of each error code. A newer server can send other codes. */
export interface ErrorDetails {
  /** The request needs a JSON body in UTF-8, but the body is missing or cannot be parsed. */
  INVALID_JSON: InputErrors
  /** A query parameter has an invalid value, appears more than once, is unknown, or requires another parameter. */
  INVALID_QUERY: InputErrors
  /** This server did not issue the cursor for this list or feed. The cursor was altered, or it belongs to another list, order or store. */
  INVALID_CURSOR: InputErrors
  /** A header, the path or the encoding of the body is malformed. */
  INVALID_REQUEST: InputErrors
  /** The request has no bearer token, or its token is malformed, expired, not valid yet, from another issuer, for another audience or of another type. An unknown or expired service key also causes this error. So does a token that expires, or a service key that is revoked, during the request. */
  UNAUTHENTICATED: NoDetails
  /** The token is valid, but its role or scope does not allow the request, or the server has turned the capability off. For example, a reader cannot change anything, and no token allows starting a session for a mentor or organisation outside its scope, or moving a session to one. A token without a known role, or with a malformed role, organisation or mentor claim, allows nothing. `detail` gives the reason. */
  FORBIDDEN: NoDetails
  /** No resource has this path. */
  ROUTE_NOT_FOUND: NoDetails
  /** No session that you can see has this id. It was closed, it never existed, or it is outside the scope of your token. */
  SESSION_NOT_FOUND: NoDetails
  /** The session exists, but it has no result with this id. */
  RESULT_NOT_FOUND: NoDetails
  /** Nothing is shared under this token or id, or the current result of the session has no live share link. */
  SHARE_NOT_FOUND: NoDetails
  /** No stored service key has this id: it was revoked, or it never existed. Keys in the key file have no id. */
  SERVICE_KEY_NOT_FOUND: NoDetails
  /** No webhook endpoint that you can see has this id. It was deleted, it never existed, or it is outside the scope of your token. */
  WEBHOOK_ENDPOINT_NOT_FOUND: NoDetails
  /** The resource exists, but it does not support this method. */
  METHOD_NOT_ALLOWED: NoDetails
  /** The resource is not available in any media type that the `Accept` header allows. */
  NOT_ACCEPTABLE: NoDetails
  /** The session does not accept this event in its current state. Nothing was changed. */
  EVENT_REFUSED: { currentState: SessionState; event: SessionEvent; allowedEvents: SessionEvent[] }
  /** The event would exceed the maximum of 1000 transitions per session. */
  SESSION_FULL: { limit: number }
  /** The maximum number of objects of this kind already exists. `limit` is the maximum, and `detail` names the kind of object. */
  LIMIT_REACHED: { limit: number }
  /** Another session of the same organisation has this `external_id`. All sessions without an organisation share one namespace. */
  EXTERNAL_ID_TAKEN: { sessionId?: string }
  /** A request with the same `Idempotency-Key` is still in progress. */
  REQUEST_IN_FLIGHT: NoDetails
  /** Without this service key, no admin could sign in: there is no issuer, and no other valid key with the role admin. */
  LAST_ADMIN_KEY: NoDetails
  /** The webhook endpoint is paused, or it is disabled because its receiver failed too often or returned 410. In both cases, the server sends nothing to it. */
  ENDPOINT_INACTIVE: NoDetails
  /** The link was revoked, or it has expired. */
  SHARE_GONE: NoDetails
  /** The server no longer stores the events after the cursor, because they are too old. */
  CURSOR_EXPIRED: NoDetails
  /** The session or webhook endpoint does not have the version that `If-Match` requires, or has a version that `If-None-Match` excludes. Nothing was changed. */
  VERSION_MISMATCH: { currentVersion: number; errors?: InputError[] }
  /** The decoded body is larger than the maximum. */
  PAYLOAD_TOO_LARGE: { limit: number }
  /** The operation does not read the media type in `Content-Type`, or the server does not support the `Content-Encoding` of the body. Most operations read only JSON in UTF-8. */
  UNSUPPORTED_MEDIA_TYPE: NoDetails
  /** The body is JSON, but its content is not valid. Nothing was changed. */
  VALIDATION_FAILED: InputErrors
  /** A different request used the same `Idempotency-Key`. The server stores a key for 24 hours, or until the same session has had 100 further requests with other keys. */
  IDEMPOTENCY_KEY_REUSED: NoDetails
  /** This address sends too many requests, or has too many open event streams. */
  RATE_LIMITED: NoDetails
  /** The server failed unexpectedly. Its log has the cause, under the request id. */
  INTERNAL: NoDetails
  /** The server cannot reach its store or the issuer of the tokens, or too many requests are waiting. A change may or may not have taken effect. */
  UNAVAILABLE: NoDetails
  /** A webhook endpoint points to this server, or its receiver forwards the headers of messages to this server. A request with both `webhook-id` and the `User-Agent` of a webhook message cannot change anything, whatever its path. */
  LOOP_DETECTED: NoDetails
  /** The document in `query` is not GraphQL. `locations` says where parsing failed. If the response is `application/json`, its status is 200. */
  GRAPHQL_PARSE_FAILED: NoDetails
  /** The request is not one GraphQL operation: `query` is missing, a parameter has a wrong type, or the body has several operations. If the response is `application/json`, its status is 400. */
  BAD_REQUEST: NoDetails
  /** The document does not match the schema, or it is too deep, too long or too costly. If the response is `application/json`, its status is 200. */
  GRAPHQL_VALIDATION_FAILED: NoDetails
  /** A variable or an argument is missing, or has a value of the wrong type. If the response is `application/json`, its status is 200. */
  BAD_USER_INPUT: InputErrors
  /** The document has several operations and `operationName` selects none of them, or a persisted query does not match its hash. If the response is `application/json`, its status is 400. */
  OPERATION_RESOLUTION_FAILURE: NoDetails
  /** The request has only the hash of a document, and this process does not have that document. If the response is `application/json`, its status is 200. */
  PERSISTED_QUERY_NOT_FOUND: NoDetails
}

/** Fragments by name. Each fragment selects the fields of the type with the same name. */
export const fragments: Record<string, string> = {
  Session:
    'fragment Session on Session { id mentorId organisationId externalId state lastEvent resultId version createdAt updatedAt result { ...Result } allowedEvents }',
  Result:
    'fragment Result on Result { id resultId inputs { ...CalculationInputValues } outputs { ...CalculationOutputs } method caveat computedAt }',
  CalculationInputValues:
    'fragment CalculationInputValues on CalculationInputValues { sessions avgMinutes costPerSession costPerHour label currency period { from to } valueSource note costPerHourRange { low high } }',
  CalculationOutputs:
    'fragment CalculationOutputs on CalculationOutputs { totalMinutes totalHours programmeCost timeValue netBenefit benefitCostRatio roiPercent costPerHourDelivered valuePerSession netPerSession breakEvenMinutes range { low { timeValue netBenefit benefitCostRatio } high { timeValue netBenefit benefitCostRatio } } undefinedBecause { output reason } }',
  Share: 'fragment Share on Share { path token resultId expiresAt showOrganisation }',
  Transition:
    'fragment Transition on Transition { event from to sequence at resultId session: snapshot { ...SessionSnapshot } by }',
  SessionSnapshot:
    'fragment SessionSnapshot on SessionSnapshot { id: sessionId mentorId organisationId externalId state lastEvent resultId version createdAt updatedAt result { ...Result } allowedEvents }',
  SharedResult:
    'fragment SharedResult on SharedResult { inputs { ...CalculationInputValues } outputs { ...CalculationOutputs } method caveat computedAt organisationId expiresAt }',
  Summary:
    'fragment Summary on Summary { sessions states { state count } results amounts { ...Amounts } calculations { minute count } }',
  Amounts:
    'fragment Amounts on Amounts { currency results sessionsHeld totalHours programmeCost timeValue netBenefit benefitCostRatio }',
  Month: 'fragment Month on Month { month results amounts { ...Amounts } }',
  Group: 'fragment Group on Group { sessions results amounts { ...Amounts } organisationId organisations id: key key }',
}
