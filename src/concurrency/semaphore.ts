import { DomainError } from '../domain/errors'
import { Counts } from './counts'
import type { Deadline } from './deadline'
import { FairQueue, type Requester } from './fair-queue'
import { runLater } from './scheduler'
import { beginWait, type WaitPlace } from './waits'

interface Waiting {
  key: string
  /** One of each principal that waits for this work. */
  requesters: Requester[]
  /** Frees the slot that the work got. */
  leave: (() => void) | undefined
  enter: () => void
  refuse: (error: DomainError) => void
  turn: Promise<void>
  done: Promise<unknown> | undefined
}

interface Slots {
  /** Slots in total, and slots that one principal may hold. */
  atOnce: number
  ofPrincipal: number
  /** Maximum number of waiting works, and the place where they wait. If missing, none waits. */
  queue?: { waiting: number; place: WaitPlace }
}

/**
 * Bounds concurrent work. A principal holds only some of the slots. Further work waits, and principals take turns.
 * If the queue is full, work of the principal with most waiting work is refused.
 */
export class Semaphore {
  #running = 0
  readonly #runningOf = new Counts()
  readonly #waiting = new Map<string, Waiting>()
  readonly #queue = new FairQueue<Waiting>()

  constructor(readonly slots: Slots) {}

  /**
   * Runs the work when a slot is free, or shares the outcome of waiting work with the same key.
   * Throws unavailable if the queue is full, or if the deadline passes.
   * Running work holds its slot until it ends, even if its requests have timed out.
   */
  async run<T>(key: string, principal: string, deadline: Deadline, work: () => Promise<T>): Promise<T> {
    const requester = { principal, connection: this }
    const same = this.#waiting.get(key)
    if (same) {
      this.#join(same, requester)
      return deadline.bound(same.done as Promise<T>)
    }
    if (this.#mayRun(principal)) return this.#hold(this.take(principal), deadline, work)
    if (this.#waiting.size >= (this.slots.queue?.waiting ?? 0)) this.#makeRoomFor(principal)
    const { promise: turn, resolve: enter, reject: refuse } = Promise.withResolvers<void>()
    const waiting: Waiting = { key, requesters: [requester], leave: undefined, enter, refuse, turn, done: undefined }
    this.#waiting.set(key, waiting)
    this.#queue.push(requester, waiting)
    const done = this.#runInTurn(waiting, deadline, work)
    waiting.done = done
    return done
  }

  #join(waiting: Waiting, requester: Requester): void {
    if (waiting.requesters.some(({ principal }) => principal === requester.principal)) return
    waiting.requesters.push(requester)
    this.#queue.push(requester, waiting)
  }

  #mayRun(principal: string): boolean {
    return this.#running < this.slots.atOnce && this.#runningOf.of(principal) < this.slots.ofPrincipal
  }

  /** Refuses the latest work for which only the principal with most waiting work waits. */
  #makeRoomFor(principal: string): void {
    const latest = this.#queue.refusable(principal).find(({ requesters }) => requesters.length === 1)
    if (!latest) throw new DomainError('unavailable')
    this.#remove(latest)
    latest.refuse(new DomainError('unavailable'))
  }

  #remove(waiting: Waiting): boolean {
    for (const requester of waiting.requesters) this.#queue.delete(requester, waiting)
    return this.#waiting.get(waiting.key) === waiting && this.#waiting.delete(waiting.key)
  }

  async #runInTurn<T>(waiting: Waiting, deadline: Deadline, work: () => Promise<T>): Promise<T> {
    const endWait = beginWait(this.slots.queue?.place ?? 'deep_read')
    try {
      await deadline.bound(waiting.turn)
    } catch (error) {
      // It got its slot at the moment its time ended: pass the slot on.
      if (!this.#remove(waiting)) waiting.leave?.()
      throw error
    } finally {
      endWait()
    }
    return this.#hold(waiting.leave as () => void, deadline, work)
  }

  #hold<T>(leave: () => void, deadline: Deadline, work: () => Promise<T>): Promise<T> {
    const done = work()
    done.then(leave, leave)
    return deadline.bound(done)
  }

  /**
   * Takes a slot, and returns the function that frees it, to be called once. Waiting work then begins in a later turn of
   * the event loop. Throws unavailable if no slot is free for the principal.
   */
  take(principal: string): () => void {
    if (!this.#mayRun(principal)) throw new DomainError('unavailable')
    this.#running++
    this.#runningOf.add(principal, 1)
    return () => {
      this.#running--
      this.#runningOf.add(principal, -1)
      this.#beginNext()
    }
  }

  #beginNext(): void {
    const next = this.#queue.shift(principal => this.#mayRun(principal))
    if (!next) return
    const waiting = next.item
    this.#remove(waiting)
    waiting.leave = this.take(next.requester.principal)
    runLater(waiting.enter)
  }
}
