import type { UseCases } from '../use-cases'

/** What every operation is handed. */
export interface Context extends UseCases {
  request_id: string
  /** Whether the client is still there. */
  wanted?: () => boolean
}
