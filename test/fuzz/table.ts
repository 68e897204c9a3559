import type { SessionEvent } from '../../src/domain/session'

/** The states in which a session can be found. */
export type Rest = 'initial' | 'loaded' | 'error'
/** What an event does; the first two change nothing. */
export type Move =
  | 'refuse'
  | 'nothing'
  | 'calculate'
  | 'unless same'
  | 'repeat'
  | 'share'
  | 'share if any'
  | 'renew'
  | 'revoke'
  | 'reset'
  | 'reassign'

export const order = [
  'CalculateRequested',
  'ShareRequested',
  'ShareRevokeRequested',
  'ResetRequested',
  'RetryRequested',
  'ReassignRequested',
] as const

export const table: Record<Rest, Record<SessionEvent, Move>> = {
  initial: {
    CalculateRequested: 'calculate',
    ShareRequested: 'refuse',
    ShareRevokeRequested: 'refuse',
    ResetRequested: 'nothing',
    RetryRequested: 'refuse',
    ReassignRequested: 'reassign',
  },
  loaded: {
    CalculateRequested: 'unless same',
    ShareRequested: 'share',
    ShareRevokeRequested: 'revoke',
    ResetRequested: 'reset',
    RetryRequested: 'refuse',
    ReassignRequested: 'reassign',
  },
  error: {
    CalculateRequested: 'calculate',
    ShareRequested: 'share if any',
    ShareRevokeRequested: 'revoke',
    ResetRequested: 'reset',
    RetryRequested: 'repeat',
    ReassignRequested: 'reassign',
  },
}
