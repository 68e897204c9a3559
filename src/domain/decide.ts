import { z } from 'zod'
import { type Calculator, type Inputs, inputsSchema, type Outputs, storedInputsSchema } from './calculator'
import { DomainError, faultsOf } from './errors'
import { maxTransitions, shareDays } from './limits'
import {
  type Change,
  type Command,
  type CommandOf,
  currentShare,
  initialInternals,
  isLive,
  isSameOwner,
  newResult,
  type Owner,
  ownerOf,
  payloadSchemas,
  type RestingState,
  type Session,
  type SessionEvent,
  type Share,
  type Snapshot,
  sessionEventSchema,
  sessionEvents,
  type Transition,
} from './session'
import { identifierSchema } from './text'
import { addMs, dayMs, type Timestamp } from './timestamp'

const commandSchema = z.strictObject({ event: sessionEventSchema, payload: z.unknown().optional() })

/** Throws `validation_failed`, which lists all errors, both inside and outside `payload`. */
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

/** Dependencies of `decide`, passed in to keep it pure: the time, new ids and the calculator. */
export interface Dependencies {
  now: Timestamp
  calculate: Calculator
  /** Returns a random result id. If the session already has a result with this id, `decide` draws another one. */
  newResultId(): string
  newToken(): string
}

type Handler<E extends SessionEvent> = (session: Session, command: CommandOf<E>, dependencies: Dependencies) => Change[]
type Row = { [E in SessionEvent]?: Handler<E> }

/** The transition table. Each state refuses every event that its row does not list. */
const transitionTable: Record<RestingState | 'error with a result', Row> = {
  initial: {
    CalculateRequested: calculate,
    ResetRequested: doNothing,
    ReassignRequested: reassign,
  },
  loaded: {
    CalculateRequested: calculateOtherInputs,
    ShareRequested: share,
    ShareRevokeRequested: revokeShares,
    ResetRequested: reset,
    ReassignRequested: reassign,
  },
  error: {
    CalculateRequested: calculate,
    ShareRevokeRequested: revokeShares,
    ResetRequested: reset,
    RetryRequested: retry,
    ReassignRequested: reassign,
  },
  'error with a result': {
    CalculateRequested: calculate,
    ShareRequested: share,
    ShareRevokeRequested: revokeShares,
    ResetRequested: reset,
    RetryRequested: retry,
    ReassignRequested: reassign,
  },
}

function row({ state, result_id }: Snapshot): Row {
  if (state === 'loading' || state === 'closed') return {}
  return transitionTable[state === 'error' && result_id !== null ? 'error with a result' : state]
}

/** Returns the events that the session accepts in its current state, including events that would change nothing. */
export const allowedEvents = (session: Snapshot): SessionEvent[] =>
  sessionEvents.filter(event => row(session)[event] !== undefined)

export const startSchema = z.strictObject({
  mentor_id: identifierSchema.describe('Mentor of the session.'),
  organisation_id: identifierSchema
    .nullish()
    .transform(id => id ?? null)
    .describe('Organisation whose programme is valued.'),
  external_id: identifierSchema
    .nullish()
    .transform(id => id ?? null)
    .describe(
      'Id of the session in another system. It is unique among the sessions of an organisation, and never changes.',
    ),
  inputs: inputsSchema
    .nullish()
    .describe(
      'Inputs for a first calculation. The server stores the session and its first result in one atomic write.',
    ),
})
export type Start = z.output<typeof startSchema>

export function start(
  origin: Omit<Start, 'inputs'>,
  session_id: string,
  now: Timestamp,
): { session: Session; changes: Change[] } {
  const session: Session = {
    ...origin,
    session_id,
    state: 'initial',
    last_event: null,
    result_id: null,
    created_at: now,
    updated_at: now,
    version: 1,
    result: null,
    result_ids: [],
    ...initialInternals,
    shares: [],
    calculations: [],
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
 * Returns an empty list if the command changes nothing. The changes are committed atomically. The same session, command
 * and dependencies give the same changes. Throws `event_refused` and `session_full`.
 */
export function decide(session: Session, command: Command, dependencies: Dependencies): Change[] {
  const handler = row(session)[command.event] as Handler<SessionEvent> | undefined
  if (!handler) {
    throw new DomainError('event_refused', {
      current_state: session.state,
      event: command.event,
      allowed_events: allowedEvents(session),
    })
  }
  return withRoom(session, handler(session, command, dependencies))
}

/** Returns the changes, or throws session_full if they would exceed the session's maximum number of transitions. */
function withRoom(session: Session, changes: Change[]): Change[] {
  if (session.version + changes.length > maxTransitions)
    throw new DomainError('session_full', { limit: maxTransitions })
  return changes
}

/** Throws `share_not_found` if the session has no such link, and `share_gone` if it was revoked or has expired. */
export function requireLiveShare({ shares }: Session, token: string, now: Timestamp): Share {
  const share = shares.find(share => share.token === token)
  if (!share) throw new DomainError('share_not_found').withMessage('The session has no share link with this token.')
  if (!isLive(share, now)) {
    throw new DomainError('share_gone').withMessage(
      'This share link was already revoked or has expired, so there is nothing to revoke.',
    )
  }
  return share
}

/** Throws `session_full` if the session has reached its maximum number of transitions. */
export const revokeShare = (session: Session, share: Share, now: Timestamp): Change[] =>
  withRoom(session, [
    {
      transition: step(session, { event: 'ShareRevokeRequested', to: 'loaded', at: now }),
      share: { ...share, revoked: true },
    },
  ])

export const close = (session: Session, now: Timestamp): Change[] => [
  { transition: step(session, { event: 'SessionClosed', to: 'closed', at: now }), revokesShares: true },
]

interface Step extends Pick<Transition, 'event' | 'to' | 'at'> {
  /** Default: the session's current result. */
  result_id?: string | null
  /** Whether the step is the session's next transition (1) or the one after it (2), which follows `loading`. */
  ahead?: 1 | 2
}

const step = (session: Session, { event, to, at, result_id = session.result_id, ahead = 1 }: Step): Transition => ({
  event,
  from: ahead === 1 ? session.state : 'loading',
  to,
  sequence: session.version + ahead,
  at,
  result_id,
})

interface Calculation {
  event: SessionEvent
  payload: Inputs
}

function calculateOtherInputs(session: Session, command: Calculation, dependencies: Dependencies): Change[] {
  if (session.result && sameInputs(command.payload, session.result.inputs)) return []
  return calculate(session, command, dependencies)
}

function retry(session: Session, { event }: Command, dependencies: Dependencies): Change[] {
  if (!session.last_inputs) throw new Error(`session ${session.session_id} has no inputs to repeat`)
  return calculate(session, { event, payload: session.last_inputs }, dependencies)
}

function calculate(session: Session, { event, payload: inputs }: Calculation, dependencies: Dependencies): Change[] {
  const { now: at } = dependencies
  const loading: Change = { transition: step(session, { event, to: 'loading', at }), inputs }
  let outputs: Outputs
  try {
    outputs = dependencies.calculate(inputs)
  } catch (failure) {
    return [loading, { transition: step(session, { event, to: 'error', at, ahead: 2 }), failure }]
  }
  let result_id = dependencies.newResultId()
  while (session.result_ids.includes(result_id)) result_id = dependencies.newResultId()
  const result = newResult(inputs, outputs, result_id, at)
  return [loading, { transition: step(session, { event, to: 'loaded', at, result_id, ahead: 2 }), result }]
}

const inputNames = Object.keys(storedInputsSchema.shape) as (keyof Inputs)[]

const sameInputs = (a: Inputs, b: Inputs): boolean =>
  inputNames.every(name => a[name] === b[name] || JSON.stringify(a[name]) === JSON.stringify(b[name]))

function share(
  session: Session,
  { event, payload }: CommandOf<'ShareRequested'>,
  { now, newToken }: Dependencies,
): Change[] {
  const live = currentShare(session, now)
  const days = payload?.expires_in_days ?? live?.days ?? shareDays
  const show_organisation = payload?.show_organisation ?? live?.show_organisation ?? false
  const isSameExpiry = days === live?.days
  if ((isSameExpiry && show_organisation === live.show_organisation) || session.result_id === null) return []
  const share: Share = {
    token: live?.token ?? newToken(),
    result_id: session.result_id,
    expires_at: isSameExpiry ? live.expires_at : addMs(now, days * dayMs),
    days,
    show_organisation,
    revoked: false,
  }
  return [{ transition: step(session, { event, to: 'loaded', at: now }), share }]
}

function revokeShares(session: Session, { event }: Command, { now }: Dependencies): Change[] {
  if (!session.shares.some(share => isLive(share, now))) return []
  return [{ transition: step(session, { event, to: 'loaded', at: now }), revokesShares: true }]
}

function reset(session: Session, { event }: Command, { now }: Dependencies): Change[] {
  return [{ transition: step(session, { event, to: 'initial', at: now, result_id: null }), revokesShares: true }]
}

export const reassignedOwner = (session: Owner, { payload }: CommandOf<'ReassignRequested'>): Owner => ({
  mentor_id: payload.mentor_id ?? session.mentor_id,
  organisation_id: payload.organisation_id === undefined ? session.organisation_id : payload.organisation_id,
})

function reassign(session: Session, command: CommandOf<'ReassignRequested'>, { now }: Dependencies): Change[] {
  const to = reassignedOwner(session, command)
  if (isSameOwner(to, session)) return []
  const transition = step(session, { event: command.event, to: session.state, at: now })
  return [{ transition, reassignment: { from: ownerOf(session), to } }]
}

function doNothing(): Change[] {
  return []
}
