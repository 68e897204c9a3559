import type { ServerResponse } from 'node:http'
import type { Signal } from '../concurrency/deadline'
import type { UseCases } from '../use-cases'
import type { Turns } from './turns'

/** Context value of every operation. */
export interface Context extends UseCases {
  request_id: string
  /** The socket or WebSocket connection. Subscriptions of one connection take turns with those of others. */
  connection: object
  /** HTTP response of the operation. Absent over WebSocket and in streamed responses. */
  response?: ServerResponse
  /** Cursor or sequence after which a subscription resumes. Overrides its `after`. */
  resume?: string | number
  /** Aborted once the client no longer waits for the result. */
  signal?: Signal
  /** Turns in which the parts of a long operation are executed. Absent if the operation is short. */
  turns?: Turns
}
