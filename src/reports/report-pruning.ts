import type { Logger } from 'pino'
import type { ReportStore } from '../db/store'
import { minuteMs, timestamp } from '../domain/timestamp'

/** Interval between prunings, ± 25 %, so that processes that were started together do not prune together. */
const pruneEveryMs = 10 * minuteMs

/** Deletes the content of reports that have expired, and later the rest. Several processes may do so at once. */
export class ReportPruning {
  readonly #timer: NodeJS.Timeout

  constructor(
    readonly store: Pick<ReportStore, 'pruneReports'>,
    readonly log: Logger,
    readonly clock: () => Date = () => new Date(),
  ) {
    this.#timer = setInterval(() => this.prune(), pruneEveryMs * (0.75 + Math.random() / 2))
    this.#timer.unref()
  }

  end(): void {
    clearInterval(this.#timer)
  }

  /** Prunes now. A failure is logged, and the next pruning tries again. */
  async prune(): Promise<void> {
    try {
      await this.store.pruneReports(timestamp(this.clock()))
    } catch (error) {
      this.log.warn({ err: error }, 'pruning the reports failed, retrying')
    }
  }
}
