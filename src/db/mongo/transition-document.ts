import type { Change, State, Transition, TransitionEvent } from '../../domain/session'
import { timestamp } from '../../domain/timestamp'

/** Of several transitions that one write adds, only the first contains the write's id (see `BatchedWrites`). */
export interface Written {
  write?: string
}

const eventCodes: Record<TransitionEvent, string> = {
  SessionStarted: 'S',
  CalculateRequested: 'C',
  ShareRequested: 'H',
  ShareRevokeRequested: 'V',
  ResetRequested: 'R',
  RetryRequested: 'T',
  ReassignRequested: 'A',
  SessionClosed: 'X',
}
export const stateCodes: Record<State, string> = { initial: 'i', loading: 'g', loaded: 'l', error: 'e', closed: 'x' }
const noState = '-'

const byCode = <Name extends string>(codes: Record<Name, string>): Record<string, Name> =>
  Object.fromEntries(Object.entries(codes).map(([name, code]) => [code, name]))
const events = byCode(eventCodes)
export const statesByCode = byCode(stateCodes)

/** The transition's position in the array defines its sequence number. */
export interface TransitionDocument extends Written {
  /** Codes of the event, the former state and the new state, such as `Cgl`. */
  s: string
  at: Date
  /** The result id after this transition, or null if there is none. Absent if the transition did not change it. */
  r?: string | null
  by?: string
}

/** With `isWhole`, the first transition always contains its result id. */
export function transitionDocuments(changes: Change[], isWhole: boolean): TransitionDocument[] {
  return changes.map(({ transition, result }, i) => {
    const { event, from, to, at, result_id, by } = transition
    const isKnown = result_id !== null && !result && !(isWhole && i === 0)
    return {
      s: eventCodes[event] + (from === null ? noState : stateCodes[from]) + stateCodes[to],
      at: new Date(at),
      ...(!isKnown && { r: result_id }),
      ...(by !== undefined && { by }),
    }
  })
}

/** `before` is the result id after the preceding transition. */
export function transitionsOf(
  stored: TransitionDocument[],
  firstSequence: number,
  before: string | null = null,
): Transition[] {
  let result_id = before
  return stored.map(({ s, at, r, by }, i) => {
    if (r !== undefined) result_id = r
    return {
      event: events[s.charAt(0)] as TransitionEvent,
      from: statesByCode[s.charAt(1)] ?? null,
      to: statesByCode[s.charAt(2)] as State,
      sequence: firstSequence + i,
      at: timestamp(at),
      result_id,
      ...(by !== undefined && { by }),
    }
  })
}
