import type { UndefinedReason } from '../../src/domain/calculator'
import { undefinedBecause as sentences } from '../../src/rest/pages/undefined-because'
import type { Outputs, SessionEvent, SessionState, TransitionEvent } from './types'

export const stateNames: Record<SessionState, string> = {
  INITIAL: 'Initial',
  LOADING: 'Loading',
  LOADED: 'Loaded',
  ERROR: 'Error',
  CLOSED: 'Closed',
}

export const eventNames: Record<TransitionEvent, string> = {
  SESSION_STARTED: 'Started',
  CALCULATE_REQUESTED: 'Calculation requested',
  SHARE_REQUESTED: 'Share requested',
  SHARE_REVOKE_REQUESTED: 'Share revoke requested',
  RESET_REQUESTED: 'Reset requested',
  RETRY_REQUESTED: 'Retry requested',
  SESSION_CLOSED: 'Closed',
} satisfies Record<SessionEvent | TransitionEvent, string>

/** Why an output is missing. */
export function reasonFor(output: keyof Outputs, { undefinedBecause }: Outputs): string {
  const found = undefinedBecause.find(missing => missing.output === output)
  return found ? sentences[found.reason.toLowerCase() as UndefinedReason] : 'not known'
}
