import type { Logger } from 'pino'
import { RepeatedJob } from '../concurrency/repeated-job'
import { type Timestamp, timestamp } from '../domain/timestamp'

/**
 * Interval in ms at which view counts are saved to the store. A crash loses the view counts from at most one interval.
 */
const saveEveryMs = 3_000
/**
 * Maximum number of keys whose views are counted in memory. Once this limit is reached, views of other keys are not
 * counted until the next save.
 */
const keysCounted = 10_000
/** Number of keys whose view counts are saved in one write. */
const keysPerWrite = 500

/** Adds each key's view count to its stored count. `now` is the time of the latest view. */
type SaveViews = (views: ReadonlyMap<string, number>, now: Timestamp) => Promise<void>

/**
 * Counts views by key, and records nothing about the viewers. Counts are collected in memory and saved every few
 * seconds, so that a view does not cause a write.
 */
export class ViewCounter {
  #counts = new Map<string, number>()
  #viewedAt: Timestamp = ''
  readonly #job: RepeatedJob

  constructor(
    readonly saveViews: SaveViews,
    log: Logger,
    readonly clock: () => Date = () => new Date(),
  ) {
    this.#job = new RepeatedJob({
      run: () => this.#save(),
      everyMs: saveEveryMs,
      failed: err => log.warn({ err }, 'saving the view counts failed, retrying'),
    })
  }

  countView(key: string): void {
    this.#viewedAt = timestamp(this.clock())
    this.#add(key, 1)
  }

  /** Saves the views counted since the last save, and stops the periodic saving. Call `end` last. */
  async end(): Promise<void> {
    await this.save()
    await this.#job.end()
  }

  #add(key: string, views: number): void {
    const counted = this.#counts.get(key)
    if (counted !== undefined || this.#counts.size < keysCounted) this.#counts.set(key, (counted ?? 0) + views)
  }

  /**
   * Saves the counted views now, or directly after the save in progress. If the save fails, the next save includes
   * these views.
   */
  save(): Promise<void> {
    return this.#job.runAgain()
  }

  async #save(): Promise<void> {
    const counts = [...this.#counts]
    this.#counts = new Map()
    try {
      while (counts.length > 0) {
        await this.saveViews(new Map(counts.slice(0, keysPerWrite)), this.#viewedAt)
        counts.splice(0, keysPerWrite)
      }
    } catch (error) {
      for (const [key, views] of counts) this.#add(key, views)
      throw error
    }
  }
}
