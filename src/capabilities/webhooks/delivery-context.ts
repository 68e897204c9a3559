import type { Logger } from 'pino'
import type { Store } from '../../db/store'
import { isDomainError } from '../../domain/errors'
import type { Feed } from '../../feed/feed'
import type { SaveRounds } from './save-rounds'
import type { WebhookSender } from './sender'
import type { WaitingMessages } from './waiting-messages'
import type { WorkQueue } from './work-queue'

/** Dependencies and limits that all webhook deliveries of a process share. */
export interface DeliveryContext {
  store: Store
  feed: Feed
  sender: WebhookSender
  log: Logger
  /** Id under which this process owns endpoint leases. */
  owner: string
  requiresTokens: boolean
  /** Delays in ms before a message's retries. Only tests set them. */
  retryDelaysMs?: readonly number[] | undefined
  /** Called at the end of each delivery attempt, with `succeeded` or the attempt's error. */
  onAttempt(outcome: string): void
  messages: WaitingMessages
  /** Queue that limits the concurrent attempts of all endpoints together. */
  attempts: WorkQueue
  saves: SaveRounds
  mayDeliver(): boolean
}

/**
 * Logs a failure that causes a retry. Does not log that the store is unavailable, because the store itself logs that.
 */
export function logFailure(
  { log }: Pick<DeliveryContext, 'log'>,
  facts: { endpoint_id: string; err: unknown },
  msg: string,
): void {
  if (isDomainError(facts.err, 'unavailable')) return
  log.warn(facts, msg)
}
