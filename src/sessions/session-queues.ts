import type { Deadline } from '../concurrency/deadline'
import { DomainError } from '../domain/errors'

/** Maximum number of changes in one lane, and in all lanes, including those that are running. */
const changesPerSession = 1_000
export const changesInTotal = 20_000

/** Queues the changes of each session in a lane, so that a race can be lost only to another process. */
export class SessionQueues {
  readonly #lanes = new Map<string, { waiting: number; last: Promise<unknown> }>()
  #waiting = 0

  get waiting(): number {
    return this.#waiting
  }

  /**
   * Runs the work after all earlier work in its lane has finished or timed out.
   * Throws unavailable if the lane or all lanes together are full, or if the deadline passes. Past the deadline,
   * waiting work does not start, and running work no longer blocks the lane.
   */
  async run<T>(name: string, deadline: Deadline, work: () => Promise<T>): Promise<T> {
    const lane = this.#lanes.get(name) ?? { waiting: 0, last: Promise.resolve() }
    if (lane.waiting >= changesPerSession || this.#waiting >= changesInTotal) throw new DomainError('unavailable')
    this.#lanes.set(name, lane)
    lane.waiting++
    this.#waiting++
    const begin = async (): Promise<T> => {
      deadline.check()
      return deadline.bound(work())
    }
    const turn = lane.last.then(begin, begin)
    lane.last = turn
    try {
      return await deadline.bound(turn)
    } finally {
      this.#waiting--
      if (--lane.waiting === 0) this.#lanes.delete(name)
    }
  }
}
