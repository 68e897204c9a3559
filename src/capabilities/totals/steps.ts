import { runSoon } from '../../concurrency/scheduler'

/** Number of groups, rows or months of totals that are computed before other work may get its turn. */
export const stepsATurn = 10

/** Sums of months that take as long as a group. */
export const sumsAGroup = 100

/** Counts the work of a loop over groups. A group with many monthly sums counts as several steps. */
export class Steps {
  #taken = 0

  /** Counts a group for which this many monthly sums were read. Returns whether other work may get its turn now. */
  endTurn(sums: number): boolean {
    this.#taken += 1 + sums / sumsAGroup
    if (this.#taken < stepsATurn) return false
    this.#taken = 0
    return true
  }
}

/** Resolves at once while this turn of the event loop has time left, otherwise in a later turn. */
export const turn = (): Promise<void> => new Promise(runSoon)
