import { restingStates } from '../../domain/session'
import type { MetricsRegistry } from '../../telemetry/metrics'
import { totalsStates } from './projection'
import type { Totals } from './totals'

export function addTotalsMetrics(metrics: MetricsRegistry, totals: Pick<Totals, 'status'>): void {
  metrics.gauges(
    'totals_state',
    'State of the totals: kept in memory, being filled, or dropped because they exceed the memory limit.',
    'state',
    () => {
      const { state } = totals.status
      return Object.fromEntries(totalsStates.map(one => [one, one === state ? 1 : 0]))
    },
  )
  metrics.gauges(
    'totals_filled_seconds',
    'Time taken to fill the totals after the start, by source: the checkpoint, or the reason why no checkpoint was used. Missing until the totals are filled.',
    'source',
    () => {
      const { source, filledMs } = totals.status
      return source === undefined || filledMs === undefined ? {} : { [source]: filledMs / 1_000 }
    },
  )
  metrics.gauge(
    'totals_lag_seconds',
    'Age of the oldest write by this process that the log has not reported yet.',
    () => totals.status.lagMs / 1_000,
  )
  metrics.gauges('sessions', 'Sessions by state. Missing while the totals are not kept in memory.', 'state', () => {
    const { sessions } = totals.status
    return sessions ? Object.fromEntries(restingStates.map(state => [state, sessions[state]])) : {}
  })
}
