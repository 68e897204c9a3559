import { DomainError } from '../domain/errors'
import type { Deadline } from './deadline'
import { runLater } from './scheduler'

interface Waiting {
  enter: () => void
  done: Promise<unknown>
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
    if (this.#free === 0) return this.#wait(key, deadline, work)
    this.#free--
    return this.#do(deadline, work)
  }

  #wait<T>(key: string, deadline: Deadline, work: () => Promise<T>): Promise<T> {
    if (this.#waiting.size >= this.waitingAtMost) throw new DomainError('unavailable')
    let enter = (): void => {}
    const turn = new Promise<void>(resolve => {
      enter = resolve
    })
    const late = (error: unknown): never => {
      if (this.#waiting.get(key) === waiting) this.#waiting.delete(key)
      // It got its slot at the moment its time ended: pass the slot on.
      else this.#leave()
      throw error
    }
    const done = deadline.bound(turn).then(() => this.#do(deadline, work), late)
    const waiting = { enter, done }
    this.#waiting.set(key, waiting)
    return done
  }

  #do<T>(deadline: Deadline, work: () => Promise<T>): Promise<T> {
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
