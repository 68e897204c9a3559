import type { Logger } from 'pino'
import { RepeatedJob } from '../concurrency/repeated-job'
import type { ReportStore } from '../db/store'
import { minuteMs, timestamp } from '../domain/timestamp'

const pruneEveryMs = 10 * minuteMs

/** Deletes the content of reports that have expired, and later the rest. Several processes may do so at once. */
export const reportPruning = (
  store: Pick<ReportStore, 'pruneReports'>,
  log: Logger,
  clock = () => new Date(),
): RepeatedJob =>
  new RepeatedJob({
    run: () => store.pruneReports(timestamp(clock())),
    everyMs: pruneEveryMs,
    jitter: 0.25,
    failed: err => log.warn({ err }, 'pruning the reports failed, retrying'),
  })
