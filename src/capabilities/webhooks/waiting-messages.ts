import { Counts } from '../../concurrency/counts'
import { messagesBeyond, messagesInTotal, messagesOfOrganisation, messagesWaiting } from './model'

/** Counts the messages of all endpoints of a process that wait or are being read, so that they do not take up the memory. */
export class WaitingMessages {
  #total = 0
  readonly #ofPrincipal = new Counts()

  /** A test sets the maximum of all messages. */
  constructor(readonly most = messagesInTotal) {}

  add(principal: string, count: number): void {
    this.#total += count
    this.#ofPrincipal.add(principal, count)
  }

  /**
   * Returns how many more messages an endpoint may read that has `pending`. Endpoints share a total, of which one
   * organisation may have a part. Each endpoint may have a few beyond it, so that it always proceeds.
   */
  roomFor(principal: string, pending: number): number {
    const shared = Math.min(this.most - this.#total, messagesOfOrganisation - this.#ofPrincipal.of(principal))
    return Math.max(messagesBeyond - pending, Math.min(messagesWaiting - pending, shared))
  }
}
