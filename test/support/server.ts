import pino, { type Logger } from 'pino'
import { type App, serve } from '../../src/app'
import type { Overrides } from '../../src/capability'
import type { Store } from '../../src/db/store'
import type { Calculator } from '../../src/domain/calculator'
import type { Timestamp } from '../../src/domain/timestamp'
import { type Config, configOf } from '../../src/startup/config'
import type { UseCases } from '../../src/use-cases'
import type { TestDatabase } from './stores'

/** A parsed line of the log. */
export type LogLine = Record<string, unknown> & { level: string; msg: string }

export interface ServerOptions extends Overrides {
  calculator?: Calculator
  clock?: () => Date
  /** Wraps the store before the use cases get it, for example to count or delay calls. */
  store?: (opened: Store) => Store
  config?: Partial<Config>
}

export interface Server extends App, Omit<UseCases, keyof App> {
  store: Store
  log: LogLine[]
}

/** Creates a logger that collects its lines in memory. */
export function keptLog(): { log: Logger; lines: LogLine[] } {
  const lines: LogLine[] = []
  const write = (line: string): void => void lines.push(JSON.parse(line))
  const formatters = { level: (level: string) => ({ level }) }
  return { log: pino({ level: 'debug', base: null, formatters }, { write }), lines }
}

/**
 * Starts the real app on a test database and a free port. Stopping the app also ends the store. Unlike in production, a
 * stop does not wait for clients: `stop(false)` does.
 */
export async function startServer(
  database: TestDatabase,
  { calculator, clock, store: made = same => same, config = {}, ...options }: ServerOptions = {},
): Promise<Server> {
  const { log, lines } = keptLog()
  const store = made(await database.open())
  const app = await serve({
    config: { ...configOf({}), PORT: 0, ...config },
    log,
    store,
    calculator,
    clock,
    ...options,
  })
  return { ...app.useCases, ...app, stop: (atOnce = true) => app.stop(atOnce), store, log: lines }
}

/** A clock that moves only when it is set. */
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

/** The part of a server that its clients need. */
export type Reachable = Pick<Server, 'url'>

/** Starts a server for a suite, on its own test database. Both are removed after the suite. */
export function serving(
  make: () => Promise<TestDatabase>,
  options: ServerOptions = {},
): Server & { database: TestDatabase } {
  const server = {} as Server & { database: TestDatabase }
  beforeAll(async () => {
    server.database = await make()
    Object.assign(server, await startServer(server.database, options))
  })
  afterAll(async () => {
    await server.stop?.()
    await server.database?.drop()
  })
  return server
}

/**
 * Waits for `count` log lines of a request, and returns them. The request's own line is written when the request has
 * ended.
 */
export async function linesOf({ log }: Server, request_id: string, count = 1): Promise<LogLine[]> {
  for (;;) {
    const lines = log.filter(line => line.request_id === request_id)
    if (lines.length >= count) return lines
    await new Promise(resolve => setImmediate(resolve))
  }
}
