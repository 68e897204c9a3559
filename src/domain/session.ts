import { z } from 'zod'
import { type Inputs, keptInputsSchema, outputsSchema } from './calculator'
import { hundredths, type MinuteCount, type Standing, type Worth, withCalculation } from './standing'
import { type Timestamp, timestampSchema } from './timestamp'

export const states = ['initial', 'loading', 'loaded', 'error', 'closed'] as const
export type State = (typeof states)[number]
export const stateSchema = z.enum(states)

/** The states that a session stays in: others pass within one write, or end it. */
export const restingStates = ['initial', 'loaded', 'error'] as const satisfies State[]
export type RestingState = (typeof restingStates)[number]

/** What a client may dispatch. */
export const sessionEvents = [
  'CalculateRequested',
  'ShareRequested',
  'ShareRevokeRequested',
  'ResetRequested',
  'RetryRequested',
] as const
export type SessionEvent = (typeof sessionEvents)[number]
export const sessionEventSchema = z.enum(sessionEvents)

/** What makes a transition: a dispatched event, or the session's start or close. */
export const transitionEvents = ['SessionStarted', ...sessionEvents, 'SessionClosed'] as const
export type TransitionEvent = (typeof transitionEvents)[number]

export const transitionSchema = z.strictObject({
  event: z.enum(transitionEvents),
  from: stateSchema.nullable().describe('Null when the session was started.'),
  to: stateSchema,
  sequence: z.int().min(1).describe('Counts from 1 in each session, without a hole.'),
  at: timestampSchema,
  result_id: z.string().nullable().describe("The session's, after this transition."),
  by: z.string().exactOptional().describe('Who made it, where tokens are asked for.'),
})
export type Transition = z.infer<typeof transitionSchema>

/** What one calculation gave. Never changed once made. */
export const resultSchema = z.strictObject({
  result_id: z.string(),
  inputs: keptInputsSchema,
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

/** What a session is from its start to its close. */
const originSchema = z.strictObject({
  session_id: z.string(),
  mentor_id: z.string(),
  organisation_id: z.string().nullable(),
  created_at: timestampSchema,
})
export type Origin = z.infer<typeof originSchema>

/** What identifies a session in a list, an answer or an event: all that is known of it without its history. */
export const snapshotSchema = originSchema.extend({
  state: stateSchema,
  last_event: sessionEventSchema.nullable().describe('Null until an event was dispatched.'),
  result_id: z.string().nullable().describe('The current result; null where there is none.'),
  updated_at: timestampSchema,
  version: z.int().min(1).describe('The sequence of the last transition.'),
})
export type Snapshot = z.infer<typeof snapshotSchema>

export const snapshotMembers = Object.keys(snapshotSchema.shape) as (keyof Snapshot)[]
export const originMembers = Object.keys(originSchema.shape) as (keyof Origin)[]

/** What transitions change of a snapshot. */
export const changingMembers = snapshotMembers.filter(name => !(name in originSchema.shape))

/** A session without its history. */
export const withoutHistory = (session: Snapshot): Snapshot => ({
  session_id: session.session_id,
  mentor_id: session.mentor_id,
  organisation_id: session.organisation_id,
  created_at: session.created_at,
  state: session.state,
  last_event: session.last_event,
  result_id: session.result_id,
  updated_at: session.updated_at,
  version: session.version,
})

export interface Session extends Snapshot {
  /** The result of `result_id`. */
  result: Result | null
  /** The inputs of the last calculation asked for, whatever came of it. */
  last_inputs: Inputs | null
  shares: Share[]
  /** As in Standing. */
  calculations: MinuteCount[]
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

/** The changes as they are signed by who made them. */
export const signed = (changes: Change[], by: string | undefined): Change[] =>
  by === undefined ? changes : changes.map(change => ({ ...change, transition: { ...change.transition, by } }))

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
    calculations: result ? withCalculation(session.calculations, result.computed_at) : session.calculations,
  }
}

/** What a result adds to sums while it is its session's current one. */
export const worthOf = ({ inputs, outputs, computed_at }: Result): Worth => ({
  currency: inputs.currency ?? null,
  month: (inputs.period?.to ?? computed_at).slice(0, 7),
  held: inputs.sessions,
  minutes: hundredths(outputs.total_minutes),
  cost: hundredths(outputs.programme_cost),
  value: hundredths(outputs.time_value),
})

/** What a session adds to the totals as it is; null where it is closed. */
export function standingOf({
  state,
  result,
  calculations,
}: Pick<Session, 'state' | 'result' | 'calculations'>): Standing | null {
  if (state === 'closed' || state === 'loading') return null
  return { state, worth: result && worthOf(result), calculations }
}

/** What one write did, whole: enough to show each of its transitions, and the session as that left it, to a subscriber. */
export interface Commit extends Origin, Pick<Snapshot, 'last_event'> {
  transitions: Transition[]
  /** What the session added to the totals before, and adds from now on. */
  standing: { before: Standing | null; after: Standing | null }
}

/** The commit that led to `session` (as it is after the changes), which added `before` to the totals. */
export const commitOf = (session: Session, changes: Change[], before: Standing | null = null): Commit => ({
  session_id: session.session_id,
  mentor_id: session.mentor_id,
  organisation_id: session.organisation_id,
  created_at: session.created_at,
  last_event: session.last_event,
  transitions: changes.map(change => change.transition),
  standing: { before, after: standingOf(session) },
})

/** The session as one of its transitions left it, from what never changes of it and what its close leaves as it was. */
export const snapshotAfter = (session: Omit<Commit, 'transitions' | 'standing'>, transition: Transition): Snapshot => ({
  session_id: session.session_id,
  mentor_id: session.mentor_id,
  organisation_id: session.organisation_id,
  created_at: session.created_at,
  state: transition.to,
  last_event: lastEvent(transition.event, session.last_event),
  result_id: transition.result_id,
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

/** The shares that can be followed at `now`, of whichever results, newest first. */
export const liveShares = ({ shares }: Session, now: Timestamp): Share[] =>
  shares.filter(share => isLive(share, now)).toReversed()
