import { DomainError } from '../domain/errors'
import type { Deadline } from './deadline'
import { inTurn } from './turns'

interface Waiting {
  enter: () => void
  done: Promise<unknown>
}

/** Lets so much work go on at once. What comes then waits, in its order; what comes when so much waits is refused. */
export class Slots {
  #free: number
  readonly #waiting = new Map<string, Waiting>()

  constructor(
    atOnce: number,
    readonly waitingAtMost: number,
  ) {
    this.#free = atOnce
  }

  /**
   * Does the work in its turn, or shares what the same work gives that waits already. Unavailable where too much waits, or
   * where its time is over first. Work that is begun holds its slot until it is done, whoever still waits for it.
   */
  async take<T>(key: string, deadline: Deadline, work: () => Promise<T>): Promise<T> {
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
      // Its turn came at the very end of its time.
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
    inTurn(enter)
  }
}
