import { FairQueue, type Requester } from '../../concurrency/fair-queue'
import { runLater } from '../../concurrency/scheduler'
import { type SlotLimits, Slots } from '../../concurrency/slots'

/** Work whose promise never rejects. */
type Work = () => Promise<void>

/**
 * Limits the concurrent work for all webhook endpoints in a process. Organisations take turns, and so do the endpoints
 * of an organisation. Each endpoint has only a few attempts at a time, so the number of endpoints bounds the queue's length.
 */
export class WorkQueue {
  readonly #queue = new FairQueue<Work>()
  readonly #slots: Slots
  #isScheduled = false

  constructor(limits: SlotLimits) {
    this.#slots = new Slots(limits)
  }

  /**
   * Queues work, and runs it when its turn comes. Resolves with the work's result, or with undefined if the signal is
   * aborted before the work's turn.
   */
  async run<T>(requester: Requester, signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
    if (signal.aborted) return undefined
    const { promise, resolve, reject } = Promise.withResolvers<T | undefined>()
    const item = (): Promise<void> => work().then(resolve, reject)
    const leave = (): void => {
      if (this.#queue.delete(requester, item)) resolve(undefined)
    }
    signal.addEventListener('abort', leave)
    this.#queue.push(requester, item)
    this.#schedule()
    try {
      return await promise
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  readonly #mayAcquire = (principal: string): boolean => this.#slots.mayAcquire(principal)

  #schedule(): void {
    if (this.#isScheduled || !this.#queue.peek(this.#mayAcquire)) return
    this.#isScheduled = true
    runLater(() => {
      this.#isScheduled = false
      this.#beginNext()
      this.#schedule()
    })
  }

  #beginNext(): void {
    const next = this.#queue.shift(this.#mayAcquire)
    if (!next) return
    const release = this.#slots.acquire(next.requester.principal)
    void next.item().finally(() => {
      release()
      this.#schedule()
    })
  }
}
