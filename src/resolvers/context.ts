import type { UseCases } from '../use-cases'

/** What every operation is handed. */
export interface Context extends UseCases {
  request_id: string
  /** Where the answer goes, over HTTP. */
  response?: object
  /** Whether the client is still there. */
  wanted?: () => boolean
}
