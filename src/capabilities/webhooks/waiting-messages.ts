import { Counts } from '../../concurrency/counts'
import { messagesBeyond, messagesInTotal, messagesOfOrganisation, messagesWaiting } from './model'

/**
 * Counts all messages in a process that wait for delivery or are being read, for all endpoints together, to bound their
 * memory.
 */
export class WaitingMessages {
  #total = 0
  readonly #ofPrincipal = new Counts()

  /** `most` is the maximum number of messages in the process. Only tests set it. */
  constructor(readonly most = messagesInTotal) {}

  add(principal: string, count: number): void {
    this.#total += count
    this.#ofPrincipal.add(principal, count)
  }

  /**
   * Returns how many more messages can be read for an endpoint with `pending` messages. The limits apply to the process
   * and to each organisation. Each endpoint can exceed these limits by a few messages, so that its delivery always
   * makes progress.
   */
  roomFor(principal: string, pending: number): number {
    const shared = Math.min(this.most - this.#total, messagesOfOrganisation - this.#ofPrincipal.of(principal))
    return Math.max(messagesBeyond - pending, Math.min(messagesWaiting - pending, shared))
  }
}
