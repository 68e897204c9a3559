import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { TokenAuthenticator } from './access/authenticator'
import { ServiceKeys } from './access/service-keys'
import { capabilities } from './capabilities/index'
import { type Core, type Overrides, openCapabilities, type StorePartFactories } from './capability'
import { EventLoopStalls } from './concurrency/event-loop-stalls'
import { logSlowWaits } from './concurrency/waits'
import { connectWithRetry } from './db/connect-with-retry'
import { openEmbeddedStore } from './db/embedded/embedded-store'
import { mongoStore } from './db/mongo/mongo-store'
import { fanOut, type Store } from './db/store'
import { everyone } from './domain/caller'
import { Feed } from './feed/feed'
import { originsAllowed, prepareRequests } from './http/middleware'
import { HttpServer } from './http/server'
import { interfacesOf } from './interfaces'
import { sendProblem } from './rest/problem'
import { SessionCommands, type SessionDependencies, type TrackWrite } from './sessions/session-commands'
import type { CountSessions } from './sessions/session-queries'
import { SessionQuota } from './sessions/session-quota'
import { ViewCounter } from './sessions/view-counter'
import { Telemetry } from './telemetry/telemetry'
import { type Callers, callersOf, type UseCases, useCasesOf } from './use-cases'
import type { Config } from './variables'
import { version } from './version'

/**
 * Share of `SHUTDOWN_SECONDS` in which streams and WebSockets close, and its maximum: closing them gradually keeps
 * clients from reconnecting all at once.
 */
const goodbyesShare = 0.3
const goodbyesMs = 3_000

export interface App {
  url: string
  /** URL of the metrics endpoint. The URL is undefined if `METRICS_PORT` is not set. */
  metricsUrl: string | undefined
  /** Use cases for a caller with full permissions. */
  useCases: UseCases
  feed: Feed
  viewCounter: ViewCounter
  callers: Callers
  /** Resolves once the store has opened or the app has stopped. Rejects if the store is unusable. */
  opened: Promise<void>
  /** Backs up the SQLite data file and logs the outcome. With MongoDB, only logs a warning. Never rejects. */
  backup(): Promise<void>
  /**
   * Stops accepting requests, finishes requests in progress, and closes the store. Takes at most `SHUTDOWN_SECONDS`. If
   * `atOnce` is true, closes idle connections, streams and WebSockets without the usual grace periods. Never rejects.
   */
  stop(atOnce?: boolean): Promise<void>
}

/** If the store is unavailable or slow to open, the server listens anyway and keeps trying to open it. */
export async function startApp(config: Config, log: Logger): Promise<App> {
  const store = openStore(config)
  try {
    return await serve({ config, log, store })
  } catch (error) {
    await store.end()
    throw error
  }
}

function openStore(config: Config): Store {
  const { MONGODB_URI, DATA_FILE, FEED_DAYS: keepDays } = config
  if (MONGODB_URI) return mongoStore(MONGODB_URI, { parts: partsOf('mongo', config) })
  return openEmbeddedStore(DATA_FILE, { keepDays, parts: partsOf('embedded', config) })
}

export function partsOf<K extends keyof StorePartFactories>(
  kind: K,
  config: Config,
): Record<string, StorePartFactories[K]> {
  const parts = capabilities.flatMap(({ name, store }) => (store ? [[name, store(config)[kind]] as const] : []))
  return Object.fromEntries(parts)
}

interface AppOptions extends Pick<SessionDependencies, 'calculator' | 'clock'>, Overrides {
  config: Config
  log: Logger
  store: Store
}

/** The app owns the store and closes it in `stop`. */
export async function serve(options: AppOptions): Promise<App> {
  const { config, log, store: plainStore, calculator, clock = () => new Date(), ...overrides } = options
  const tokens = await TokenAuthenticator.of(config, log)
  const serviceKeys = await ServiceKeys.of(config, { log, tokens })
  const telemetry = Telemetry.of(config.METRICS_PORT)
  const stopping = new AbortController()
  const allowsOrigin = originsAllowed(config.CORS_ORIGIN)

  // Set up the store and the core's use cases. The store counts sessions unless a capability provides `count`.
  const store = telemetry?.store(plainStore) ?? plainStore
  let count: CountSessions = filter => store.lists.count(filter)
  let trackWrite: TrackWrite = (_session_id, _version, write) => write()
  const sessions = new SessionCommands({
    store,
    log,
    calculator,
    clock,
    trackWrite: (...write) => trackWrite(...write),
    count: (...filter) => count(...filter),
    quota: config.SESSIONS_PER_MENTOR
      ? new SessionQuota(config.SESSIONS_PER_MENTOR, (...of) => count(...of))
      : undefined,
  })
  const feed = new Feed(store, log)
  const viewCounter = new ViewCounter((...counted) => store.views.addViews(...counted), log, clock)

  // Open the capabilities.
  const requiresTokens = (serviceKeys ?? tokens) !== undefined
  const core: Core = {
    config,
    log,
    clock,
    version,
    store,
    feed,
    sessions,
    requiresTokens,
    serviceKeys,
    allowsOrigin,
    capabilities,
    overrides,
  }
  const added = await openCapabilities(core)
  for (const opened of added) {
    count = opened.count ?? count
    trackWrite = opened.trackWrite ?? trackWrite
  }
  const followers = fanOut(feed, sessions.cache, ...added.flatMap(({ follower }) => follower ?? []))
  const follow = () => (telemetry ? telemetry.follow(store, feed, followers) : store.log.follow(followers))
  const { tried, opened } = connectWithRetry(follow, { log, stopping: stopping.signal })
  await tried
  const sources = { sessions, feed, viewCounter, added }
  const allCallers = callersOf(sources, serviceKeys ?? tokens)
  const callers = telemetry?.callers(allCallers, added) ?? allCallers

  // Set up the interfaces: REST, GraphQL and web pages.
  const offered = { config, log, callers, allowsOrigin, added }
  const { listener, webSocket, eventStreams, messages } = await interfacesOf(offered)

  // Start the HTTP server and the metrics server.
  const stalls = new EventLoopStalls(log)
  const endWaitLog = logSlowWaits(log)
  const origins = config.CORS_ORIGIN
  const prepared = prepareRequests({ listener, refuse: sendProblem, origins, log, stalls })
  const answer = telemetry?.requests(prepared) ?? prepared
  const server = new HttpServer({ answer, upgrade: webSocket.upgrade, log, messages })
  const dataFile = config.MONGODB_URI ? undefined : config.DATA_FILE
  const metrics = telemetry?.metricsServer({ store, sessions, feed, server, webSocket, dataFile }, added, log)
  const metricsPort = await metrics?.listen(config.METRICS_PORT ?? 0, config.HOST, 'METRICS_PORT')
  const port = await server.listen(config.PORT, config.HOST)

  const start = (): void => {
    if (!stopping.signal.aborted) for (const capability of added) capability.start?.()
  }
  opened.then(start, () => {})

  async function stop(atOnce = false): Promise<void> {
    stopping.abort()
    const stopMs = config.SHUTDOWN_SECONDS * 1_000
    const spreadMs = atOnce ? 0 : Math.min(goodbyesShare * stopMs, goodbyesMs)
    const lateMs = atOnce ? 0 : undefined
    const stopped = new AbortController()
    const late = wait(stopMs, undefined, stopped).then(() => Promise.all([server.resetAll(), metrics?.resetAll()]))
    eventStreams.drain(spreadMs)
    const stops = added.map(capability => capability.stop?.())
    const drained = Promise.all([server.stop(lateMs), webSocket.drain(spreadMs), metrics?.stop(lateMs), ...stops])
    await Promise.race([drained, late])
    await Promise.race([Promise.all([viewCounter.end(), ...added.map(capability => capability.end?.())]), late])
    await Promise.race([store.end(), late]).catch(error => log.error({ err: error }, 'closing the store failed'))
    stalls.end()
    serviceKeys?.end()
    endWaitLog()
    telemetry?.end()
    stopped.abort()
  }

  return {
    url: urlOf(config.HOST, port),
    metricsUrl: metricsPort === undefined ? undefined : `${urlOf(config.HOST, metricsPort)}/metrics`,
    useCases: useCasesOf(sources, everyone),
    feed,
    viewCounter,
    callers,
    opened,
    backup: () => backup(store, log),
    stop,
  }
}

const urlOf = (host: string, port: number): string => `http://${host.includes(':') ? `[${host}]` : host}:${port}`

async function backup(store: Store, log: Logger): Promise<void> {
  const began = performance.now()
  try {
    const copy = await store.backup?.()
    if (copy) log.info({ ...copy, ms: Math.round(performance.now() - began) }, 'data file backed up')
    else log.warn('nothing backed up: use mongodump for a MongoDB store')
  } catch (error) {
    log.error({ err: error }, 'data file not backed up')
  }
}
