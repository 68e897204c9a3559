import type { Signal } from '../concurrency/deadline'
import type { UseCases } from '../use-cases'
import type { TimeSlices } from './time-slices'

export interface Context extends UseCases {
  request_id: string
  /** HTTP socket or WebSocket. Fair queues alternate between a principal's connections. */
  connection: object
  /**
   * Whether the operation selects a field named `result`. Reading sessions without results, inputs and share links
   * saves more than a quarter of a read's CPU time.
   */
  selectsResult: boolean
  /** Cursor or sequence number after which a subscription resumes. Overrides the argument `after`. */
  resume?: string | number
  /** Aborted once the client no longer waits for the result. */
  signal?: Signal
  /** Absent if the GraphQL operation is short. */
  timeSlices?: TimeSlices
}
