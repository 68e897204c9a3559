import { randomUUID } from 'node:crypto'
import pino from 'pino'
import type { Store, Write } from '../../src/db/store'
import type { Calculator } from '../../src/domain/calculator'
import { close, decide, requireLiveShare, revokeShare, start, startSchema } from '../../src/domain/decide'
import { valid } from '../../src/domain/errors'
import type { IdempotencyRecord } from '../../src/domain/idempotency-record'
import {
  type Command,
  type CommandOf,
  contributionOf,
  evolve,
  type Session,
  type SessionEvent,
  withoutHistory,
} from '../../src/domain/session'
import { calculate } from '../../src/domain/time-value'
import { addMs, type Timestamp } from '../../src/domain/timestamp'
import { SessionCommands } from '../../src/sessions/session-commands'
import { inputsOf } from './inputs'

export const noon: Timestamp = '2026-03-26T12:00:00.000Z'

export const secondsAfter = (time: Timestamp, seconds: number): Timestamp => addMs(time, seconds * 1_000)

export const calculation = (sessions: number) => ({ event: 'CalculateRequested', payload: inputsOf(sessions) }) as const

export const quiet = pino({ level: 'silent' })

export const sessionsOver = (store: Store): SessionCommands => new SessionCommands({ store, log: quiet })

interface Who {
  session_id?: string
  mentor_id?: string
  organisation_id?: string | null
  external_id?: string | null
}

const usualStart = valid(startSchema, { mentor_id: 'mentor' })

export const starting = ({ session_id = randomUUID(), ...who }: Who = {}, at = noon): Write => ({
  ...start({ ...usualStart, ...who }, session_id, at),
  before: null,
})

type EventWithoutPayload = {
  [E in SessionEvent]: undefined extends CommandOf<E>['payload'] ? E : never
}[SessionEvent]

/** Returns the write that a command makes on a session. */
export function changing(
  session: Session,
  command: Command | EventWithoutPayload,
  at = noon,
  calculator: Calculator = calculate,
): Write {
  const changes = decide(session, typeof command === 'string' ? { event: command } : command, {
    now: at,
    calculate: calculator,
    newResultId: () => `calc_${randomUUID()}`,
    newToken: () => `token_${randomUUID()}`,
  })
  return { session: changes.reduce(evolve, session), changes, before: contributionOf(session) }
}

export function revoking(session: Session, token: string, at = noon): Write {
  const changes = revokeShare(session, requireLiveShare(session, token, at), at)
  return { session: changes.reduce(evolve, session), changes, before: contributionOf(session) }
}

/** A calculator that always throws. */
export const failing: Calculator = () => {
  throw new Error('the calculator broke')
}

export function closing(session: Session, at = noon): Write {
  const changes = close(session, at)
  return { session: changes.reduce(evolve, session), changes, before: contributionOf(session) }
}

/** Stores a session, and applies these commands to it. */
export async function stored(store: Store, who: Who = {}, commands: Command[] = [], at = noon): Promise<Session> {
  const first = starting(who, at)
  if (!(await store.sessions.add(first))) throw new Error(`${first.session.session_id} is taken`)
  let { session } = first
  for (const command of commands) {
    const write = changing(session, command, at)
    if (!(await store.sessions.save(write, session.version))) throw new Error(`${session.session_id} was not saved`)
    session = write.session
  }
  return session
}

export function idempotencyRecordOf({ session, changes }: Write, key: string, at = noon): IdempotencyRecord {
  return {
    key,
    request: `digest of ${key}`,
    at,
    session: withoutHistory(session),
    transitions: changes.map(change => change.transition),
  }
}
