import { Counts } from '../../concurrency/counts'
import { messagesBeyond, messagesInTotal, messagesOfOrganisation, messagesWaiting } from './model'

/** Counts the messages that wait or are being read for all endpoints of a process, to bound their memory. */
export class WaitingMessages {
  #total = 0
  readonly #ofPrincipal = new Counts()

  /** `most` limits all messages. Only tests set it. */
  constructor(readonly most = messagesInTotal) {}

  add(principal: string, count: number): void {
    this.#total += count
    this.#ofPrincipal.add(principal, count)
  }

  /**
   * Returns how many more messages an endpoint with `pending` messages may read. All endpoints share one total, of
   * which the endpoints of one organisation may use only a part. Even beyond these limits, each endpoint may have a few
   * messages, so that it makes progress.
   */
  roomFor(principal: string, pending: number): number {
    const shared = Math.min(this.most - this.#total, messagesOfOrganisation - this.#ofPrincipal.of(principal))
    return Math.max(messagesBeyond - pending, Math.min(messagesWaiting - pending, shared))
  }
}
