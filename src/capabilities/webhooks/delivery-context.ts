import type { Logger } from 'pino'
import type { Store } from '../../db/store'
import { DomainError } from '../../domain/errors'
import type { Feed } from '../../feed/feed'
import type { WebhookSender } from './sender'
import type { Turns } from './turns'
import type { WaitingMessages } from './waiting-messages'

/** Context shared by the deliveries of one process. */
export interface DeliveryContext {
  store: Store
  feed: Feed
  sender: WebhookSender
  log: Logger
  /** Id of this process as the owner of leases. */
  owner: string
  requiresTokens: boolean
  /** Delays before retries. Only tests set them. */
  retryDelaysMs?: readonly number[] | undefined
  /** Called at the end of each attempt, with `succeeded` or the attempt's error. */
  onAttempt(outcome: string): void
  messages: WaitingMessages
  /** Turns for the attempts and the saves of all endpoints. */
  attempts: Turns
  saves: Turns
  mayDeliver(): boolean
}

/** Logs why work is repeated, unless the store is unavailable, which the store's own reads log. */
export function logFailure(
  { log }: Pick<DeliveryContext, 'log'>,
  endpoint_id: string,
  err: unknown,
  msg: string,
): void {
  if (err instanceof DomainError && err.code === 'unavailable') return
  log.warn({ endpoint_id, err }, msg)
}
