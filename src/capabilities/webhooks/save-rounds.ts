/**
 * Delay in ms before a change is saved, and minimum pause in ms between two rounds of saves. If the process crashes, the
 * changes since the last round are lost.
 */
const saveSoonMs = 100
export const saveEveryMs = 1_000
/** Maximum number of concurrent saves of delivery progress in a process. */
export const savesAtOnce = 32

interface ChangedDelivery {
  endpoint_id: string
  /** Saves the delivery's progress. Never rejects. */
  saveInRound(): Promise<void>
}

/**
 * Saves the progress of all changed deliveries of a process, in rounds. The saves of a round are in the order of the
 * endpoints' ids. The embedded store writes concurrent saves in one transaction, and so writes a page that contains data
 * of several endpoints only once.
 */
export class SaveRounds {
  readonly #changed = new Set<ChangedDelivery>()
  #endedAt = Number.NEGATIVE_INFINITY
  /** Whether a round is scheduled or in progress. */
  #isScheduled = false

  /** Includes a delivery in the next round. */
  request(delivery: ChangedDelivery): void {
    this.#changed.add(delivery)
    this.#schedule()
  }

  cancel(delivery: ChangedDelivery): void {
    this.#changed.delete(delivery)
  }

  #schedule(): void {
    if (this.#isScheduled || this.#changed.size === 0) return
    this.#isScheduled = true
    const dueMs = Math.max(saveSoonMs, this.#endedAt + saveEveryMs - performance.now())
    setTimeout(() => {
      void this.#saveAll().finally(() => {
        this.#endedAt = performance.now()
        this.#isScheduled = false
        this.#schedule()
      })
    }, dueMs).unref()
  }

  async #saveAll(): Promise<void> {
    const queue = [...this.#changed].sort((a, b) => (a.endpoint_id < b.endpoint_id ? -1 : 1)).values()
    this.#changed.clear()
    const saveNext = async (): Promise<void> => {
      for (const delivery of queue) await delivery.saveInRound()
    }
    await Promise.all(Array.from({ length: savesAtOnce }, saveNext))
  }
}
