import type { UndefinedReason } from '../../domain/calculator'

/** Why a result has no such output, in words. */
export const undefinedBecause: Record<UndefinedReason, string> = {
  no_sessions: 'no sessions were held',
  no_minutes: 'the sessions have no length',
  zero_cost: 'the sessions cost nothing',
  zero_value: 'an hour is valued at nothing',
}
