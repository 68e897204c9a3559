// This folder has the rules: the transition table, `decide`, `evolve`, the calculator and the errors. It has no clock,
// no random ids and no I/O.

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

/** States in which a session can rest. `loading` lasts only during one write, and `closed` is the end. */
export const restingStates = ['initial', 'loaded', 'error'] as const satisfies State[]
export type RestingState = (typeof restingStates)[number]

const resultIdExample = 'calc_9d1e4f2a'

const noPayload = z.strictObject({}).nullish()

/** Schema of the number of days until a shared link or report expires. */
export const daysSchema = z
  .number()
  .min(1)
  .max(maxShareDays)
  .int() // After min and max, because otherwise the bound of int() (safe integers) is reported first.
  .nullish()

/** Schema of the number of days until a share link expires. */
export const expiresInDaysSchema = daysSchema.describe(
  `Days from now until the share link expires. If missing, a live link keeps its expiry, and a new link expires after ${shareDays} days.`,
)

/** Schema of the flag that makes a shared result name its session's organisation. */
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
    mentor_id: identifierSchema
      .nullish()
      .describe('Mentor of the session from now on. If missing, the mentor stays the same.'),
    organisation_id: identifierSchema
      .nullish()
      .describe(
        'Organisation of the session from now on. Null removes the organisation. If missing, the organisation stays the same.',
      ),
  })
  .refine(({ mentor_id, organisation_id }) => mentor_id != null || organisation_id !== undefined, {
    error: 'must name a mentor or an organisation',
  })

/** Events that a client may dispatch, each with its payload schema. `decide` determines their effects. */
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

/** Events of transitions: those that a client dispatches, and the start and the close of the session. */
export const transitionEvents = ['SessionStarted', ...sessionEvents, 'SessionClosed'] as const
export type TransitionEvent = (typeof transitionEvents)[number]

export const transitionSchema = z.strictObject({
  event: z.enum(transitionEvents),
  from: stateSchema.nullable().describe('Null for the start of the session.'),
  to: stateSchema,
  sequence: z.int().min(1).describe('Number of the transition in its session: 1, 2, 3, … without gaps.'),
  at: timestampSchema,
  result_id: z.string().nullable().describe("Id of the session's result after this transition."),
  by: z
    .string()
    .exactOptional()
    .describe('Name of the caller that made the transition. Only if the server requires tokens.'),
})
export type Transition = z.infer<typeof transitionSchema>

/** A transition as a store reads it. */
export interface StoredTransition extends Transition {
  /** Owner of the session after the transition, and present owner of the session. Absent in a commit. */
  owners?: { past: Owner; present: Owner }
}

/**
 * Schema of a calculation's result. Stored results are never rewritten, so an old one lacks members that were added
 * later. A new member must therefore be optional, nullable or have a default: `upcastResult` (db/upcasting.ts) fills it
 * in when an old result is read.
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

/** Builds a result from the inputs and the calculator's outputs. The result never changes afterwards. */
export const newResult = (inputs: Inputs, outputs: Outputs, result_id: string, now: Timestamp): Result => ({
  result_id,
  inputs,
  outputs,
  method,
  caveat,
  computed_at: now,
})

/** Returns a result as clients see it. */
export const shownResult = (result: Result): Result => ({ ...result, computed_at: shownTime(result.computed_at) })

/** Schema of a share link. Its token gives read-only access to one result. */
export const shareSchema = z.strictObject({
  token: withExample(z.string(), 'q1Vb0mZsT3uXyLr8wKd5nA7eJhPc2fGo'),
  result_id: withExample(z.string(), resultIdExample),
  expires_at: withExample(timestampSchema, '2026-04-25T09:15:00Z'),
  days: withExample(z.int(), shareDays).describe('Lifetime in days, counted from the last request for a lifetime.'),
  show_organisation: withExample(z.boolean(), false).describe('Whether the shared result names the organisation.'),
  revoked: withExample(z.boolean(), false),
})
export type Share = z.infer<typeof shareSchema>

/** Members of a session that no event changes, except that ReassignRequested changes its owner. */
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
  /** Sequence of the transition that gave the session to the next owner. */
  until: number
}

/**
 * Adds owners to transitions. `former` has the former owners, oldest first. Transitions of an erased owner get the next
 * owner.
 */
export const withOwners = (transitions: Transition[], present: Owner, former: FormerOwner[]): StoredTransition[] =>
  transitions.map(transition => {
    const past = former.find(({ until }) => transition.sequence < until) ?? present
    return { ...transition, owners: { past: ownerOf(past), present: ownerOf(present) } }
  })

export const isSameOwner = (a: Owner, b: Owner): boolean =>
  a.mentor_id === b.mentor_id && a.organisation_id === b.organisation_id

/** A session as lists, responses and events show it, without its history (result, inputs, share links). */
export const snapshotSchema = originSchema.extend({
  state: withExample(stateSchema, 'loaded'),
  last_event: withExample(sessionEventSchema.nullable(), 'CalculateRequested').describe(
    'Event that was dispatched last. Null before the first one.',
  ),
  result_id: withExample(z.string().nullable(), resultIdExample).describe(
    'Id of the current result. Null if there is none.',
  ),
  updated_at: withExample(timestampSchema, '2026-03-26T09:15:00Z'),
  version: withExample(z.int().min(1), 3).describe('Sequence of the last transition.'),
})
export type Snapshot = z.infer<typeof snapshotSchema>

export const snapshotMembers = Object.keys(snapshotSchema.shape) as (keyof Snapshot)[]
export const originMembers = Object.keys(originSchema.shape) as (keyof Origin)[]

/** Members of a snapshot that any transition may change. */
export const changingMembers = snapshotMembers.filter(name => !(name in originSchema.shape))

/** Reduces a session to its snapshot. A session stored by version 1.1 has no `external_id`. */
export const withoutHistory = (session: Snapshot): Snapshot => ({
  session_id: session.session_id,
  mentor_id: session.mentor_id,
  organisation_id: session.organisation_id,
  external_id: session.external_id ?? null,
  created_at: session.created_at,
  state: session.state,
  last_event: session.last_event,
  result_id: session.result_id,
  updated_at: session.updated_at,
  version: session.version,
})

/**
 * Session data that no interface shows, with its initial values, which must be JSON. The stores derive their columns
 * and fields from this object, so a new member needs no code in them, but it changes their layout.
 */
export const initialInternals = {
  /** Inputs of the last requested calculation, even if it failed. */
  last_inputs: null as Inputs | null,
  /** Number of results, current and older. */
  result_count: 0,
  /** Digest of the start parameters (`startDigest`). Never changes. Null without an external id. */
  start_digest: null as string | null,
}
export type SessionInternals = typeof initialInternals
export const internalMembers = Object.keys(initialInternals) as (keyof SessionInternals)[]

export interface Session extends Snapshot, SessionInternals {
  /** The current result. Null if `result_id` is null. */
  result: Result | null
  shares: Share[]
  /** Calculations by minute, as in Contribution. */
  calculations: MinuteCount[]
}

/** A transition, and the data that it adds to the session. */
export interface Change {
  transition: Transition
  inputs?: Inputs
  result?: Result
  /** A share link after the change. The link is new, has a new expiry, or is revoked. */
  share?: Share
  revokesShares?: true
  /** Owner before and after the change, if the change replaces it. */
  reassignment?: { from: Owner; to: Owner }
  /** Why the calculator failed. Logged, but not stored. */
  failure?: unknown
}

/** Returns the reassignment of a write, or undefined if the session keeps its owner. */
export const reassignmentIn = (changes: Change[]): Change['reassignment'] =>
  changes.find(({ reassignment }) => reassignment)?.reassignment

/**
 * Whether a change makes the share links stop showing the organisation. That is the case if the session moves to
 * another organisation, because nobody has chosen to show that one.
 */
export const hidesOrganisation = ({ reassignment }: Change): boolean =>
  reassignment !== undefined && reassignment.from.organisation_id !== reassignment.to.organisation_id

/** Signs the changes with the author's name. */
export const signedBy = (changes: Change[], by: string | undefined): Change[] =>
  by === undefined ? changes : changes.map(change => ({ ...change, transition: { ...change.transition, by } }))

export function evolve(session: Session, change: Change): Session {
  const { transition, inputs, result, share, revokesShares, reassignment } = change
  const { event, to, sequence, at, result_id } = transition
  const former = hidesOrganisation(change)
    ? session.shares.map(share => ({ ...share, show_organisation: false }))
    : session.shares
  const shares = revokesShares ? former.map(share => ({ ...share, revoked: true })) : former
  return {
    ...session,
    ...reassignment?.to,
    state: to,
    last_event: lastEvent(event, session.last_event),
    result_id,
    updated_at: at,
    version: sequence,
    result: result ?? (result_id === null ? null : session.result),
    last_inputs: inputs ?? session.last_inputs,
    result_count: session.result_count + (result ? 1 : 0),
    shares: share ? withShare(shares, share) : shares,
    calculations: result ? withCalculation(session.calculations, result.computed_at) : session.calculations,
  }
}

/** Returns a session's last event after a transition. */
export function lastEvent(event: TransitionEvent, former: SessionEvent | null): SessionEvent | null {
  if (event === 'SessionStarted') return null
  return event === 'SessionClosed' ? former : event
}

/** Adds a share link, or replaces the link with the same token. */
function withShare(shares: Share[], share: Share): Share[] {
  const position = shares.findIndex(({ token }) => token === share.token)
  return position < 0 ? [...shares, share] : shares.with(position, share)
}

/** Returns what a result adds to the totals while it is its session's current result. */
export const resultContributionOf = ({ inputs, outputs, computed_at }: Result): ResultContribution => ({
  currency: inputs.currency ?? null,
  month: monthOf(inputs.period, computed_at),
  held: inputs.sessions,
  minutes: hundredths(outputs.total_minutes),
  cost: hundredths(outputs.programme_cost),
  value: hundredths(outputs.time_value),
})

/** Returns the session's contribution to the totals, or null if the session is closed. */
export function contributionOf({
  state,
  result,
  calculations,
}: Pick<Session, 'state' | 'result' | 'calculations'>): Contribution | null {
  if (state === 'closed' || state === 'loading') return null
  return { state, result: result && resultContributionOf(result), calculations }
}

/** Path of a share link, relative to the server. */
export const sharePath = ({ token }: Share): string => `/shared/${token}`

/** Whether a share link is neither revoked nor expired at `now`. */
export const isLive = (share: Share, now: Timestamp): boolean => !share.revoked && share.expires_at > now

export const currentShare = (session: Session, now: Timestamp): Share | undefined =>
  session.shares.find(share => share.result_id === session.result_id && isLive(share, now))

/** Returns the share links of all results that are live at `now`, newest first. */
export const liveShares = ({ shares }: Pick<Session, 'shares'>, now: Timestamp): Share[] =>
  shares.filter(share => isLive(share, now)).toReversed()
