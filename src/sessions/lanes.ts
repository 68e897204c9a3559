import { DomainError } from '../domain/errors'
import type { Deadline } from '../time/deadline'

/** What waits in one lane at most, and in all of them. */
const changesInALane = 1_000
export const changesInAllLanes = 20_000

/** Lets the changes of one session go one after the other, so that a race can be lost to another process only. */
export class Lanes {
  readonly #lanes = new Map<string, { waiting: number; last: Promise<unknown> }>()
  #waiting = 0

  get waiting(): number {
    return this.#waiting
  }

  /**
   * Does the work when all that came before it in its lane is done or out of time; unavailable where too much waits, or
   * where its own time is over: then it is not begun, or the lane is let go.
   */
  async take<T>(name: string, deadline: Deadline, work: () => Promise<T>): Promise<T> {
    const lane = this.#lanes.get(name) ?? { waiting: 0, last: Promise.resolve() }
    if (lane.waiting >= changesInALane || this.#waiting >= changesInAllLanes) throw new DomainError('unavailable')
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
