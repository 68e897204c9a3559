import type { Calculator, Inputs, Outputs } from './calculator'
import type { Command, Start } from './command'
import { DomainError } from './errors'
import { shareDays } from './limits'
import {
  type Change,
  currentShare,
  isLive,
  type RestingState,
  type Result,
  type Session,
  type SessionEvent,
  type Share,
  type Snapshot,
  type State,
  sessionEvents,
  type Transition,
  type TransitionEvent,
} from './session'
import { caveat, method } from './time-value'
import { addMs, dayMs, type Timestamp } from './timestamp'

/** Maximum number of transitions of a session. The close does not count. */
export const maxTransitions = 1_000

/** Dependencies that keep `decide` pure: the time, new ids and the calculator. */
export interface Dependencies {
  now: Timestamp
  calculate: Calculator
  newResultId(): string
  newToken(): string
}

type Handler = (session: Session, command: Command, means: Dependencies) => Change[]
type Row = Partial<Record<SessionEvent, Handler>>

/** The transition table. An event that is missing from a state's row is refused. */
const transitionTable: Record<RestingState | 'error with a result', Row> = {
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
  return transitionTable[state === 'error' && result_id !== null ? 'error with a result' : state]
}

/** Events that the session does not refuse in its state, including no-ops. */
export const allowedEvents = (session: Snapshot): SessionEvent[] =>
  sessionEvents.filter(event => row(session)[event] !== undefined)

/** Creates a session with its first transition. */
export function start(stated: Start, session_id: string, now: Timestamp): { session: Session; changes: Change[] } {
  const session: Session = {
    ...stated,
    session_id,
    state: 'initial',
    last_event: null,
    result_id: null,
    created_at: now,
    updated_at: now,
    version: 1,
    result: null,
    last_inputs: null,
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
 * Returns the changes that a command makes, to commit together. No-ops return none.
 * Pure: the same session, command and means give the same changes.
 * Throws event_refused if the state does not accept the event, and session_full if the session has no room for it.
 */
export function decide(session: Session, command: Command, means: Dependencies): Change[] {
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

/** Returns the last change of a session. It also revokes the live share links. */
export const close = (session: Session, now: Timestamp): Change[] => [
  { transition: step(session, 'SessionClosed', 'closed', now, session.result_id), revokesShares: true },
]

/** Builds an immutable result from the inputs and the calculator's outputs. */
export const newResult = (inputs: Inputs, outputs: Outputs, result_id: string, now: Timestamp): Result => ({
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

function calculation(session: Session, command: Command, means: Dependencies): Change[] {
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
  const result = newResult(inputs, outputs, means.newResultId(), means.now)
  return [loading, { transition: step(session, event, 'loaded', means.now, result.result_id, 2), result }]
}

function calculationOfOtherInputs(session: Session, command: Command, means: Dependencies): Change[] {
  return command.event === 'CalculateRequested' && session.result && sameInputs(command.payload, session.result.inputs)
    ? []
    : calculation(session, command, means)
}

const sameInputs = (a: Inputs, b: Inputs): boolean =>
  a.sessions === b.sessions &&
  a.avg_minutes === b.avg_minutes &&
  a.cost_per_session === b.cost_per_session &&
  a.cost_per_hour === b.cost_per_hour &&
  a.label === b.label &&
  a.currency === b.currency &&
  a.period?.from === b.period?.from &&
  a.period?.to === b.period?.to

function share(session: Session, { event }: Command, means: Dependencies): Change[] {
  if (currentShare(session, means.now) || session.result_id === null) return []
  const share: Share = {
    token: means.newToken(),
    result_id: session.result_id,
    expires_at: addMs(means.now, shareDays * dayMs),
    revoked: false,
  }
  return [{ transition: step(session, event, 'loaded', means.now, session.result_id), share }]
}

function revokeShares(session: Session, { event }: Command, { now }: Dependencies): Change[] {
  if (!session.shares.some(share => isLive(share, now))) return []
  return [{ transition: step(session, event, 'loaded', now, session.result_id), revokesShares: true }]
}

function reset(session: Session, { event }: Command, { now }: Dependencies): Change[] {
  return [{ transition: step(session, event, 'initial', now, null), revokesShares: true }]
}

function nothing(): Change[] {
  return []
}
