import { FairQueue, type Requester } from '../../concurrency/fair-queue'
import { runLater } from '../../concurrency/scheduler'
import { type SlotLimits, Slots } from '../../concurrency/slots'

/** Work that never rejects. */
type Work = () => Promise<void>

/**
 * Bounds concurrent work of all endpoints of a process. Work that waits takes turns by organisation, then by endpoint. An
 * endpoint requests one piece of work at a time, so the queue is bounded by the number of endpoints.
 */
export class Turns {
  readonly #queue = new FairQueue<Work>()
  readonly #slots: Slots
  #isScheduled = false

  constructor(limits: SlotLimits) {
    this.#slots = new Slots(limits)
  }

  /** Runs the work in its turn. Work that waits already is not added again. */
  request(requester: Requester, work: Work): void {
    this.#queue.push(requester, work)
    this.#schedule()
  }

  /** Removes the work from the queue. Work that has begun is not affected. */
  cancel(requester: Requester, work: Work): void {
    this.#queue.delete(requester, work)
  }

  readonly #mayTake = (principal: string): boolean => this.#slots.mayTake(principal)

  #schedule(): void {
    if (this.#isScheduled || !this.#queue.peek(this.#mayTake)) return
    this.#isScheduled = true
    runLater(() => {
      this.#isScheduled = false
      this.#beginNext()
      this.#schedule()
    })
  }

  #beginNext(): void {
    const next = this.#queue.shift(this.#mayTake)
    if (!next) return
    const leave = this.#slots.take(next.requester.principal)
    void next.item().finally(() => {
      leave()
      this.#schedule()
    })
  }
}
