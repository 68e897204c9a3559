import type { ServerResponse } from 'node:http'
import type { Signal } from '../concurrency/deadline'
import type { UseCases } from '../use-cases'
import type { Turns } from './turns'

export interface Context extends UseCases {
  request_id: string
  /** The HTTP socket or the WebSocket connection. Connections of one principal take turns. */
  connection: object
  /** HTTP response to the operation. Absent over WebSocket and in streamed responses. */
  response?: ServerResponse
  /** Cursor or sequence after which a subscription resumes. Overrides the operation's `after`. */
  resume?: string | number
  /** Aborted once the client no longer waits for the result. */
  signal?: Signal
  /** Runs the parts of a long operation in turns. Absent if the operation is short. */
  turns?: Turns
}
