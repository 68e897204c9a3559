import type { Calculator, Inputs } from '../../src/domain/calculator'
import * as decisions from '../../src/domain/decide'
import { startSchema } from '../../src/domain/decide'
import { DomainError, type ErrorCode, type Facts, valid } from '../../src/domain/errors'
import type { Command } from '../../src/domain/session'
import * as domain from '../../src/domain/session'
import { calculate } from '../../src/domain/time-value'
import type { Timestamp } from '../../src/domain/timestamp'

type Session = domain.Session

export const inputs: Inputs = { sessions: 25, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30 }
export const otherInputs: Inputs = { ...inputs, sessions: 26 }

export const started = '2026-03-26T09:00:00.000Z'
export const now = '2026-03-26T09:15:00.000Z'

export const CalculateRequested = (payload: Inputs = inputs): Command => ({ event: 'CalculateRequested', payload })
export const ShareRequested: Command = { event: 'ShareRequested' }
export const ShareRequestedFor = (expires_in_days: number): Command => ({
  event: 'ShareRequested',
  payload: { expires_in_days },
})
export const ShareRevokeRequested: Command = { event: 'ShareRevokeRequested' }
export const ResetRequested: Command = { event: 'ResetRequested' }
export const RetryRequested: Command = { event: 'RetryRequested' }
export const ReassignRequested: Command = {
  event: 'ReassignRequested',
  payload: { mentor_id: 'other_mentor', organisation_id: 'other_org' },
}

/** A command with the time at which it comes and the calculator that it meets. */
export interface Happening {
  command: Command
  at: Timestamp
  calculator: Calculator
}

export const defect = new Error('the calculator broke')

const happening = (what: Command | Happening): Happening =>
  'command' in what ? what : { command: what, at: now, calculator: calculate }

export const at = (time: Timestamp, what: Command | Happening): Happening => ({ ...happening(what), at: time })

/** The same, meeting a calculator that throws. */
export const failing = (what: Command | Happening): Happening => ({
  ...happening(what),
  calculator: () => {
    throw defect
  },
})

export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(frozen)
  }
  return value
}

/** The ids of a session's results and shares are counted: calc_1, calc_2, …; token_1, … */
function means({ at, calculator }: Happening, ids: { results: number; tokens: number }): decisions.Dependencies {
  return {
    now: at,
    calculate: calculator,
    newResultId: () => `calc_${++ids.results}`,
    newToken: () => `token_${++ids.tokens}`,
  }
}

export const evolved = (session: Session, changes: domain.Change[]): Session =>
  changes.reduce((session, change) => frozen(domain.evolve(session, change)), session)

/** `initial → loading`, as the transitions of `thenEmits` are written. */
const arrow = ({ from, to }: domain.Transition): string => `${from} → ${to}`

/** The start of a session for whom a client states. */
export const start = (who: object, session_id: string, now: Timestamp): ReturnType<typeof decisions.start> =>
  decisions.start(valid(startSchema, who), session_id, now)

/** A session that has just begun, and whatever happened to it since: what it refused is a mistake in the test. */
export function given(...happenings: (Command | Happening)[]) {
  const ids = { results: 0, tokens: 0 }
  let { session } = start({ mentor_id: 'mentor_001', organisation_id: 'org_42' }, 'session_1', started)
  frozen(session)
  for (const each of happenings.map(happening)) {
    session = evolved(session, frozen(decisions.decide(session, frozen(each.command), means(each, ids))))
  }
  return givenSession(session, ids)
}

export function givenSession(session: Session, ids = { results: 0, tokens: 0 }) {
  const when = (what: Command | Happening) => outcome(session, happening(what), ids)
  /** Returns the session after it. */
  const apply = (what: Command | Happening): Session =>
    evolved(session, decisions.decide(session, happening(what).command, means(happening(what), ids)))
  return { session, when, apply }
}

function outcome(session: Session, what: Happening, ids: { results: number; tokens: number }) {
  const decide = () => frozen(decisions.decide(frozen(session), frozen(what.command), means(what, { ...ids })))
  return {
    /** These transitions come out, all made by the event at its time; the session is in the last one's state. */
    thenEmits(...arrows: string[]) {
      const changes = decide()
      const after = evolved(session, changes)
      const transitions = changes.map(({ transition }) => transition)
      expect(transitions.map(arrow)).toEqual(arrows)
      expect(transitions.map(({ event, at }) => ({ event, at }))).toEqual(
        arrows.map(() => ({ event: what.command.event, at: what.at })),
      )
      expect(transitions.map(({ sequence }) => sequence)).toEqual(arrows.map((_, i) => session.version + 1 + i))
      expect(after).toMatchObject({
        state: transitions.at(-1)?.to,
        last_event: what.command.event,
        updated_at: what.at,
        version: session.version + arrows.length,
        result_id: transitions.at(-1)?.result_id,
      })
      return { session: after, changes }
    },
    thenNothing() {
      expect(decide()).toEqual([])
    },
    thenRefused<C extends ErrorCode>(code: C, facts: Facts[C]) {
      expect(refusal(decide)).toMatchObject({ code, facts })
    },
  }
}

/** The DomainError that `work` throws. */
export function refusal(work: () => unknown): DomainError {
  try {
    work()
  } catch (error) {
    if (error instanceof DomainError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
