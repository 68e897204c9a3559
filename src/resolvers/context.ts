import type { Feed } from '../feed/feed'
import type { Sessions } from '../sessions/sessions'

/** What every operation is handed. */
export interface Context {
  sessions: Sessions
  feed: Feed
  request_id: string
  /** Whether the client is still there. */
  wanted?: () => boolean
}
