import type {
  CalculationInputValues,
  Session as ClientSession,
  Transition as ClientTransition,
  CalculationOutputs as Outputs,
  Result,
  Share,
} from '../../packages/client/src/index.js'
import type { SortKey } from '../../src/domain/sort-key'

export type {
  CalculationInputValues as Inputs,
  CalculationOutputs as Outputs,
  CostPerHourRange as Range,
  EventWithoutPayload,
  Period,
  Result,
  SessionEvent,
  SessionState,
  TransitionEvent,
} from '../../packages/client/src/index.js'

/** Optional inputs that describe a calculation: its label, currency and period. */
export type Details = Pick<CalculationInputValues, 'label' | 'currency' | 'period'>

export type Numbers = Pick<CalculationInputValues, 'sessions' | 'avgMinutes' | 'costPerSession' | 'costPerHour'>

type SessionBase = Omit<ClientSession, 'externalId' | 'resultId' | 'result' | 'allowedEvents'>

export type OwnerKind = 'mentor' | 'organisation'

/** The mentor and the organisation of a calculation. The organisation of a calculation is optional. */
export type Owner = Pick<ClientSession, 'mentorId' | 'organisationId'>

/** A session, limited to the fields that the list shows. */
export interface ListedSession extends SessionBase {
  /** The session's sort key in the list's current order. Null sorts last. */
  key: SortKey['key']
  result:
    | (Pick<Result, 'computedAt'> & {
        inputs: Details
        outputs: Pick<Outputs, 'totalHours' | 'programmeCost' | 'timeValue' | 'benefitCostRatio'>
      })
    | null
}

export type Transition = Omit<ClientTransition, 'session'>

export interface Session extends SessionBase, Pick<ClientSession, 'allowedEvents' | 'result'> {
  /** The session's results, including the current one, newest first. */
  results: (Pick<Result, 'id' | 'resultId' | 'computedAt'> & {
    inputs: Details
    outputs: Pick<Outputs, 'netBenefit'>
  })[]
  /** The session's share links that still work, including links to older results. */
  shares: Share[]
}
