import { randomUUID } from 'node:crypto'
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import { WebSocketServer } from 'ws'
import { probe } from '../concurrency/probe'
import { Slots } from '../concurrency/slots'
import { authorizationOf } from '../http/authorization'
import { pathOf, withoutBasePath } from '../http/base-path'
import { loggedPath } from '../http/logged-path'
import type { AllowsOrigin } from '../http/middleware'
import type { ClientAddress, RateLimit } from '../http/rate-limit'
import { closeGracefully, type Upgrade } from '../http/server'
import type { Callers } from '../use-cases'
import type { Admission } from './admission'
import { graphqlBodyBytes } from './limits'
import type { Subscriptions } from './subscriptions'
import { type ConnectionSettings, MessageQueue, type Peer, WebSocketConnection } from './websocket-connection'

const path = '/graphql'
const subprotocol = 'graphql-transport-ws'
const pingEveryMs = 12_000
/** Time in ms within which a client whose WebSocket upgrade was refused must end the connection. */
const refusalLingerMs = 1_000

interface WebSocketOptions {
  admission: Admission
  subscriptions: Subscriptions
  callers: Callers
  addressOf: ClientAddress
  allowsOrigin: AllowsOrigin
  limit: RateLimit
  log: Logger
  limits: { CONNECTIONS_PER_ADDRESS: number; SUBSCRIPTIONS_PER_CONNECTION: number }
  /** Interval in ms between two pings (set only by tests). */
  pingMs?: number
  fullSocketMs?: number | undefined
}

export class GraphqlWebSockets {
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: graphqlBodyBytes,
    handleProtocols: offered => offered.has(subprotocol) && subprotocol,
    clientTracking: false,
  })
  readonly #connections = new Set<WebSocketConnection>()
  readonly #settings: ConnectionSettings
  readonly #slots: Slots
  readonly #pinging: NodeJS.Timeout
  #isStopping = false

  constructor(readonly options: WebSocketOptions) {
    const { admission, subscriptions, callers, limit, log, limits, pingMs = pingEveryMs, fullSocketMs } = options
    this.#settings = {
      admission,
      subscriptions,
      callers,
      rateLimit: limit,
      messageQueue: new MessageQueue(),
      operationsAllowed: limits.SUBSCRIPTIONS_PER_CONNECTION,
      fullSocketMs,
      log,
    }
    this.#slots = new Slots({ ofPrincipal: limits.CONNECTIONS_PER_ADDRESS })
    this.#server.on('wsClientError', (_error, socket, request) => this.#refuse(request, socket, 400))
    this.#pinging = setInterval(() => {
      for (const connection of this.#connections) connection.ping()
    }, pingMs)
  }

  get connections(): number {
    return this.#connections.size
  }

  readonly upgrade: Upgrade = (request, socket, head) => {
    const address = this.options.addressOf(request)
    const status = this.#refusal(request, address)
    if (status !== undefined) return this.#refuse(request, socket, status)
    socket.once('close', this.#slots.acquire(address))
    this.#server.handleUpgrade(request, socket, head, client =>
      this.#opened({ socket: client, wire: socket, address, authorization: authorizationOf(request) }),
    )
  }

  #refusal(request: IncomingMessage, address: string): number | undefined {
    if (this.#isStopping) return 503
    if (pathOf(withoutBasePath(request.url ?? '')) !== path) return 404
    if (!this.options.allowsOrigin(request)) return 403
    return this.#slots.mayAcquire(address) ? undefined : 429
  }

  #refuse({ method, url = '' }: IncomingMessage, socket: Duplex, status: number): void {
    const fields = ['Connection: close', 'Content-Length: 0', ...(status === 400 ? ['Sec-WebSocket-Version: 13'] : [])]
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${fields.join('\r\n')}\r\n\r\n`)
    closeGracefully(socket, refusalLingerMs)
    this.options.log.info({ request_id: randomUUID(), method, path: loggedPath(url), status }, 'request')
  }

  #opened(peer: Peer): void {
    const { socket } = peer
    const started = performance.now()
    const connection = new WebSocketConnection(peer, this.#settings)
    this.#connections.add(connection)
    socket.once('close', code => {
      this.#connections.delete(connection)
      const ms = Math.round(performance.now() - started)
      probe?.socketClosed(connection.closedWith)
      const close_code = connection.closedWith ?? code
      const { request_id, subject } = connection
      this.options.log.info({ request_id, subject, method: 'WEBSOCKET', path, close_code, ms }, 'request')
    })
    if (socket.protocol !== subprotocol) connection.close(4406, 'Subprotocol not acceptable')
  }

  /**
   * Closes each connection at a random time within `ms`, with code 1012 (Service Restart), so that the client
   * reconnects. Terminates connections that are still open a second after that, because a client may never close.
   */
  async drain(ms: number): Promise<void> {
    this.#isStopping = true
    clearInterval(this.#pinging)
    const closed = [...this.#connections].map(
      connection =>
        new Promise<void>(resolve => {
          connection.peer.socket.once('close', () => resolve())
          setTimeout(() => connection.close(1012, 'Service Restart'), Math.random() * ms).unref()
          setTimeout(() => connection.peer.socket.terminate(), ms + 1_000).unref()
        }),
    )
    await Promise.all(closed)
  }
}
