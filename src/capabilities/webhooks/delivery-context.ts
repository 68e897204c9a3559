import type { Logger } from 'pino'
import type { Store } from '../../db/store'
import { DomainError } from '../../domain/errors'
import type { Feed } from '../../feed/feed'
import type { WebhookSender } from './sender'
import type { Turns } from './turns'
import type { WaitingMessages } from './waiting-messages'

/** What the deliveries of a process share. */
export interface DeliveryContext {
  store: Store
  feed: Feed
  sender: WebhookSender
  log: Logger
  /** Id of this process, which holds the leases. */
  owner: string
  requiresTokens: boolean
  /** Waits before retries; those of the domain unless a test sets them. */
  retryDelaysMs?: readonly number[] | undefined
  /** An attempt ended: `succeeded`, or its error. */
  onAttempt(outcome: string): void
  messages: WaitingMessages
  /** Attempts and saves of all endpoints. */
  attempts: Turns
  saves: Turns
  /** Whether the leases of this process are valid now. */
  mayDeliver(): boolean
}

/** Logs why work is repeated, unless the store can't be reached: the store's own reads log that. */
export function logFailure(
  { log }: Pick<DeliveryContext, 'log'>,
  endpoint_id: string,
  err: unknown,
  msg: string,
): void {
  if (err instanceof DomainError && err.code === 'unavailable') return
  log.warn({ endpoint_id, err }, msg)
}
