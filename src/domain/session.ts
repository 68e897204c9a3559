import { z } from 'zod'
import { type Calculator, caveat, type Inputs, inputsSchema, method, type Outputs, outputsSchema } from './calculator'
import { DomainError, faultsOf } from './errors'

export const states = ['initial', 'loading', 'loaded', 'error', 'closed'] as const
export type State = (typeof states)[number]

/** What a client may dispatch. */
export const sessionEvents = [
  'CalculateRequested',
  'ShareRequested',
  'ShareRevokeRequested',
  'ResetRequested',
  'RetryRequested',
] as const
export type SessionEvent = (typeof sessionEvents)[number]

/** What makes a transition: a dispatched event, or the session's start or close. */
export const transitionEvents = ['SessionStarted', ...sessionEvents, 'SessionClosed'] as const
export type TransitionEvent = (typeof transitionEvents)[number]

/** A session holds this many transitions; its close has room beyond them. */
export const maxTransitions = 1_000

const shareDays = 30

/** A time in whole seconds UTC, `2026-03-26T09:15:00Z`. Such times compare as strings. */
export const timestampSchema = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  .meta({ format: 'date-time' })
export type Timestamp = z.infer<typeof timestampSchema>

export const timestamp = (date: Date): Timestamp => `${date.toISOString().slice(0, 19)}Z`

export const transitionSchema = z.strictObject({
  event: z.enum(transitionEvents),
  from: z.enum(states).nullable().describe('Null when the session was started.'),
  to: z.enum(states),
  sequence: z.int().min(1).describe('Counts from 1 in each session, without a hole.'),
  at: timestampSchema,
  result_id: z.string().nullable().describe("The session's, after this transition."),
})
export type Transition = z.infer<typeof transitionSchema>

/** What one calculation gave. Never changed once made. */
export const resultSchema = z.strictObject({
  result_id: z.string(),
  inputs: inputsSchema,
  outputs: outputsSchema,
  method: z.string(),
  caveat: z.string().describe('What the figures are not.'),
  computed_at: timestampSchema,
})
export type Result = z.infer<typeof resultSchema>

/** A read-only view of one result for whoever holds the token. */
export const shareSchema = z.strictObject({
  token: z.string(),
  result_id: z.string(),
  expires_at: timestampSchema,
  revoked: z.boolean(),
})
export type Share = z.infer<typeof shareSchema>

/** What identifies a session in a list, an answer or an event: all that is known of it without its history. */
export const snapshotSchema = z.strictObject({
  session_id: z.string(),
  mentor_id: z.string(),
  organisation_id: z.string().nullable(),
  state: z.enum(states),
  last_event: z.enum(sessionEvents).nullable().describe('Null until an event was dispatched.'),
  result_id: z.string().nullable().describe('The current result; null where there is none.'),
  created_at: timestampSchema,
  updated_at: timestampSchema,
  version: z.int().min(1).describe('The sequence of the last transition.'),
})
export type Snapshot = z.infer<typeof snapshotSchema>

export interface Session extends Snapshot {
  /** The result of `result_id`. */
  result: Result | null
  /** The inputs of the last calculation asked for, whatever came of it. */
  last_inputs: Inputs | null
  shares: Share[]
}

/** A transition and what it brings along. */
export interface Change {
  transition: Transition
  inputs?: Inputs
  result?: Result
  share?: Share
  revokesShares?: true
  /** Why the calculator failed: for the log, not kept. */
  failure?: unknown
}

export type Command =
  | { event: 'CalculateRequested'; payload: Inputs }
  | { event: Exclude<SessionEvent, 'CalculateRequested'> }

/** What `decide` may not make itself: the time, new ids, and the calculator. */
export interface Means {
  now: Timestamp
  calculate: Calculator
  newResultId(): string
  newToken(): string
}

const identifier = z
  .string()
  .refine(s => s.length > 0 && [...s].length <= 200, 'must have 1 to 200 characters')
  .refine(s => s.isWellFormed(), 'must be well-formed Unicode')
  .meta({ minLength: 1, maxLength: 200 })

export const startSchema = z.strictObject({
  mentor_id: identifier.describe('Whose session it is.'),
  organisation_id: identifier.nullish().describe('The organisation whose programme is valued.'),
})

export const commandSchema = z.strictObject({ event: z.enum(sessionEvents), payload: z.unknown().optional() })

export const payloadSchemas: Record<SessionEvent, z.ZodType> = {
  CalculateRequested: inputsSchema,
  ShareRequested: z.strictObject({}).nullish(),
  ShareRevokeRequested: z.strictObject({}).nullish(),
  ResetRequested: z.strictObject({}).nullish(),
  RetryRequested: z.strictObject({}).nullish(),
}

/** The command that a request body states; validation_failed with every fault in and beside its payload otherwise. */
export function parseCommand(body: unknown): Command {
  const outer = commandSchema.safeParse(body, { reportInput: true })
  const errors = outer.success ? [] : faultsOf(outer.error)
  const { event, payload } = Object(body) as { event?: unknown; payload?: unknown }
  const schema = sessionEvents.includes(event as SessionEvent) ? payloadSchemas[event as SessionEvent] : undefined
  const inner = schema?.safeParse(payload, { reportInput: true })
  if (inner && !inner.success) errors.push(...faultsOf(inner.error, ['payload']))
  if (errors.length > 0) throw new DomainError('validation_failed', { errors })
  return { event, payload: inner?.data } as Command
}

/** How many sessions, and how many transitions of one, a page holds. */
export const sessionsLimit = z.number().min(1).max(100).int()
export const transitionsLimit = z.number().min(1).max(1_000).int()
export const sequenceSchema = z.number().min(0).int()

type Handler = (session: Session, command: Command, means: Means) => Change[]
type Row = Partial<Record<SessionEvent, Handler>>

/** The transition table. An event that is missing from a row is refused there. */
const accepts: Record<Exclude<State, 'loading' | 'closed'> | 'error with a result', Row> = {
  initial: {
    CalculateRequested: calculation,
    ResetRequested: nothing,
  },
  loaded: {
    CalculateRequested: calculationOfOtherInputs,
    ShareRequested: share,
    ShareRevokeRequested: revokeShares,
    ResetRequested: reset,
  },
  error: {
    CalculateRequested: calculation,
    ShareRevokeRequested: revokeShares,
    ResetRequested: reset,
    RetryRequested: calculation,
  },
  'error with a result': {
    CalculateRequested: calculation,
    ShareRequested: share,
    ShareRevokeRequested: revokeShares,
    ResetRequested: reset,
    RetryRequested: calculation,
  },
}

function row({ state, result_id }: Snapshot): Row {
  if (state === 'loading' || state === 'closed') return {}
  return accepts[state === 'error' && result_id !== null ? 'error with a result' : state]
}

/** The events that a session does not refuse as it is, those that would change nothing included. */
export const allowedEvents = (session: Snapshot): SessionEvent[] =>
  sessionEvents.filter(event => row(session)[event] !== undefined)

/** The first transition of a session. */
export function start(
  who: { mentor_id: string; organisation_id?: string | null | undefined },
  session_id: string,
  now: Timestamp,
): { session: Session; changes: Change[] } {
  const session: Session = {
    session_id,
    mentor_id: who.mentor_id,
    organisation_id: who.organisation_id ?? null,
    state: 'initial',
    last_event: null,
    result_id: null,
    created_at: now,
    updated_at: now,
    version: 1,
    result: null,
    last_inputs: null,
    shares: [],
  }
  const transition: Transition = {
    event: 'SessionStarted',
    from: null,
    to: 'initial',
    sequence: 1,
    at: now,
    result_id: null,
  }
  return { session, changes: [{ transition }] }
}

/**
 * What a command does to a session, as changes to be committed together: none when it changes nothing.
 * Pure: the same session, command and means give the same changes.
 * Throws event_refused where the state does not accept the event, session_full where there is no room for it.
 */
export function decide(session: Session, command: Command, means: Means): Change[] {
  const handler = row(session)[command.event]
  if (!handler) {
    throw new DomainError('event_refused', {
      current_state: session.state,
      event: command.event,
      allowed_events: allowedEvents(session),
    })
  }
  const changes = handler(session, command, means)
  if (session.version + changes.length > maxTransitions)
    throw new DomainError('session_full', { limit: maxTransitions })
  return changes
}

/** The last change of a session. It revokes the live shares. */
export const close = (session: Session, now: Timestamp): Change[] => [
  { transition: step(session, 'SessionClosed', 'closed', now, session.result_id), revokesShares: true },
]

/** The session after a change. */
export function evolve(session: Session, { transition, inputs, result, share, revokesShares }: Change): Session {
  const { event, to, sequence, at, result_id } = transition
  const shares = revokesShares ? session.shares.map(s => ({ ...s, revoked: true })) : session.shares
  return {
    ...session,
    state: to,
    last_event: lastEvent(event, session.last_event),
    result_id,
    updated_at: at,
    version: sequence,
    result: result ?? (result_id === null ? null : session.result),
    last_inputs: inputs ?? session.last_inputs,
    shares: share ? [...shares, share] : shares,
  }
}

/** What one write did, whole: enough to show each of its transitions, and the session as that left it, to a subscriber. */
export interface Commit
  extends Pick<Snapshot, 'session_id' | 'mentor_id' | 'organisation_id' | 'created_at' | 'last_event'> {
  transitions: Transition[]
}

/** The commit that led to `session` (as it is after the changes). */
export const commitOf = (session: Snapshot, changes: Change[]): Commit => ({
  session_id: session.session_id,
  mentor_id: session.mentor_id,
  organisation_id: session.organisation_id,
  created_at: session.created_at,
  last_event: session.last_event,
  transitions: changes.map(change => change.transition),
})

/** The session as one of its transitions left it, from what never changes of it and what its close leaves as it was. */
export const snapshotAfter = (session: Omit<Commit, 'transitions'>, transition: Transition): Snapshot => ({
  session_id: session.session_id,
  mentor_id: session.mentor_id,
  organisation_id: session.organisation_id,
  state: transition.to,
  last_event: lastEvent(transition.event, session.last_event),
  result_id: transition.result_id,
  created_at: session.created_at,
  updated_at: transition.at,
  version: transition.sequence,
})

function lastEvent(event: TransitionEvent, former: SessionEvent | null): SessionEvent | null {
  if (event === 'SessionStarted') return null
  return event === 'SessionClosed' ? former : event
}

/** Where a share's token is followed, relative to the server. */
export const sharePath = ({ token }: Share): string => `/shared/${token}`

/** Whether a share can be followed at `now`. */
export const isLive = (share: Share, now: Timestamp): boolean => !share.revoked && share.expires_at > now

/** The live share of the session's current result. */
export const currentShare = (session: Session, now: Timestamp): Share | undefined =>
  session.shares.find(share => share.result_id === session.result_id && isLive(share, now))

/** What the calculator gives for `inputs`, as an immutable result. */
export const resultOf = (inputs: Inputs, outputs: Outputs, result_id: string, now: Timestamp): Result => ({
  result_id,
  inputs,
  outputs,
  method,
  caveat,
  computed_at: now,
})

const step = (
  session: Session,
  event: TransitionEvent,
  to: State,
  at: Timestamp,
  result_id: string | null,
  ahead = 1,
): Transition => ({
  event,
  from: ahead === 1 ? session.state : 'loading',
  to,
  sequence: session.version + ahead,
  at,
  result_id,
})

function calculation(session: Session, command: Command, means: Means): Change[] {
  const inputs = command.event === 'CalculateRequested' ? command.payload : session.last_inputs
  if (!inputs) throw new Error(`session ${session.session_id} has no inputs to repeat`)
  const { event } = command
  const loading: Change = { transition: step(session, event, 'loading', means.now, session.result_id), inputs }
  let outputs: Outputs
  try {
    outputs = means.calculate(inputs)
  } catch (failure) {
    return [loading, { transition: step(session, event, 'error', means.now, session.result_id, 2), failure }]
  }
  const result = resultOf(inputs, outputs, means.newResultId(), means.now)
  return [loading, { transition: step(session, event, 'loaded', means.now, result.result_id, 2), result }]
}

function calculationOfOtherInputs(session: Session, command: Command, means: Means): Change[] {
  return command.event === 'CalculateRequested' && session.result && sameInputs(command.payload, session.result.inputs)
    ? []
    : calculation(session, command, means)
}

const sameInputs = (a: Inputs, b: Inputs): boolean =>
  a.sessions === b.sessions &&
  a.avg_minutes === b.avg_minutes &&
  a.cost_per_session === b.cost_per_session &&
  a.cost_per_hour === b.cost_per_hour

function share(session: Session, { event }: Command, means: Means): Change[] {
  if (currentShare(session, means.now) || session.result_id === null) return []
  const share: Share = {
    token: means.newToken(),
    result_id: session.result_id,
    expires_at: daysAfter(means.now, shareDays),
    revoked: false,
  }
  return [{ transition: step(session, event, 'loaded', means.now, session.result_id), share }]
}

function revokeShares(session: Session, { event }: Command, { now }: Means): Change[] {
  if (!session.shares.some(share => isLive(share, now))) return []
  return [{ transition: step(session, event, 'loaded', now, session.result_id), revokesShares: true }]
}

function reset(session: Session, { event }: Command, { now }: Means): Change[] {
  return [{ transition: step(session, event, 'initial', now, null), revokesShares: true }]
}

function nothing(): Change[] {
  return []
}

const daysAfter = (time: Timestamp, days: number): Timestamp =>
  timestamp(new Date(Date.parse(time) + days * 24 * 60 * 60 * 1000))
