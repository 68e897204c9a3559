import type { UndefinedReason } from '../../src/domain/calculator'

export type SessionState = 'INITIAL' | 'LOADING' | 'LOADED' | 'ERROR' | 'CLOSED'

export type SessionEvent =
  | 'CALCULATE_REQUESTED'
  | 'SHARE_REQUESTED'
  | 'SHARE_REVOKE_REQUESTED'
  | 'RESET_REQUESTED'
  | 'RETRY_REQUESTED'

export type TransitionEvent = SessionEvent | 'SESSION_STARTED' | 'SESSION_CLOSED'

export interface Inputs {
  sessions: number
  avgMinutes: number
  costPerSession: number
  costPerHour: number
}

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

/** A session as the list shows it. */
export interface Listed {
  id: string
  mentorId: string
  organisationId: string | null
  state: SessionState
  lastEvent: SessionEvent | null
  version: number
  createdAt: string
  updatedAt: string
  result: { outputs: Pick<Outputs, 'netBenefit' | 'benefitCostRatio'> } | null
}

export interface Transition {
  event: TransitionEvent
  from: SessionState | null
  to: SessionState
  sequence: number
  at: string
}

export interface Result {
  id: string
  inputs: Inputs
  outputs: Outputs
  method: string
  caveat: string
  computedAt: string
}

export interface Session extends Omit<Listed, 'result'> {
  allowedEvents: SessionEvent[]
  result: Result | null
  share: { path: string; expiresAt: string } | null
}

export interface Summary {
  sessions: number
  states: { state: SessionState; count: number }[]
  results: number
  programmeCost: number
  timeValue: number
  netBenefit: number
  benefitCostRatio: number | null
  calculations: { minute: string; count: number }[]
}
