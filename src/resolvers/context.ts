import type { ServerResponse } from 'node:http'
import type { UseCases } from '../use-cases'

/** What every operation is handed. */
export interface Context extends UseCases {
  request_id: string
  /** Where the answer goes, over HTTP. */
  response?: ServerResponse
  /** Where a subscription goes on, whatever its `after` says. */
  resume?: string | number
  /** Whether the client is still there. */
  wanted?: () => boolean
}
