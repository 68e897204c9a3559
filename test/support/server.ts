import pino, { type Logger } from 'pino'
import { type App, serve } from '../../src/app'
import { type Config, configOf } from '../../src/config'
import type { Store } from '../../src/db/store'
import type { Calculator } from '../../src/domain/calculator'
import type { Timestamp } from '../../src/domain/timestamp'
import type { Place } from './stores'

/** A line of the log, as it is written. */
export type LogLine = Record<string, unknown> & { level: string; msg: string }

export interface Means {
  calculator?: Calculator
  clock?: () => Date
  /** Makes what the use cases are handed of the opened store, to count or to delay what they ask of it. */
  store?: (opened: Store) => Store
  config?: Partial<Config>
}

export interface Server extends App {
  store: Store
  log: LogLine[]
}

/** A log that is kept as lines. */
export function keptLog(): { log: Logger; lines: LogLine[] } {
  const lines: LogLine[] = []
  const write = (line: string): void => void lines.push(JSON.parse(line))
  const formatters = { level: (level: string) => ({ level }) }
  return { log: pino({ level: 'debug', base: null, formatters }, { write }), lines }
}

/** The real app over a place, on a port of its own. Its stop ends the store. */
export async function startServer(
  place: Place,
  { calculator, clock, store: made = same => same, config = {} }: Means = {},
): Promise<Server> {
  const { log, lines } = keptLog()
  const store = made(await place.open())
  const app = await serve({ ...configOf({}), PORT: 0, ...config }, log, store, {
    ...(calculator && { calculator }),
    ...(clock && { clock }),
  })
  return { ...app, store, log: lines }
}

/** A clock that stands still until it is set. */
export interface Clock {
  (): Date
  set(time: Timestamp): void
}

export function clockAt(time: Timestamp): Clock {
  let now = time
  return Object.assign(() => new Date(now), {
    set(later: Timestamp) {
      now = later
    },
  })
}

/** A server as its clients know it. */
export type Reachable = Pick<Server, 'url'>

/** A server for the tests of a suite, over a place of its own that is gone after them. */
export function serving(make: () => Promise<Place>, means: Means = {}): Server & { place: Place } {
  const server = {} as Server & { place: Place }
  beforeAll(async () => {
    server.place = await make()
    Object.assign(server, await startServer(server.place, means))
  })
  afterAll(async () => {
    await server.stop?.()
    await server.place?.drop()
  })
  return server
}

/** The lines that the log has of a request, once there are `count` of them: the request's own comes when it has ended. */
export async function linesOf({ log }: Server, request_id: string, count = 1): Promise<LogLine[]> {
  for (;;) {
    const lines = log.filter(line => line.request_id === request_id)
    if (lines.length >= count) return lines
    await new Promise(resolve => setImmediate(resolve))
  }
}
