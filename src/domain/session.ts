// This folder contains the business rules: the transition table, `decide`, `evolve`, the calculator and the errors.
// Code in this folder uses no clock, no random ids and no I/O.

import { z } from 'zod'
import { type Inputs, inputsSchema, type Outputs, outputsSchema, storedInputsSchema } from './calculator'
import {
  type Contribution,
  hundredths,
  type MinuteCount,
  type ResultContribution,
  withCalculation,
} from './contribution'
import { withExample } from './example'
import { maxShareDays, shareDays } from './limits'
import { caveat, method } from './methods'
import { monthOf } from './months'
import { identifierSchema } from './text'
import { shownTime, type Timestamp, timestampSchema } from './timestamp'

export const states = ['initial', 'loading', 'loaded', 'error', 'closed'] as const
export type State = (typeof states)[number]
export const stateSchema = z.enum(states)

/** `loading` exists only within one write, and `closed` is final. */
export const restingStates = ['initial', 'loaded', 'error'] as const satisfies State[]
export type RestingState = (typeof restingStates)[number]

const resultIdExample = 'calc_9d1e4f2a'

const noPayload = z.strictObject({}).nullish()

export const daysSchema = z
  .number()
  .min(1)
  .max(maxShareDays)
  .int() // After min and max, so that their errors come before int()'s safe-integer error.
  .nullish()

export const expiresInDaysSchema = daysSchema.describe(
  `Days from now until the share link expires. If missing, a live link keeps its expiry, and a new link expires after ${shareDays} days.`,
)

export const showOrganisationSchema = z
  .boolean()
  .nullish()
  .describe(
    'Whether the shared result names the organisation. If missing, a live link stays unchanged, and a new link does not show the organisation.',
  )

const sharePayload = z
  .strictObject({ expires_in_days: expiresInDaysSchema, show_organisation: showOrganisationSchema })
  .nullish()

const reassignPayload = z
  .strictObject({
    mentor_id: withExample(identifierSchema.nullish(), 'mentor_002').describe(
      'New mentor of the session. If missing, the mentor stays the same.',
    ),
    organisation_id: identifierSchema
      .nullable()
      .exactOptional()
      .describe(
        'New organisation of the session. Null removes the organisation. If missing, the organisation stays the same.',
      ),
  })
  .refine(({ mentor_id, organisation_id }) => mentor_id != null || organisation_id !== undefined, {
    error: 'must name a mentor or an organisation',
  })

/** Events that clients can dispatch. The tests use the examples. `decide` determines the effects of the events. */
export const payloadSchemas = {
  CalculateRequested: inputsSchema,
  ShareRequested: sharePayload,
  ShareRevokeRequested: noPayload,
  ResetRequested: noPayload,
  RetryRequested: noPayload,
  ReassignRequested: reassignPayload,
}
export type SessionEvent = keyof typeof payloadSchemas
export const sessionEvents = Object.keys(payloadSchemas) as SessionEvent[]
export const sessionEventSchema = z.enum(sessionEvents)

type Payload<E extends SessionEvent> = z.output<(typeof payloadSchemas)[E]>

export type CommandOf<E extends SessionEvent> = {
  [Event in E]: undefined extends Payload<Event>
    ? { event: Event; payload?: Payload<Event> }
    : { event: Event; payload: Payload<Event> }
}[E]
export type Command = CommandOf<SessionEvent>

/** Events that transitions record: the events that clients dispatch, and the session's start and close. */
export const transitionEvents = ['SessionStarted', ...sessionEvents, 'SessionClosed'] as const
export type TransitionEvent = (typeof transitionEvents)[number]

export const transitionSchema = z.strictObject({
  event: z.enum(transitionEvents).describe('Cause of the transition.'),
  from: stateSchema.nullable().describe('State before the transition. Null if the transition starts the session.'),
  to: stateSchema.describe('State after the transition.'),
  sequence: z.int().min(1).describe('Number of the transition within its session: 1, 2, 3, … without gaps.'),
  at: timestampSchema,
  result_id: z.string().nullable().describe("Id of the session's result after this transition."),
  by: z
    .string()
    .exactOptional()
    .describe('Name of the caller that made the transition. Present only if the server requires tokens.'),
})
export type Transition = z.infer<typeof transitionSchema>

export interface StoredTransition extends Transition {
  /** The owner directly after the transition and the present one. Transitions in a commit have no owners. */
  owners?: { past: Owner; present: Owner }
}

/**
 * Stored results are never rewritten, so old results lack fields that were added later. A new field must therefore be
 * optional or nullable, or have a default, which `upcastResult` (db/upcasting.ts) fills in when it reads an old result.
 */
export const resultSchema = z.strictObject({
  result_id: z.string(),
  inputs: storedInputsSchema,
  outputs: outputsSchema,
  method: withExample(z.string(), method),
  caveat: withExample(z.string(), caveat).describe('What the figures do not show.'),
  computed_at: timestampSchema,
})
export type Result = z.infer<typeof resultSchema>

/** Builds an immutable result from the inputs and the calculator's outputs. */
export const newResult = (inputs: Inputs, outputs: Outputs, result_id: string, now: Timestamp): Result => ({
  result_id,
  inputs,
  outputs,
  method,
  caveat,
  computed_at: now,
})

export const shownResult = (result: Result): Result => ({ ...result, computed_at: shownTime(result.computed_at) })

/** A link's token gives read-only access to one result. */
export const shareSchema = z.strictObject({
  token: withExample(z.string(), 'q1Vb0mZsT3uXyLr8wKd5nA7eJhPc2fGo'),
  result_id: withExample(z.string(), resultIdExample),
  expires_at: withExample(timestampSchema, '2026-04-25T09:15:00Z'),
  days: withExample(z.int(), shareDays).describe('Lifetime in days, counted from the last request that set it.'),
  show_organisation: withExample(z.boolean(), false).describe('Whether the shared result names the organisation.'),
  revoked: withExample(z.boolean(), false),
})
export type Share = z.infer<typeof shareSchema>

/** Fields of a session that never change, except for the owner, which ReassignRequested changes. */
const originSchema = z.strictObject({
  session_id: withExample(z.string(), 'session_e9a3f1c8'),
  mentor_id: withExample(z.string(), 'mentor_001'),
  organisation_id: withExample(z.string().nullable(), 'org_42'),
  external_id: withExample(z.string().nullable(), 'crm-1042').describe(
    'Id of the session in another system. It is unique among the sessions of an organisation. Null if there is none.',
  ),
  created_at: withExample(timestampSchema, '2026-03-26T09:00:00Z'),
})
export type Origin = z.infer<typeof originSchema>

export type Owner = Pick<Origin, 'mentor_id' | 'organisation_id'>

export const ownerOf = ({ mentor_id, organisation_id }: Owner): Owner => ({ mentor_id, organisation_id })

export interface FormerOwner extends Owner {
  /** Sequence number of the transition that moved the session from this owner to the next owner. */
  until: number
}

/** `former` lists the former owners, oldest first. If a transition's owner was erased, uses the next owner. */
export const withOwners = (transitions: Transition[], present: Owner, former: FormerOwner[]): StoredTransition[] =>
  transitions.map(transition => {
    const past = former.find(({ until }) => transition.sequence < until) ?? present
    return { ...transition, owners: { past: ownerOf(past), present: ownerOf(present) } }
  })

export const isSameOwner = (a: Owner, b: Owner): boolean =>
  a.mentor_id === b.mentor_id && a.organisation_id === b.organisation_id

/** A session as shown in lists, responses and events: without its result, inputs and share links. */
export const snapshotSchema = originSchema.extend({
  state: withExample(stateSchema, 'loaded'),
  last_event: withExample(sessionEventSchema.nullable(), 'CalculateRequested').describe(
    'Event that was dispatched last. Null if none has been dispatched yet.',
  ),
  result_id: withExample(z.string().nullable(), resultIdExample).describe(
    'Id of the current result. Null if there is none.',
  ),
  updated_at: withExample(timestampSchema, '2026-03-26T09:15:00Z'),
  version: withExample(z.int().min(1), 3).describe('Sequence number of the last transition.'),
})
export type Snapshot = z.infer<typeof snapshotSchema>

export const snapshotMembers = Object.keys(snapshotSchema.shape) as (keyof Snapshot)[]
export const originMembers = Object.keys(originSchema.shape) as (keyof Origin)[]

/** Fields of a snapshot that any transition can change. */
export const changingMembers = snapshotMembers.filter(name => !(name in originSchema.shape))

/**
 * Returns a function that copies these members of an object, in this order. A missing member becomes null. The function
 * is compiled, because a loop over the members takes 20 times as long, and a page of sessions copies each of them.
 */
const copyOf = <T>(members: (keyof T & string)[]): ((source: Partial<T>) => T) =>
  new Function('source', `return { ${members.map(name => `${name}: source.${name} ?? null`)} }`) as never

export const withoutHistory: (session: Snapshot) => Snapshot = copyOf<Snapshot>(snapshotMembers)

/** Commits of version 1.2 lack `external_id` instead of null. */
export const originOf: (source: Omit<Origin, 'external_id'> & Partial<Origin>) => Origin = copyOf<Origin>(originMembers)

/** Its `last_event` is the transition's event or, after a close, the given `last_event`. */
export const snapshotAfter = (
  session: Parameters<typeof originOf>[0] & Pick<Snapshot, 'last_event'>,
  { event, to, result_id, at, sequence }: Transition,
): Snapshot => ({
  ...originOf(session),
  state: to,
  last_event: lastEvent(event, session.last_event),
  result_id,
  updated_at: at,
  version: sequence,
})

/**
 * Initial values of the session data that no interface shows. The values must be JSON. Both stores derive their columns
 * and fields from this object: a new property needs no code in the stores, but changes their layout.
 */
export const initialInternals = {
  /** Inputs of the last requested calculation, even if it failed. */
  last_inputs: null as Inputs | null,
  /** Number of results, including results that are no longer current. */
  result_count: 0,
}
export type SessionInternals = typeof initialInternals
export const internalMembers = Object.keys(initialInternals) as (keyof SessionInternals)[]

export interface Session extends Snapshot, SessionInternals {
  /** The current result, or null if `result_id` is null. */
  result: Result | null
  /** Ids of all results, oldest first. */
  result_ids: string[]
  shares: Share[]
  /** Number of results computed in each minute, as in `Contribution`. */
  calculations: MinuteCount[]
}

/** A transition, together with the other session data that it changes. */
export interface Change {
  transition: Transition
  inputs?: Inputs
  result?: Result
  /** The share link that the change creates, modifies or revokes, in its state after the change. */
  share?: Share
  revokesShares?: true
  /** Owners before and after the change, present only if the change moves the session to another owner. */
  reassignment?: { from: Owner; to: Owner }
  /** The reason why the calculator failed, which is logged but not stored. */
  failure?: unknown
}

export const reassignmentIn = (changes: Change[]): Change['reassignment'] =>
  changes.find(({ reassignment }) => reassignment)?.reassignment

/** A move to another organisation hides the organisation, because nobody has chosen to show the new one. */
export const hidesOrganisation = ({ reassignment }: Change): boolean =>
  reassignment !== undefined && reassignment.from.organisation_id !== reassignment.to.organisation_id

export const signedBy = (changes: Change[], by: string | undefined): Change[] =>
  by === undefined ? changes : changes.map(change => ({ ...change, transition: { ...change.transition, by } }))

export function evolve(session: Session, change: Change): Session {
  const { transition, inputs, result, share, revokesShares, reassignment } = change
  const { result_id } = transition
  const former = hidesOrganisation(change)
    ? session.shares.map(share => ({ ...share, show_organisation: false }))
    : session.shares
  const shares = revokesShares ? former.map(share => ({ ...share, revoked: true })) : former
  return {
    ...session,
    ...snapshotAfter(session, transition),
    ...reassignment?.to,
    result: result ?? (result_id === null ? null : session.result),
    result_ids: result ? [...session.result_ids, result.result_id] : session.result_ids,
    last_inputs: inputs ?? session.last_inputs,
    result_count: session.result_count + (result ? 1 : 0),
    shares: share ? withShare(shares, share) : shares,
    calculations: result ? withCalculation(session.calculations, result.computed_at) : session.calculations,
  }
}

export function lastEvent(event: TransitionEvent, former: SessionEvent | null): SessionEvent | null {
  if (event === 'SessionStarted') return null
  return event === 'SessionClosed' ? former : event
}

function withShare(shares: Share[], share: Share): Share[] {
  const position = shares.findIndex(({ token }) => token === share.token)
  return position < 0 ? [...shares, share] : shares.with(position, share)
}

/** Returns what a session's current result adds to sums over sessions. */
export const resultContributionOf = ({ inputs, outputs, computed_at }: Result): ResultContribution => ({
  currency: inputs.currency ?? null,
  month: monthOf(inputs.period, computed_at),
  held: inputs.sessions,
  minutes: hundredths(outputs.total_minutes),
  cost: hundredths(outputs.programme_cost),
  value: hundredths(outputs.time_value),
})

/** Returns what a session adds to counts and sums over sessions, or null if the session is closed. */
export function contributionOf({
  state,
  result,
  calculations,
}: Pick<Session, 'state' | 'result' | 'calculations'>): Contribution | null {
  if (state === 'closed' || state === 'loading') return null
  return { state, result: result && resultContributionOf(result), calculations }
}

export const sharePath = ({ token }: Share): string => `/shared/${token}`

export const isLive = (share: Share, now: Timestamp): boolean => !share.revoked && share.expires_at > now

export const currentShare = (session: Session, now: Timestamp): Share | undefined =>
  session.shares.find(share => share.result_id === session.result_id && isLive(share, now))

/** Returns the share links that are live at `now`, for all results of a session, newest first. */
export const liveShares = ({ shares }: Pick<Session, 'shares'>, now: Timestamp): Share[] =>
  shares.filter(share => isLive(share, now)).toReversed()
