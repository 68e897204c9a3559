import type { Capability } from '../../capability'
import { type Caller, narrowed, principalKey } from '../../domain/caller'
import { TotalsResolver } from '../../resolvers/totals'
import { totalsResources } from '../../rest/resources/totals'
import { Totals } from '../../totals/totals'
import { addTotalsMetrics } from './metrics'
import { totalsViews } from './pages'

/** The totals, for a caller. */
type CallerTotals = ReturnType<typeof totalsOf>

declare module '../../use-cases' {
  interface UseCases {
    totals: CallerTotals
  }
}

export const totals: Capability = {
  name: 'totals',
  resources: totalsResources,
  resolvers: [TotalsResolver],
  messages: { summary: (message: never, _args, context: never) => new TotalsResolver().summaries(message, context) },
  views: totalsViews,
  links: { summaries: '/api/v1/benefit-summaries' },
  open({ store, log, clock }) {
    const totals = new Totals({ store, log, clock })
    return {
      of: caller => totalsOf(totals, caller),
      measured: ['summary', 'trend', 'mentors', 'organisations', 'find'],
      follower: totals,
      count: (filter, principal) => totals.count(filter, principal),
      trackWrite: (...write) => totals.ownWrites.make(...write),
      addMetrics: metrics => addTotalsMetrics(metrics, totals),
      end: () => totals.end(),
    }
  },
}

const totalsOf = (totals: Totals, caller: Caller) => {
  const { scope } = caller
  const principal = principalKey(caller)
  return {
    summary: filter => totals.summary(narrowed(filter, scope), principal),
    summaries: filter => totals.summaries(narrowed(filter, scope), principal),
    trend: (filter, last) => totals.trend(narrowed(filter, scope), last, principal),
    mentors: (filter, request) => totals.mentors(narrowed(filter, scope), request, principal),
    organisations: (filter, request) => totals.organisations(narrowed(filter, scope), request, principal),
    find: (filter, request) => totals.find(narrowed(filter, scope), request, principal),
    report: filter => totals.report(narrowed(filter, scope), principal),
    get status() {
      return totals.status
    },
  } satisfies Partial<
    Pick<Totals, 'summary' | 'summaries' | 'trend' | 'mentors' | 'organisations' | 'find' | 'report' | 'status'>
  >
}
