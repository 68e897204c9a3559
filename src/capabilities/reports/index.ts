// This folder has everything about shared reports: use cases, stores, interfaces and the page. The report view of the
// dashboard belongs to `totals`.

import type { Capability } from '../../capability'
import type { RepeatedJob } from '../../concurrency/repeated-job'
import { Views } from '../../sessions/views'
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

/** Shares reports: snapshots of the totals of a range of months, for anyone with the link. */
export const reports: Capability = {
  name: 'reports',
  store: () => ({
    mongo: connection => new MongoReports(connection),
    embedded: core => new EmbeddedReports(core),
  }),
  resources: reportResources,
  resolvers: [ReportsResolver],
  open({ store, log, clock }) {
    const views = new Views(counts => store.reports.addViews(counts), log, clock)
    let pruning: RepeatedJob | undefined
    return {
      of: (caller, { totals }) => new Reports({ store, totals, views, clock, caller }),
      measured: ['share', 'list', 'revoke', 'shared'],
      start() {
        pruning = reportPruning(store.reports, log, clock)
      },
      stop: () => pruning?.end(),
      end: () => views.end(),
    }
  },
}
