import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { TokenAuthenticator } from './access/authenticator'
import { dashboardSignIn } from './access/dashboard-sign-in'
import { ServiceKeys } from './access/service-keys'
import { totalsViews } from './capabilities/totals/pages'
import { webhookViews } from './capabilities/webhooks/pages'
import { EventLoopStalls } from './concurrency/event-loop-stalls'
import { logSlowWaits } from './concurrency/waits'
import { connectWithRetry } from './db/connect-with-retry'
import { openEmbeddedStore } from './db/embedded/embedded-store'
import { mongoStore } from './db/mongo/mongo-store'
import { fanOut, type Store } from './db/store'
import { Feed } from './feed/feed'
import { Admission } from './graphql-server/admission'
import { ExecutionQueue } from './graphql-server/execution-queue'
import { GraphqlHttp } from './graphql-server/http'
import { StreamedResponses } from './graphql-server/streamed-responses'
import { subgraphOf } from './graphql-server/subgraph'
import { Subscriptions } from './graphql-server/subscriptions'
import { GraphqlWebSockets } from './graphql-server/websocket-server'
import { pathOf } from './http/base-path'
import { EventStreams } from './http/event-stream'
import { addLoggedRoute } from './http/logged-path'
import { originsAllowed, prepareRequests } from './http/middleware'
import { type CheckRateLimit, clientAddressBehind, rateLimit } from './http/rate-limit'
import { HttpServer } from './http/server'
import { pagesHandler } from './http/static-assets'
import { coreViews } from './http/views'
import { ReportPruning } from './reports/report-pruning'
import { Reports } from './reports/reports'
import { schema } from './resolvers/schema'
import { sendProblem } from './rest/problem'
import type { Resource } from './rest/resource'
import { expressMessages, restHandler } from './rest/routes'
import { Retention } from './sessions/retention'
import { SessionQuota } from './sessions/session-quota'
import { Sessions } from './sessions/sessions'
import { Views } from './sessions/views'
import type { Config } from './startup/config'
import { Telemetry } from './telemetry/telemetry'
import { Totals } from './totals/totals'
import { type Callers, callersOf } from './use-cases'
import { WebhookDeliveries } from './webhooks/deliveries'
import type { DeliveryContext } from './webhooks/delivery-context'
import { WebhookSender } from './webhooks/sender'
import { Webhooks } from './webhooks/webhooks'

/**
 * Share of `SHUTDOWN_SECONDS` over which a stop spreads the ends of streams and WebSockets, so that clients don't all
 * reconnect at once; `goodbyesMs` at most.
 */
const goodbyesShare = 0.3
const goodbyesMs = 3_000

export interface App {
  url: string
  /** URL of the metrics; undefined unless `METRICS_PORT` is set. */
  metricsUrl: string | undefined
  sessions: Sessions
  totals: Totals
  feed: Feed
  webhooks: Webhooks
  reports: Reports
  views: Views
  callers: Callers
  /** Resolves when the store is open, or when the app stops first. Rejects if the store cannot be used at all. */
  opened: Promise<void>
  /** Copies the data file and logs the outcome. With MongoDB, only logs that nothing was copied. Never rejects. */
  backup(): Promise<void>
  /**
   * Accepts nothing new, finishes requests in flight and closes the store. Takes at most `SHUTDOWN_SECONDS`. Never
   * rejects.
   */
  stop(): Promise<void>
}

/**
 * Opens the store and listens as soon as the store is open. If the store is unavailable or slow to open, listens anyway
 * and keeps trying to open it.
 */
export async function startApp(config: Config, log: Logger): Promise<App> {
  const byAge = config.SESSION_DAYS !== undefined
  const store = config.MONGODB_URI
    ? mongoStore(config.MONGODB_URI, { byAge })
    : openEmbeddedStore(config.DATA_FILE, { keepDays: config.FEED_DAYS, byAge })
  try {
    return await serve(config, log, store)
  } catch (error) {
    await store.end()
    throw error
  }
}

/** Connects the store, the use cases and the interfaces, and listens. The app owns the store: `stop` ends it. */
export async function serve(
  config: Config,
  log: Logger,
  plainStore: Store,
  { calculator, clock, webhooks }: Partial<Pick<Sessions, 'calculator' | 'clock'>> & { webhooks?: WebhookMeans } = {},
): Promise<App> {
  const tokens = await TokenAuthenticator.of(config, log)
  const serviceKeys = await ServiceKeys.of(config, log, tokens)
  const telemetry = Telemetry.of(config.METRICS_PORT)
  const stopping = new AbortController()

  // The store, and the use cases.
  const store = telemetry?.store(plainStore) ?? plainStore
  const totals = new Totals(store, log, clock)
  const limit = config.SESSIONS_PER_MENTOR
  const quota = limit === undefined ? undefined : new SessionQuota(limit, (...of) => totals.count(...of))
  const sessions = new Sessions(store, log, calculator, clock, (...write) => totals.ownWrites.make(...write), quota)
  const feed = new Feed(store, log)
  const deliveries = config.WEBHOOKS
    ? deliveriesOf(config, { store, feed, log, requiresTokens: (serviceKeys ?? tokens) !== undefined }, webhooks)
    : undefined
  const followers = fanOut(feed, totals, sessions.cache, ...(deliveries ? [deliveries] : []))
  const follow = () => (telemetry ? telemetry.follow(store, feed, followers) : store.log.follow(followers))
  const { tried, opened } = connectWithRetry(follow, log, stopping.signal)
  await tried
  const on = deliveries && { allowsPrivate: config.WEBHOOKS_ALLOW_PRIVATE, look: () => deliveries.look() }
  const webhookEndpoints = new Webhooks(store, feed, on, clock)
  const views = new Views(store.views, log, clock)
  const reports = new Reports(store, totals, clock, report_id => views.countView(report_id))
  const useCases = { sessions, totals, feed, webhooks: webhookEndpoints, reports, views }
  const allCallers = callersOf(useCases, serviceKeys ?? tokens)
  const callers = telemetry?.callers(allCallers) ?? allCallers

  // The interfaces.
  const { listener, webSocket, events, messages } = await interfacesOf(config, callers, log)

  // The servers.
  const stalls = new EventLoopStalls(log)
  const endWaitLog = logSlowWaits(log)
  const prepared = prepareRequests(listener, sendProblem, config.CORS_ORIGIN, log, stalls)
  const server = new HttpServer(telemetry?.requests(prepared) ?? prepared, webSocket.upgrade, log, messages)
  const dataFile = config.MONGODB_URI ? undefined : config.DATA_FILE
  const metrics = telemetry?.metricsServer(
    { store, sessions, feed, totals, server, webSocket, webhooks: deliveries, dataFile },
    log,
  )
  const metricsPort = await metrics?.listen(config.METRICS_PORT ?? 0, config.HOST, 'METRICS_PORT')
  const port = await server.listen(config.PORT, config.HOST)

  // Closes inactive sessions and prunes reports, once the store is open.
  let retention: Retention | undefined
  let pruning: ReportPruning | undefined
  const retain = (): void => {
    if (stopping.signal.aborted) return
    if (config.SESSION_DAYS) retention = new Retention(sessions, log, config.SESSION_DAYS)
    pruning = new ReportPruning(store.reports, log, clock)
  }
  opened.then(retain, () => {})
  if (deliveries)
    opened.then(
      () => deliveries.start(),
      () => {},
    )

  async function stop(): Promise<void> {
    stopping.abort()
    retention?.end()
    pruning?.end()
    const stopMs = config.SHUTDOWN_SECONDS * 1_000
    const spreadMs = Math.min(goodbyesShare * stopMs, goodbyesMs)
    const stopped = new AbortController()
    const late = wait(stopMs, undefined, stopped).then(() => Promise.all([server.resetAll(), metrics?.resetAll()]))
    events.drain(spreadMs)
    const delivered = deliveries?.end()
    const drained = Promise.all([server.stop(), webSocket.drain(spreadMs), metrics?.stop()])
    await Promise.race([Promise.all([drained, delivered]), late])
    totals.end()
    await Promise.race([views.end(), late])
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
    sessions,
    totals,
    feed,
    webhooks: webhookEndpoints,
    reports,
    views,
    callers,
    opened,
    backup: () => backup(store, log),
    stop,
  }
}

/** Returns the interfaces, as one request listener and a WebSocket server, and what a stop has to drain. */
async function interfacesOf(config: Config, callers: Callers, log: Logger) {
  // Limits of a client's address.
  const addressOf = clientAddressBehind(config.TRUST_PROXY)
  const allowsOrigin = originsAllowed(config.CORS_ORIGIN)
  const limit = rateLimit(config.REQUESTS_PER_SECOND)
  const admit: CheckRateLimit = request => limit(addressOf(request))
  const events = new EventStreams(config.CONNECTIONS_PER_ADDRESS, addressOf)

  // GraphQL, over HTTP, Server-Sent Events and WebSocket.
  const admission = new Admission(config.FEDERATION ? subgraphOf(schema) : schema, config.INTROSPECTION)
  const executions = new ExecutionQueue()
  const subscriptions = new Subscriptions(executions, log)
  const streams = new StreamedResponses(admission, subscriptions, events, log)
  const graphql = await GraphqlHttp.start(admission, executions, streams, callers, admit, log)
  const rules = { addressOf, allowsOrigin, limit }
  const webSocket = new GraphqlWebSockets(admission, subscriptions, callers, rules, log, config)

  // REST, and web pages.
  const rest = restHandler(callers, events, admit, log, config.TRUST_PROXY, config, await assistantResourcesOf(config))
  const signIn = dashboardSignIn(config)
  const pages = pagesHandler({
    folder: join(__dirname, '..'),
    views: [...coreViews, ...totalsViews, ...webhookViews],
    settings: { 'sign-in': signIn.settings, webhooks: config.WEBHOOKS ? 'on' : '' },
    connectsTo: signIn.origin,
  })

  for (const path of ['/graphql', '/graphql/stream']) addLoggedRoute(path)
  const listener: RequestListener = (request, response) => {
    if (pages(request, response)) return
    const path = pathOf(request.url)
    if (path === '/graphql') graphql.serve(request, response)
    else if (path === '/graphql/stream') graphql.serveStream(request, response)
    else rest(request, response)
  }
  return { listener, webSocket, events, messages: expressMessages(rest) }
}

/** Returns the resources for assistants. The SDK takes time to load, so it is loaded only if it is used. */
async function assistantResourcesOf(config: Config): Promise<Resource[]> {
  if (config.MCP === 'off') return []
  const { assistantResources } = await import('./mcp/resources.js')
  return assistantResources(config, packageVersion(), originsAllowed(config.CORS_ORIGIN))
}

/** What a test sets in place of the system's: see WebhookSender and DeliveryContext. */
export type WebhookMeans = WebhookSender['system'] & Pick<DeliveryContext, 'retryDelaysMs' | 'messagesInTotal'>

const packageVersion = (): string => JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')).version

function deliveriesOf(
  config: Config,
  context: Pick<DeliveryContext, 'store' | 'feed' | 'log' | 'requiresTokens'>,
  { retryDelaysMs, messagesInTotal, ...system }: WebhookMeans = {},
): WebhookDeliveries {
  const sender = new WebhookSender(`benefit-sessions/${packageVersion()}`, config.WEBHOOKS_ALLOW_PRIVATE, system)
  return new WebhookDeliveries({ ...context, sender, retryDelaysMs, messagesInTotal })
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
