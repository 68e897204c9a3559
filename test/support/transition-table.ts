import type { SessionEvent, State } from '../../src/domain/session'

/**
 * What an event does to a session. `share` and `revoke` change nothing if a link is live already, or if none is. `stay`
 * adds a transition to the same state.
 */
export type Move =
  | 'refuse'
  | 'nothing'
  | 'calculate'
  | 'calculate other inputs'
  | 'repeat'
  | 'share'
  | 'revoke'
  | 'reset'
  | 'stay'

export const rows = ['initial', 'loaded', 'error', 'error with a result'] as const
export type Row = (typeof rows)[number]

/** The tests' only statement of the transition table. Sessions list the events that they accept in this order. */
export const moves: Record<SessionEvent, Record<Row, Move>> = {
  CalculateRequested: {
    initial: 'calculate',
    loaded: 'calculate other inputs',
    error: 'calculate',
    'error with a result': 'calculate',
  },
  ShareRequested: { initial: 'refuse', loaded: 'share', error: 'refuse', 'error with a result': 'share' },
  ShareRevokeRequested: { initial: 'refuse', loaded: 'revoke', error: 'revoke', 'error with a result': 'revoke' },
  ResetRequested: { initial: 'nothing', loaded: 'reset', error: 'reset', 'error with a result': 'reset' },
  RetryRequested: { initial: 'refuse', loaded: 'refuse', error: 'repeat', 'error with a result': 'repeat' },
  ReassignRequested: { initial: 'stay', loaded: 'stay', error: 'stay', 'error with a result': 'stay' },
}
export const events = Object.keys(moves) as SessionEvent[]

export const rowOf = (state: State, hasResult: boolean): Row =>
  state === 'error' && hasResult ? 'error with a result' : (state as Row)

export const allowedIn = (row: Row): SessionEvent[] => events.filter(event => moves[event][row] !== 'refuse')

/** The states that a session passes through if the calculator works. */
export function statesAfter(move: Move, from: State): State[] {
  switch (move) {
    case 'refuse':
    case 'nothing':
      return []
    case 'calculate':
    case 'calculate other inputs':
    case 'repeat':
      return ['loading', 'loaded']
    case 'share':
    case 'revoke':
      return ['loaded']
    case 'reset':
      return ['initial']
    case 'stay':
      return [from]
  }
}
