import { DomainError } from '../domain/errors'
import type { Deadline } from './deadline'
import { runLater } from './scheduler'
import { beginWait } from './waits'

interface Waiting {
  turn: Promise<void>
  enter: () => void
  done: Promise<unknown> | undefined
}

/** Bounds concurrent work. Further work waits in a queue, in order. If the queue is full, it is refused. */
export class Semaphore {
  #free: number
  readonly #waiting = new Map<string, Waiting>()

  constructor(
    atOnce: number,
    readonly waitingAtMost: number,
  ) {
    this.#free = atOnce
  }

  /**
   * Runs the work when a slot is free, or shares the outcome of waiting work with the same key.
   * Throws unavailable if the queue is full, or if the deadline passes.
   * Running work holds its slot until it ends, even if its requests have timed out.
   */
  async run<T>(key: string, deadline: Deadline, work: () => Promise<T>): Promise<T> {
    const same = this.#waiting.get(key)
    if (same) return deadline.bound(same.done as Promise<T>)
    if (this.#free > 0) {
      this.#free--
      return this.#hold(deadline, work)
    }
    if (this.#waiting.size >= this.waitingAtMost) throw new DomainError('unavailable')
    const { promise: turn, resolve: enter } = Promise.withResolvers<void>()
    const waiting: Waiting = { turn, enter, done: undefined }
    this.#waiting.set(key, waiting)
    const done = this.#runInTurn(key, waiting, deadline, work)
    waiting.done = done
    return done
  }

  async #runInTurn<T>(key: string, waiting: Waiting, deadline: Deadline, work: () => Promise<T>): Promise<T> {
    const endWait = beginWait('deep_read')
    try {
      await deadline.bound(waiting.turn)
    } catch (error) {
      if (this.#waiting.get(key) === waiting) this.#waiting.delete(key)
      // It got its slot at the moment its time ended: pass the slot on.
      else this.#leave()
      throw error
    } finally {
      endWait()
    }
    return this.#hold(deadline, work)
  }

  #hold<T>(deadline: Deadline, work: () => Promise<T>): Promise<T> {
    const done = work()
    const leave = (): void => this.#leave()
    done.then(leave, leave)
    return deadline.bound(done)
  }

  #leave(): void {
    const [next] = this.#waiting
    if (!next) {
      this.#free++
      return
    }
    const [key, { enter }] = next
    this.#waiting.delete(key)
    runLater(enter)
  }
}
