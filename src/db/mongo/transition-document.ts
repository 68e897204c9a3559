import type { Change, State, Transition, TransitionEvent } from '../../domain/session'
import { timestamp } from '../../domain/timestamp'

/** The id of the write that added this element (see BatchedWrites). Of a write's transitions, only the first has it. */
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

/** A stored transition. Its sequence is its position. */
export interface TransitionDocument extends Written {
  /** Codes of the event, the former state and the new state, such as `Cgl`. */
  s: string
  at: Date
  /** The session's result, null if it has none. If this is missing, it is that of the transition before. */
  r?: string | null
  by?: string
}

/** Returns changes as transitions of a document. The first one states its result if `isWhole`. */
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

/** Returns stored transitions. `before` is the result after the transition before them. */
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
