import type { Capability } from '../../capability'
import type { RepeatedJob } from '../../concurrency/repeated-job'
import { reportPruning } from '../../reports/report-pruning'
import { Reports } from '../../reports/reports'
import { ReportsResolver } from '../../resolvers/reports'
import { reportResources } from '../../rest/resources/reports'

declare module '../../use-cases' {
  interface UseCases {
    reports: Reports
  }
}

export const reports: Capability = {
  name: 'reports',
  resources: reportResources,
  resolvers: [ReportsResolver],
  open({ store, log, clock }) {
    let pruning: RepeatedJob | undefined
    return {
      of: (caller, { totals, views }) =>
        new Reports(store, totals, clock, report_id => views.countView(report_id), caller),
      measured: ['share', 'list', 'revoke', 'shared'],
      start() {
        pruning = reportPruning(store.reports, log, clock)
      },
      stop: () => pruning?.end(),
    }
  },
}
