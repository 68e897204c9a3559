import { findExample } from '../../src/domain/example'
import { type Command, payloadSchemas, type SessionEvent, sessionEvents } from '../../src/domain/session'

/** A command for each event, with the example of its payload if the payload is required. */
export const exampleCommands = Object.fromEntries(
  sessionEvents.map(event => {
    const payload = findExample(payloadSchemas[event])
    return [event, payload === undefined ? { event } : { event, payload }]
  }),
) as Record<SessionEvent, Command>

/** Events whose example has no payload, because the payload is optional. */
export const payloadlessEvents = sessionEvents.filter(event => exampleCommands[event].payload === undefined)

/** Commands whose effect does not depend on their payload. */
export const plainCommands = Object.values(exampleCommands).filter(
  ({ event }) => event !== 'CalculateRequested' && event !== 'ReassignRequested',
)
