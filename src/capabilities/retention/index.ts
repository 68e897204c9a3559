// This folder closes inactive sessions, after checking that the clock is right. The use case that closes a session is
// in `sessions`.

import type { Capability } from '../../capability'
import { Retention } from './retention'
import { EmbeddedRetention, MongoRetention } from './stores'

export const retention: Capability = {
  name: 'retention',
  store: ({ SESSION_DAYS }) => ({
    mongo: connection => new MongoRetention(connection, SESSION_DAYS !== undefined),
    embedded: core => new EmbeddedRetention(core, SESSION_DAYS !== undefined),
  }),
  open({ config: { SESSION_DAYS, SESSION_DAYS_CONFIRMED }, sessions, log }) {
    let retention: Retention | undefined
    return {
      addMetrics(metrics) {
        const help = 'Whether closing inactive sessions is on hold, because the clock is far ahead.'
        metrics.gauge('retention_on_hold', help, () => Number(retention?.isOnHold ?? false))
      },
      start() {
        if (SESSION_DAYS === undefined) return
        retention = new Retention({ sessions, log, days: SESSION_DAYS, confirmed: SESSION_DAYS_CONFIRMED })
      },
      stop: () => retention?.end(),
    }
  },
}
