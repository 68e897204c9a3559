import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import cors from 'cors'
import { NoSchemaIntrospectionCustomRule } from 'graphql'
import type { Logger } from 'pino'
import type { Config } from './config'
import { EmbeddedStore } from './db/embedded'
import { MongoStore } from './db/mongo'
import { CannotStart } from './domain/errors'
import { Feed } from './feed/feed'
import { type Admit, addressesBehind } from './http/addresses'
import { pagesDoor } from './pages'
import { rateLimit } from './rate'
import { Documents } from './resolvers/documents'
import { httpDoor } from './resolvers/http'
import { schema } from './resolvers/schema'
import { sseDoor } from './resolvers/sse'
import { Streams } from './resolvers/stream'
import { WebSocketDoor } from './resolvers/websocket'
import { restDoor } from './rest/routes'
import { Sessions } from './sessions'
import { EventStreams } from './sse'

/** How long a stop waits for what is in flight. */
const stopTimeoutMs = 10_000

/** What a page of another origin may read beside the body. */
const exposedHeaders = [
  'Allow',
  'ETag',
  'Idempotency-Replayed',
  'Link',
  'Location',
  'Retry-After',
  'Session-Version',
  'X-Request-Id',
]

/** Over how long a stop spreads the goodbyes to its subscribers, so that they don't all reconnect at once. */
const spreadMs = 3_000

export interface App {
  url: string
  sessions: Sessions
  feed: Feed
  /** Takes nothing new, finishes what is in flight (10 s at most), and closes the store. */
  stop(): Promise<void>
}

/** Opens the store, joins the doors to it, and listens. */
export async function startApp(config: Config, log: Logger): Promise<App> {
  const store = config.MONGODB_URI
    ? await MongoStore.open(config.MONGODB_URI)
    : EmbeddedStore.open(config.DATA_FILE, config.FEED_DAYS)
  try {
    return await serve(config, log, new Sessions(store, log))
  } catch (error) {
    await store.end()
    throw error
  }
}

/** Joins the doors to the use cases, and listens. The app owns their store: its stop ends it. */
export async function serve(config: Config, log: Logger, sessions: Sessions): Promise<App> {
  const feed = new Feed(sessions.store, log)
  await feed.start()
  const context = { sessions, feed }
  const documents = new Documents(schema, config.INTROSPECTION ? [] : [NoSchemaIntrospectionCustomRule])
  const streams = new Streams(log)
  const addressOf = addressesBehind(config.TRUST_PROXY)
  const events = new EventStreams(config.CONNECTIONS_PER_ADDRESS, addressOf)
  const limit = rateLimit(config.REQUESTS_PER_SECOND)
  const admit: Admit = request => limit(addressOf(request))
  const graphql = await httpDoor(context, admit, config.INTROSPECTION, log)
  const graphqlStream = sseDoor(documents, streams, events, context, admit, log)
  const webSocket = new WebSocketDoor(documents, streams, context, log, config)
  const rest = restDoor(sessions, feed, events, admit, log)

  const crossOrigin = cors({
    // Each answer names one origin at most.
    origin: config.CORS_ORIGIN.includes('*') ? '*' : config.CORS_ORIGIN,
    exposedHeaders,
    maxAge: 86_400,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    // Every resource answers OPTIONS itself, with its Allow.
    preflightContinue: true,
  })
  const pages = pagesDoor(join(__dirname, '..'))

  const server = createServer((request, response) => {
    request.url = originForm(request.url)
    observe(request, response, log)
    const [path] = (request.url ?? '').split('?', 1)
    crossOrigin(request, response, () => {})
    if (!server.listening) response.setHeader('Connection', 'close')
    if (pages(request, response)) return
    if (path === '/graphql') graphql(request, response)
    else if (path === '/graphql/stream') graphqlStream(request, response)
    else rest(request, response)
  })
  webSocket.serve(server)
  await listen(server, config.PORT, config.HOST)
  const { port } = server.address() as AddressInfo

  return {
    url: `http://${config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST}:${port}`,
    sessions,
    feed,
    async stop() {
      const served = drain(server)
      await Promise.all([webSocket.drain(spreadMs), events.drain(spreadMs)])
      await served
      await sessions.store.end()
    },
  }
}

/** A request target in absolute form names the same resource (RFC 9112 §3.2.2). */
const originForm = (target = '/'): string => target.replace(/^https?:\/\/[^/?]*/i, '').replace(/^(?!\/)/, '/')

/** Gives the request its id, and the log one line when it is done. Nothing of a body or a share's token is logged. */
function observe(request: IncomingMessage, response: ServerResponse, log: Logger): void {
  const started = performance.now()
  const given = request.headers['x-request-id']
  const request_id = typeof given === 'string' && /^[\w.:~+/=-]{1,128}$/.test(given) ? given : randomUUID()
  response.setHeader('X-Request-Id', request_id)
  const path = (request.url ?? '').replace(/\?.*/s, '').replace(/\/shared\/.+/s, '/shared/…')
  response.once('close', () => {
    const ms = Math.round((performance.now() - started) * 10) / 10
    const { method } = request
    const status = response.writableFinished && !request.errored ? response.statusCode : 'aborted'
    log.info({ request_id, method, path, status, ms }, 'request')
  })
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const inUse = error.code === 'EADDRINUSE'
      reject(
        new CannotStart(
          inUse
            ? `Port ${port} on ${host} is in use: stop what listens there, or set PORT to another.`
            : `${host}:${port} cannot be listened on (${error.message}): correct HOST and PORT.`,
        ),
      )
    })
    server.listen(port, host, resolve)
  })
}

function drain(server: Server): Promise<void> {
  return new Promise(resolve => {
    const idle = setInterval(() => server.closeIdleConnections(), 50)
    const deadline = setTimeout(() => server.closeAllConnections(), stopTimeoutMs)
    server.close(() => {
      clearInterval(idle)
      clearTimeout(deadline)
      // A request that was cut off is logged when its socket has closed: behind the next turn.
      setImmediate(() => setImmediate(resolve))
    })
  })
}
