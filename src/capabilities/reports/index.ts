// This folder contains everything about shared reports: use cases, stores, REST, GraphQL and the public page. The
// dashboard's report view belongs to `totals`.

import type { Capability } from '../../capability'
import type { RepeatedJob } from '../../concurrency/repeated-job'
import { ViewCounter } from '../../sessions/view-counter'
import { EmbeddedReports } from './embedded'
import { ReportsResolver } from './graphql'
import { MongoReports } from './mongo'
import { Reports, reportPruning } from './reports'
import { reportResources } from './rest'

declare module '../../use-cases' {
  interface UseCases {
    reports: Reports
  }
}

/** A report is a snapshot of the totals for a range of months. Anyone with a report's link can read it. */
export const reports: Capability = {
  name: 'reports',
  store: () => ({
    mongo: connection => new MongoReports(connection),
    embedded: core => new EmbeddedReports(core),
  }),
  resources: reportResources,
  resolvers: [ReportsResolver],
  open({ store, log, clock }) {
    const viewCounter = new ViewCounter(counts => store.reports.addViews(counts), log, clock)
    let pruning: RepeatedJob | undefined
    return {
      of: (caller, { totals }) => new Reports({ store, totals, viewCounter, clock, caller }),
      start() {
        pruning = reportPruning(store.reports, log, clock)
      },
      stop: () => pruning?.end(),
      end: () => viewCounter.end(),
    }
  },
}
