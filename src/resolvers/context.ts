import type { Signal } from '../concurrency/deadline'
import type { UseCases } from '../use-cases'
import type { TimeSlices } from './time-slices'

export interface Context extends UseCases {
  request_id: string
  /**
   * HTTP socket or WebSocket that the operation arrived on. Fair queues alternate between a principal's connections.
   */
  connection: object
  /**
   * Whether the operation selects a field named `result`. If so, sessions are read together with their results.
   * Otherwise, sessions are read without results, inputs and share links, which are most of the data. Omitting this data
   * saves more than a quarter of a read's CPU time.
   */
  selectsResult: boolean
  /** Cursor or sequence number after which a subscription resumes. Overrides the argument `after`. */
  resume?: string | number
  /** Aborted once the client no longer waits for the result. */
  signal?: Signal
  /**
   * Runs a long operation in slices that yield to the event loop. `timeSlices` is absent if the GraphQL operation is
   * short.
   */
  timeSlices?: TimeSlices
}
