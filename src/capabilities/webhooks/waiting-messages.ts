import { Counts } from '../../concurrency/counts'
import { messagesBeyond, messagesInTotal, messagesOfOrganisation, messagesWaiting } from './model'

/**
 * Counts the messages that wait for delivery or are being read, for all of a process's endpoints together, to bound the
 * memory that messages use.
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
   * Returns how many more messages can be read for an endpoint that already has `pending` messages. The number of
   * waiting messages is limited per process and per organisation. Each endpoint can exceed these limits by a few
   * messages, so that its delivery always makes progress.
   */
  roomFor(principal: string, pending: number): number {
    const shared = Math.min(this.most - this.#total, messagesOfOrganisation - this.#ofPrincipal.of(principal))
    return Math.max(messagesBeyond - pending, Math.min(messagesWaiting - pending, shared))
  }
}
