import { idempotencyExpiry } from '../../domain/session'
import { dayMs, timestamp } from '../../domain/timestamp'
import type { EmbeddedFile } from './file'

const pruneEveryMs = 60_000
/** Rows deleted in one step: a few milliseconds of the event loop. */
const rowsAStep = 500

/** Deletes expired commits and expired idempotency records of starts, in steps so that no request waits for it. */
export class Pruning {
  readonly #timer: NodeJS.Timeout

  constructor(
    readonly file: EmbeddedFile,
    /** Retention of the log, in days. */
    readonly keepDays: number,
    readonly failed: (error: unknown) => void,
  ) {
    this.#timer = setInterval(() => this.#prune(new Date()), pruneEveryMs)
    this.#timer.unref()
  }

  end(): void {
    clearInterval(this.#timer)
  }

  /** Deletes until nothing is left. After an error, the timer's next tick tries again. */
  #prune(now: Date): void {
    try {
      const pruned = Math.max(this.#commits(now), this.#starts(now))
      if (pruned === rowsAStep) setImmediate(() => this.file.db.open && this.#prune(now))
    } catch (error) {
      this.failed(error)
    }
  }

  #commits(now: Date): number {
    const until = timestamp(new Date(now.getTime() - this.keepDays * dayMs))
    return this.file.run(
      `DELETE FROM commits WHERE position <= (SELECT max(position) FROM
       (SELECT position, at FROM commits ORDER BY position LIMIT ${rowsAStep}) WHERE at < ?)`,
      until,
    )
  }

  #starts(now: Date): number {
    return this.file.run(
      `DELETE FROM starts WHERE key IN (SELECT key FROM starts WHERE at <= ? ORDER BY at LIMIT ${rowsAStep})`,
      idempotencyExpiry(timestamp(now)),
    )
  }
}
