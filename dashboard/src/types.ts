import type { UndefinedReason } from '../../src/domain/calculator'

export type SessionState = 'INITIAL' | 'LOADING' | 'LOADED' | 'ERROR' | 'CLOSED'

export type SessionEvent =
  | 'CALCULATE_REQUESTED'
  | 'SHARE_REQUESTED'
  | 'SHARE_REVOKE_REQUESTED'
  | 'RESET_REQUESTED'
  | 'RETRY_REQUESTED'

export type TransitionEvent = SessionEvent | 'SESSION_STARTED' | 'SESSION_CLOSED'

export interface Period {
  from: string
  to: string
}

/** What a calculation may say that its numbers are of. */
export interface Stated {
  label: string | null
  currency: string | null
  period: Period | null
}

export interface Numbers {
  sessions: number
  avgMinutes: number
  costPerSession: number
  costPerHour: number
}

export interface Inputs extends Numbers, Stated {}

export interface Outputs {
  totalMinutes: number
  totalHours: number
  programmeCost: number
  timeValue: number
  netBenefit: number
  benefitCostRatio: number | null
  roiPercent: number | null
  costPerHourDelivered: number | null
  valuePerSession: number | null
  netPerSession: number | null
  breakEvenMinutes: number | null
  undefinedBecause: { output: string; reason: Uppercase<UndefinedReason> }[]
}

interface Standing {
  id: string
  mentorId: string
  organisationId: string | null
  state: SessionState
  lastEvent: SessionEvent | null
  version: number
  createdAt: string
  updatedAt: string
}

/** A session as the list shows it. */
export interface Listed extends Standing {
  /** By what it stands in the order of the list; null stands last. */
  key: string | number | null
  result: {
    inputs: Stated
    outputs: Pick<Outputs, 'totalHours' | 'programmeCost' | 'timeValue' | 'benefitCostRatio'>
  } | null
}

export interface Transition {
  event: TransitionEvent
  from: SessionState | null
  to: SessionState
  sequence: number
  at: string
  resultId: string | null
  /** Who made it; null where no tokens are asked for. */
  by: string | null
}

export interface Result {
  id: string
  inputs: Inputs
  outputs: Outputs
  method: string
  caveat: string
  computedAt: string
}

export interface Session extends Standing {
  allowedEvents: SessionEvent[]
  result: Result | null
  /** Newest first, the current one too. */
  results: { id: string; computedAt: string; inputs: Stated; outputs: Pick<Outputs, 'netBenefit'> }[]
  /** Those that can be followed, of former results too. */
  shares: { path: string; resultId: string; expiresAt: string }[]
}

/** Sums of results. */
export interface Amounts
  extends Pick<Outputs, 'totalHours' | 'programmeCost' | 'timeValue' | 'netBenefit' | 'benefitCostRatio'> {
  /** Null where none is stated. */
  currency: string | null
  results: number
  /** Mentoring sessions. */
  sessionsHeld: number
}

export interface Summary {
  sessions: number
  states: { state: SessionState; count: number }[]
  /** An entry a currency, those of most results first. */
  amounts: Amounts[]
  calculations: { minute: string; count: number }[]
}
