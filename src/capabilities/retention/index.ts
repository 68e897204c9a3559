import type { Capability } from '../../capability'
import { Retention } from './retention'
import { EmbeddedIdleSessions, MongoIdleSessions } from './stores'

/** Closes sessions that were not changed for `SESSION_DAYS` days. */
export const retention: Capability = {
  name: 'retention',
  store: ({ SESSION_DAYS }) => ({
    mongo: connection => new MongoIdleSessions(connection, SESSION_DAYS !== undefined),
    embedded: core => new EmbeddedIdleSessions(core, SESSION_DAYS !== undefined),
  }),
  open({ config: { SESSION_DAYS }, sessions, log }) {
    if (SESSION_DAYS === undefined) return {}
    let retention: Retention | undefined
    return {
      start() {
        retention = new Retention(sessions, log, SESSION_DAYS)
      },
      stop: () => retention?.end(),
    }
  },
}
