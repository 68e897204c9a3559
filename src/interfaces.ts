import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { dashboardSignIn } from './access/dashboard-sign-in'
import { capabilities } from './capabilities/index'
import type { OpenedCapability } from './capability'
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
import type { AllowsOrigin } from './http/middleware'
import { type Admit, clientAddressBehind, rateLimit } from './http/rate-limit'
import { pagesHandler } from './http/static-assets'
import { coreViewPaths } from './http/view-paths'
import { schemaOf } from './resolvers/schema'
import { expressMessages, restHandler } from './rest/routes'
import type { Callers } from './use-cases'
import type { Config } from './variables'

interface InterfacesOptions {
  config: Config
  log: Logger
  callers: Callers
  allowsOrigin: AllowsOrigin
  added: readonly OpenedCapability[]
}

/** The returned event streams must be drained when the server stops. */
export async function interfacesOf({ config, log, callers, allowsOrigin, added }: InterfacesOptions) {
  // Limit requests and event streams by client address.
  const addressOf = clientAddressBehind(config.TRUST_PROXY)
  const limit = rateLimit(config.REQUESTS_PER_SECOND)
  const admit: Admit = (request, response) => {
    const rate = limit(addressOf(request), response)
    for (const capability of added) capability.admit?.(request)
    return rate
  }
  const eventStreams = new EventStreams(config.CONNECTIONS_PER_ADDRESS, addressOf)

  // Serve GraphQL over HTTP, Server-Sent Events and WebSocket.
  const schema = schemaOf(capabilities)
  const admission = new Admission(config.FEDERATION ? subgraphOf(schema) : schema, config.INTROSPECTION)
  const executions = new ExecutionQueue()
  const subscriptions = new Subscriptions(executions, callers, log)
  const streams = new StreamedResponses({ admission, subscriptions, eventStreams, log })
  const graphql = await GraphqlHttp.start({ admission, executions, streams, callers, admit, log })
  const webSocket = new GraphqlWebSockets({
    admission,
    subscriptions,
    callers,
    addressOf,
    allowsOrigin,
    limit,
    log,
    limits: config,
  })

  // Serve REST and web pages.
  const rest = restHandler({
    callers,
    eventStreams,
    admit,
    log,
    trustedProxies: config.TRUST_PROXY,
    signIn: config,
    capabilities,
    off: added.filter(({ isOff }) => isOff).map(({ name }) => name),
    more: added.flatMap(({ resources = [] }) => resources),
  })
  const signIn = dashboardSignIn(config)
  const pages = pagesHandler({
    folder: join(__dirname, '..'),
    viewPaths: [...coreViewPaths, ...capabilities.flatMap(({ viewPaths = [] }) => viewPaths)],
    settings: Object.assign({ 'sign-in': signIn.settings }, ...added.map(({ settings }) => settings)),
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
  return { listener, webSocket, eventStreams, messages: expressMessages(rest) }
}
