import type {
  CalculationInputValues,
  Session as ClientSession,
  Transition as ClientTransition,
  CalculationOutputs as Outputs,
  Result,
  Share,
} from '../../packages/client/src/index.js'

export type {
  CalculationInputValues as Inputs,
  CalculationOutputs as Outputs,
  CostPerHourRange as Range,
  Period,
  Result,
  SessionEvent,
  SessionState,
  TransitionEvent,
} from '../../packages/client/src/index.js'

/** Optional members that describe the numbers of a calculation. */
export type Details = Pick<CalculationInputValues, 'label' | 'currency' | 'period'>

export type Numbers = Pick<CalculationInputValues, 'sessions' | 'avgMinutes' | 'costPerSession' | 'costPerHour'>

type SessionBase = Omit<ClientSession, 'resultId' | 'result' | 'allowedEvents'>

/** A session in the form that the list shows. */
export interface ListedSession extends SessionBase {
  /** Sort key in the order of the list. Null sorts last. */
  key: string | number | null
  result: {
    computedAt: string
    inputs: Details
    outputs: Pick<Outputs, 'totalHours' | 'programmeCost' | 'timeValue' | 'benefitCostRatio'>
  } | null
}

export type Transition = Omit<ClientTransition, 'session'>

export interface Session extends SessionBase, Pick<ClientSession, 'allowedEvents' | 'result'> {
  /** Newest first, including the current one. */
  results: (Pick<Result, 'id' | 'computedAt'> & { inputs: Details; outputs: Pick<Outputs, 'netBenefit'> })[]
  /** Live share links, including those of older results. */
  shares: Share[]
}
