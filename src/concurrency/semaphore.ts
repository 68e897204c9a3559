import { DomainError } from '../domain/errors'
import { stuckReadMs } from './coalesced-reads'
import { type Deadline, endsWithin } from './deadline'
import { FairQueue, type Requester } from './fair-queue'
import { runLater } from './scheduler'
import { type SlotLimits, Slots } from './slots'
import { beginWait, type WaitPlace } from './waits'

interface WorkRequest {
  key: string
  principal: string
  deadline: Deadline
}

interface Waiting {
  key: string
  /** One requester for each principal that requested the work. */
  requesters: Requester[]
  /** Number of requests that wait for the work. */
  requests: number
  /**
   * Whether the work is queued for a slot. Work that is not queued yet is waiting for running work with the same key to
   * end.
   */
  isQueued: boolean
  /** Frees the slot that was assigned to the work. */
  release: (() => void) | undefined
  grant: () => void
  refuse: (error: DomainError) => void
  turn: Promise<void>
  done: Promise<unknown>
}

/**
 * Limits concurrent work by slots, and shares work by key: for each key, at most one piece of work is running and at
 * most one is waiting. Waiting work is queued for every principal that requested it. If the queue is full, refuses the
 * latest work of the principal with the most waiting work. Work that several principals have requested is never refused
 * to make room.
 */
export class Semaphore {
  readonly #slots: Slots
  readonly #place: WaitPlace
  /** Promises that resolve when running work has ended, by the work's key. */
  readonly #running = new Map<string, Promise<void>>()
  readonly #waiting = new Map<string, Waiting>()
  readonly #queue: FairQueue<Waiting>

  constructor({ queue, ...limits }: SlotLimits & { queue: { waiting: number; place: WaitPlace } }) {
    this.#slots = new Slots(limits)
    this.#place = queue.place
    this.#queue = new FairQueue({
      waiting: queue.waiting,
      mayRefuse: ({ requesters }) => requesters.length === 1,
      refuse: work => this.#abandon(work),
    })
  }

  /**
   * Runs `work` once a slot is free and no work with the same key is running. If work with the same key is already
   * waiting, returns the outcome of the waiting work instead. The work always starts after the call of `run`, so a read
   * includes all commits made before the call. Throws unavailable if the queue is full, or if the deadline passes.
   * Waiting work is abandoned once all requests for the work have timed out. Running work occupies its slot until it
   * ends, even if all requests for the work have timed out.
   */
  async run<T>({ key, principal, deadline }: WorkRequest, work: () => Promise<T>): Promise<T> {
    const requester = { principal, connection: this }
    const same = this.#waiting.get(key)
    if (same) {
      this.#join(same, requester)
      return this.#doneBefore(deadline, same)
    }
    const running = this.#running.get(key)
    if (!running && this.#slots.mayAcquire(principal))
      return deadline.bound(this.#hold(this.#acquire(key, principal), work))
    this.#queue.makeRoomFor(principal, this.#waiting.size)
    const { promise: turn, resolve: grant, reject: refuse } = Promise.withResolvers<void>()
    const waiting: Waiting = {
      key,
      requesters: [requester],
      requests: 0,
      isQueued: false,
      release: undefined,
      grant,
      refuse,
      turn,
      done: turn,
    }
    this.#waiting.set(key, waiting)
    if (!running) this.#enqueue(waiting)
    waiting.done = this.#turn(waiting, running).then(release => this.#hold(release, work))
    return this.#doneBefore(deadline, waiting)
  }

  /** Returns the outcome of waiting work. Abandons the work if this was the last request that waits for it. */
  async #doneBefore<T>(deadline: Deadline, waiting: Waiting): Promise<T> {
    waiting.requests++
    try {
      return await deadline.bound(waiting.done as Promise<T>)
    } finally {
      if (--waiting.requests === 0) this.#abandon(waiting)
    }
  }

  /** Refuses waiting work. Does nothing if the work has started. */
  #abandon(waiting: Waiting): void {
    this.#remove(waiting)
    waiting.refuse(new DomainError('unavailable'))
  }

  #join(waiting: Waiting, requester: Requester): void {
    if (waiting.requesters.some(({ principal }) => principal === requester.principal)) return
    waiting.requesters.push(requester)
    if (waiting.isQueued) this.#queue.push(requester, waiting)
  }

  #enqueue(waiting: Waiting): void {
    waiting.isQueued = true
    for (const requester of waiting.requesters) this.#queue.push(requester, waiting)
  }

  #remove(waiting: Waiting): boolean {
    for (const requester of waiting.requesters) this.#queue.delete(requester, waiting)
    return this.#waiting.get(waiting.key) === waiting && this.#waiting.delete(waiting.key)
  }

  /** Waits until the work is assigned a slot, and returns the function that frees the slot. */
  async #turn(waiting: Waiting, running: Promise<void> | undefined): Promise<() => void> {
    const endWait = beginWait(this.#place)
    try {
      if (running) {
        await Promise.race([endsWithin(running, stuckReadMs), waiting.turn])
        this.#enqueue(waiting)
        this.#beginNext()
      }
      await waiting.turn
    } catch (error) {
      // Release the slot if the work was abandoned after it was assigned a slot, but before it started.
      if (!this.#remove(waiting)) waiting.release?.()
      throw error
    } finally {
      endWait()
    }
    return waiting.release as () => void
  }

  #hold<T>(release: () => void, work: () => Promise<T>): Promise<T> {
    const done = work()
    done.then(release, release)
    return done
  }

  /**
   * Acquires a slot, and returns the function that releases it. When a slot is released, waiting work starts in a later
   * event-loop turn.
   */
  #acquire(key: string, principal: string): () => void {
    const release = this.#slots.acquire(principal)
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    this.#running.set(key, ended)
    return () => {
      if (this.#running.get(key) === ended) this.#running.delete(key)
      end()
      release()
      this.#beginNext()
    }
  }

  #beginNext(): void {
    const next = this.#queue.shift(principal => this.#slots.mayAcquire(principal))
    if (!next) return
    const waiting = next.item
    this.#remove(waiting)
    waiting.release = this.#acquire(waiting.key, next.requester.principal)
    runLater(waiting.grant)
  }
}
