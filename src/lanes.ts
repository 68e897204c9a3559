import { DomainError } from './domain/errors'

/** What waits in one lane at most. */
const laneLimit = 1_000

/** Lets the changes of one session go one behind the other, so that a race can be lost to another process only. */
export class Lanes {
  readonly #lanes = new Map<string, { waiting: number; last: Promise<unknown> }>()

  /** Does the work when all that came before it in its lane is done; unavailable where too much waits. */
  async take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const lane = this.#lanes.get(name) ?? { waiting: 0, last: Promise.resolve() }
    if (lane.waiting >= laneLimit) throw new DomainError('unavailable')
    this.#lanes.set(name, lane)
    lane.waiting++
    const turn = lane.last.then(work, work)
    lane.last = turn
    try {
      return await turn
    } finally {
      if (--lane.waiting === 0) this.#lanes.delete(name)
    }
  }
}
