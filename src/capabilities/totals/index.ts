// This folder contains everything about aggregate figures: the projection, aggregation in the stores and the
// interfaces. The figures of a single session are in `domain`.

import type { Capability } from '../../capability'
import { CallerTotals } from './caller-totals'
import { EmbeddedTotals } from './embedded'
import { GroupResolver, TotalsResolver } from './graphql'
import { addTotalsMetrics } from './metrics'
import { MongoTotals } from './mongo'
import { totalsViewPaths } from './pages'
import { totalsResources } from './rest'
import { totalsTools } from './tools'
import { Totals } from './totals'

declare module '../../use-cases' {
  interface UseCases {
    totals: CallerTotals
  }
}

/** Aggregates sessions into totals, trends, and figures per mentor and per organisation. */
export const totals: Capability = {
  name: 'totals',
  store: () => ({
    mongo: connection => new MongoTotals(connection),
    embedded: core => new EmbeddedTotals(core),
  }),
  resources: totalsResources,
  resolvers: [GroupResolver, TotalsResolver],
  viewPaths: totalsViewPaths,
  tools: totalsTools,
  open({ store, log, clock }) {
    const totals = new Totals({ store, log, clock })
    return {
      of: caller => new CallerTotals(totals, caller),
      follower: totals,
      count: filter => totals.count(filter),
      trackWrite: (...write) => totals.ownWrites.make(...write),
      addMetrics: metrics => addTotalsMetrics(metrics, totals),
      async end() {
        await totals.stop()
        totals.end()
      },
    }
  },
}
