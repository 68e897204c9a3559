import type { Logger } from 'pino'
import type { ViewStore } from '../db/store'
import { type Timestamp, timestamp } from '../domain/timestamp'

/** Pause before counts are added to the store. A crash loses those of this time. */
const saveEveryMs = 3_000
/** Maximum number of keys that are counted in memory. Beyond it, views of further keys are not counted until the next save. */
const keysCounted = 10_000
/** Keys whose counts are saved in one write. */
const keysAWrite = 500

/**
 * Counts how often share links and reports are viewed, and nothing about their readers. A view costs no write: counts are collected
 * in memory, and added to the store every few seconds.
 */
export class Views {
  #counts = new Map<string, number>()
  /** Time of the latest view. */
  #viewedAt: Timestamp = ''
  #timer: NodeJS.Timeout | undefined
  #saving: Promise<void> | undefined
  /** Whether the latest save failed. A failure is logged once, until a save succeeds. */
  #hasFailed = false

  constructor(
    readonly store: ViewStore,
    readonly log: Logger,
    readonly clock: () => Date = () => new Date(),
  ) {}

  /** Counts a view. The key is the token of a share link, or the id of a report. */
  countView(key: string): void {
    this.#viewedAt = timestamp(this.clock())
    this.#add(key, 1)
    this.#saveSoon()
  }

  /** Saves what was counted since the latest save. Call it last. */
  async end(): Promise<void> {
    await this.#saving
    clearTimeout(this.#timer)
    await this.save()
  }

  #add(key: string, views: number): void {
    const counted = this.#counts.get(key)
    if (counted !== undefined || this.#counts.size < keysCounted) this.#counts.set(key, (counted ?? 0) + views)
  }

  #saveSoon(): void {
    if (this.#saving) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#saving = this.save().finally(() => {
        this.#saving = undefined
        if (this.#counts.size > 0) this.#saveSoon()
      })
    }, saveEveryMs).unref()
  }

  /** Saves the counted views. If that fails, they stay counted for the next save. */
  async save(): Promise<void> {
    const counts = [...this.#counts]
    this.#counts = new Map()
    try {
      while (counts.length > 0) {
        await this.store.addViews(new Map(counts.slice(0, keysAWrite)), this.#viewedAt)
        counts.splice(0, keysAWrite)
      }
      this.#hasFailed = false
    } catch (error) {
      if (!this.#hasFailed) this.log.warn({ err: error }, 'saving the numbers of views failed, retrying')
      this.#hasFailed = true
      for (const [key, views] of counts) this.#add(key, views)
    }
  }
}
