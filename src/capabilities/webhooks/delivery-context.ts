import type { Logger } from 'pino'
import type { Store } from '../../db/store'
import { DomainError } from '../../domain/errors'
import type { Feed } from '../../feed/feed'
import type { WebhookSender } from './sender'
import type { Turns } from './turns'
import type { WaitingMessages } from './waiting-messages'

/** What the deliveries of one process share. */
export interface DeliveryContext {
  store: Store
  feed: Feed
  sender: WebhookSender
  log: Logger
  /** Id of this process as the owner of leases. */
  owner: string
  requiresTokens: boolean
  /** Waits before retries. Only tests set them. */
  retryDelaysMs?: readonly number[] | undefined
  /** Called when an attempt ended, with `succeeded` or the attempt's error. */
  onAttempt(outcome: string): void
  messages: WaitingMessages
  /** Turns for the attempts and the saves of all endpoints. */
  attempts: Turns
  saves: Turns
  mayDeliver(): boolean
}

/** Logs why work is repeated. The store's own reads log that the store can't be reached. */
export function logFailure(
  { log }: Pick<DeliveryContext, 'log'>,
  endpoint_id: string,
  err: unknown,
  msg: string,
): void {
  if (err instanceof DomainError && err.code === 'unavailable') return
  log.warn({ endpoint_id, err }, msg)
}
