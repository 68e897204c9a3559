/** Number of groups, rows or months that are processed before the server checks whether to yield to the event loop. */
export const stepsPerTurn = 10

/** Number of monthly sums that take as long to compute as one group. */
export const sumsPerGroup = 100

/**
 * Counts the steps of a loop over groups, to decide when it yields to the event loop. A group with many monthly sums
 * counts as several steps.
 */
export class Steps {
  #taken = 0

  /**
   * Counts the steps of a group that has `sums` monthly sums. Returns true if the loop should now await
   * `yieldToEventLoop`.
   */
  add(sums: number): boolean {
    this.#taken += 1 + sums / sumsPerGroup
    if (this.#taken < stepsPerTurn) return false
    this.#taken = 0
    return true
  }
}
