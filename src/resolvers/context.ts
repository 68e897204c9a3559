import type { Feed } from '../feed/feed'
import type { Sessions } from '../sessions/sessions'
import type { Totals } from '../totals/totals'

/** What every operation is handed. */
export interface Context {
  sessions: Sessions
  totals: Totals
  feed: Feed
  request_id: string
  /** Whether the client is still there. */
  wanted?: () => boolean
}
