// This folder contains the code that all HTTP interfaces share: connections, middleware, JSON, compression, event
// streams and static assets. The code in this folder does not depend on use cases or resources.

import { randomUUID } from 'node:crypto'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Logger } from 'pino'
import { fromHere, probe } from '../concurrency/probe'
import { noteConnection, runSoon } from '../concurrency/scheduler'
import { beginWait } from '../concurrency/waits'
import { StartupError } from '../domain/errors'

/**
 * Maximum number of requests that a connection queues behind the current one. Against a client that sends thousands of
 * requests at once: the server stops reading from a connection whose queue is full.
 */
export const requestsWaiting = 10

// Node itself limits the time for reading a request. docs/reference/security.md lists all time limits on a connection.

/**
 * Time in ms after which the server resets a connection whose client accepts pending output more slowly than
 * `leastBytesPerSecond`. A slow WebSocket is closed earlier if possible: after `fullSocketMs`, with a close frame.
 *
 * `unreadOutputMs` is long, because network buffers hide the progress of a slow client. Linux accepts more output only
 * once a third of its send buffer (up to 4 MiB) is free, both on the server and on a proxy in front of it. A client
 * that steadily reads 5 kB per second frees a third of a 4 MiB buffer within 280 s.
 */
const unreadOutputMs = 300_000
/** Number of checks within `unreadOutputMs` whether a client accepts pending output fast enough. */
const unreadChecks = 6
/** Minimum average rate, in bytes per second, at which a client must accept pending output. */
export const leastBytesPerSecond = 1_000
/**
 * Time in ms after which the server ends an idle connection. Common proxies close their idle connections to the server
 * earlier: Caddy after 120 s, Traefik after 90 s, nginx and Amazon's load balancers after 60 s. A proxy therefore never
 * sends a request on a connection that the server is closing.
 */
const keepAliveMs = 130_000
/** How long, in ms, a stopping server still accepts a request on an idle connection. */
const lateRequestMs = 500
/** Time in ms that a client has to close its side of an ended connection before the server destroys the connection. */
const endLingerMs = 2_000

/**
 * Maximum number of new connections that wait until the server accepts them (Linux caps it at `net.core.somaxconn`). For
 * all clients that reconnect at once after a crash: the kernel drops the rest, which try again only after 1, 2, 4, … s.
 */
const unacceptedConnections = 65_535

export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** Connections by socket. This map is module state, because `noteStream` knows only a response and its socket. */
const connectionOf = new WeakMap<Duplex, HttpConnection>()

/**
 * While a stream lasts, the server reads from the connection only to notice a disconnect. If reading is impossible, the
 * server destroys the connection (see `HttpConnection.beginStream`).
 */
export const noteStream = ({ req: { socket } }: ServerResponse): void => connectionOf.get(socket)?.beginStream()

interface HttpServerOptions {
  answer: RequestListener
  upgrade: Upgrade
  log: Logger
  messages?: Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'>
  unreadMs?: number | undefined
  /** Minimum rate, in bytes per second, at which a client must read. */
  leastRate?: number | undefined
}

/** HTTP server that eventually ends every connection, whatever the client does. */
export class HttpServer {
  readonly #server: Server
  readonly #connections = new Set<HttpConnection>()
  #lateMs = lateRequestMs

  constructor(readonly options: HttpServerOptions) {
    const { messages } = options
    // `prepareRequests` checks the `Host` header, because Node would not log a refused request.
    this.#server = createServer({ ...messages, requireHostHeader: false, shouldUpgradeCallback: isForWebSocket })
    // Node considers a connection idle even while the client is still downloading a response. When the server closes,
    // Node would therefore destroy the connection during the download.
    this.#server.closeIdleConnections = () => {}
    this.#server.on('connection', (socket: Socket) => this.#opened(socket))
    this.#server.on('request', (request, response) => this.#requested(request, response))
    this.#server.on('upgrade', (request, socket, head) =>
      connectionOf.get(socket)?.handOver(() => options.upgrade(request, socket, head)),
    )
    // A server is allowed to ignore all expectations except 100-continue (RFC 9110 §10.1.1).
    this.#server.on('checkExpectation', (request, response) => this.#requested(request, response))
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => this.#malformed(error, socket))
    // Do not limit the number of headers, because Node would silently drop all headers beyond the limit, even If-Match
    // and Host. Node still limits the total size of a request's headers.
    this.#server.maxHeadersCount = 0
    this.#server.keepAliveTimeout = keepAliveMs
  }

  get connections(): number {
    return this.#connections.size
  }

  /** If listening fails, throws a StartupError that names the environment variable to change. */
  async listen(port: number, host: string, variable = 'PORT'): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        const inUse = error.code === 'EADDRINUSE'
        reject(
          new StartupError(
            inUse
              ? `Port ${port} on ${host} is in use: stop the other process, or set ${variable} to another port.`
              : `Cannot listen on ${host}:${port} (${error.message}): correct HOST or ${variable}.`,
          ),
        )
      })
      this.#server.listen({ port, host, backlog: unacceptedConnections }, resolve)
    })
    const { log, unreadMs = unreadOutputMs, leastRate = leastBytesPerSecond } = this.options
    this.#server.on('error', error => log.warn({ err: error }, 'server error'))
    const least = (leastRate * unreadMs) / 1_000
    const sweep = setInterval(() => {
      for (const connection of this.#connections) connection.checkProgress(least)
    }, unreadMs / unreadChecks).unref()
    this.#server.once('close', () => clearInterval(sweep))
    return (this.#server.address() as AddressInfo).port
  }

  /** Finishes the requests in progress. Idle connections accept requests for another `lateMs`. */
  async stop(lateMs = lateRequestMs): Promise<void> {
    this.#lateMs = lateMs
    const closed = new Promise<unknown>(resolve => this.#server.close(resolve))
    for (const connection of this.#connections) connection.finish(lateMs)
    await closed
    await closeEvents()
  }

  /** Resets all remaining connections. A reset tells the client that its response is incomplete. */
  async resetAll(): Promise<void> {
    for (const { socket } of this.#connections) resetConnection(socket)
    await closeEvents()
  }

  #opened(socket: Socket): void {
    noteConnection()
    const connection = new HttpConnection(socket)
    connectionOf.set(socket, connection)
    this.#connections.add(connection)
    socket.once('close', () => this.#connections.delete(connection))
    if (!this.#server.listening) connection.finish(this.#lateMs)
  }

  #requested(request: IncomingMessage, response: ServerResponse): void {
    probe?.requestReceived(request.url ?? '')
    response.on('error', error => this.options.log.warn({ err: error }, 'response error'))
    connectionOf.get(request.socket)?.serve(request, response, this.options.answer)
  }

  /**
   * Responds to a malformed or incomplete request with an error, after the responses to earlier requests, and ends the
   * connection. Destroys the connection after an error that is neither a parser error nor a request timeout.
   */
  #malformed({ code = '' }: NodeJS.ErrnoException, socket: Duplex): void {
    if (!code.startsWith('HPE_') && code !== 'ERR_HTTP_REQUEST_TIMEOUT') {
      socket.destroy()
      return
    }
    const request_id = randomUUID()
    const status = parserErrorStatuses[code] ?? 400
    connectionOf
      .get(socket)
      ?.refuse(refusalText(status, request_id), () =>
        this.options.log.info({ request_id, status, code }, 'malformed request'),
      )
  }
}

/** Waits until all responses on closed sockets have emitted `close`, which takes more than one event-loop turn. */
async function closeEvents(): Promise<void> {
  await nextTurn()
  await nextTurn()
}

/** HTTP status by error code of Node's HTTP parser. All other parser errors have status 400. */
const parserErrorStatuses: Record<string, number> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
}

function refusalText(status: number, request_id: string): string {
  const title = STATUS_CODES[status]
  const body = JSON.stringify({ type: 'about:blank', title, status })
  const fields = {
    'Cache-Control': 'no-store',
    Connection: 'close',
    'Content-Length': body.length,
    'Content-Type': 'application/problem+json',
    'X-Content-Type-Options': 'nosniff',
    'X-Request-Id': request_id,
  }
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${title}\r\n${head.join('')}\r\n${body}`
}

/** An HTTP/1.0 request can omit the Host header (RFC 9112 §3.2). */
export function hasValidHost({ rawHeaders, httpVersion }: IncomingMessage): boolean {
  const hosts = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'host')
  if (hosts.length === 0) return httpVersion === '1.0'
  return hosts.length === 1 && /^(?:[\w.~!$&'()*+,;=%-]*|\[[\da-f:.]+\])(?::\d*)?$/i.test(hosts[0] ?? '')
}

/**
 * Whether Node hands the connection of an upgrade request to the WebSocket server. Node serves any other upgrade request
 * as an ordinary one (RFC 9110 §7.8). Java's HttpClient needs this, because it asks for an upgrade to `h2c`. Node drops
 * what follows such a request in the same chunk, but a client that asks for an upgrade does not pipeline.
 */
const isForWebSocket = (request: IncomingMessage): boolean => {
  const { method, headers } = request
  const hasNoBody = headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0'
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && hasNoBody && hasValidHost(request)
}

/** Serves requests one at a time, so that a client that stops reading keeps the server busy with one response. */
class HttpConnection {
  /** Functions that serve the waiting requests, in order of arrival. */
  readonly #queue: (() => void)[] = []
  #response: ServerResponse | undefined
  /** Whether the next queued request is waiting for its time slice. */
  #isStarting = false
  #isStream = false
  /** Whether Node has released the connection for an upgrade, so that nothing reads from the connection. */
  #isReleased = false
  /** The argument `lateMs` of `HttpServer.stop`, or undefined before the server stops. */
  #lateMs: number | undefined
  #isHandedOver = false
  /**
   * Number of output bytes that the network had accepted at the last check that the client passed. `#checksSince`
   * counts the failed checks since the last passed check.
   */
  #taken = 0
  #checksSince = 0
  #endSlowWait: (() => void) | undefined

  constructor(readonly socket: Socket) {
    // The connection needs its own error listener, because Node removes its listener before an upgrade.
    socket.on('error', () => {})
    socket.on('resume', () => this.#isFull && socket.pause())
    socket.once('close', () => this.#endSlowWait?.())
    // Node calls `destroySoon` after the last response. Replace `destroySoon` with a graceful close, because closing a
    // connection with unread input would reset it (RFC 9112 §9.6).
    socket.destroySoon = () => this.#end()
  }

  get #isBusy(): boolean {
    return this.#response !== undefined || this.#isStarting
  }

  get #isFull(): boolean {
    return this.#queue.length >= requestsWaiting
  }

  /** Runs `work` once all earlier requests on the connection have been answered, or never if the connection ends. */
  #enqueue(work: () => void): void {
    this.#queue.push(work)
    if (!this.#isBusy) this.#startNext()
    else if (this.#isFull && this.#isStream) this.socket.destroy()
    else if (this.#isFull) this.socket.pause()
  }

  #startNext(): void {
    if (this.#queue.length > 0) {
      this.#isStarting = true
      runSoon(this.#runNext)
    } else this.#endIfIdle()
  }

  readonly #runNext = (): void => {
    this.#isStarting = false
    if (this.socket.destroyed || this.socket.writableEnded) return
    const work = this.#queue.shift()
    if (this.#queue.length === requestsWaiting - 1) this.socket.resume()
    work?.()
  }

  serve(request: IncomingMessage, response: ServerResponse, answer: RequestListener): void {
    if (this.socket.writableEnded) request.resume()
    else this.#enqueue(fromHere(() => this.#answer(request, response, answer)))
  }

  #answer(request: IncomingMessage, response: ServerResponse, answer: RequestListener): void {
    this.#response = response
    response.once('close', this.#answered)
    if (this.#lateMs !== undefined) this.#announceEnd(response)
    answer(request, response)
  }

  /**
   * Resumes reading, to notice when the client disconnects. Destroys the connection if the server could not notice that,
   * because an upgrade or too many requests wait behind the stream, or the client has already disconnected.
   */
  beginStream(): void {
    this.#isStream = true
    this.#response?.req.resume()
    if (this.#isFull || this.#isReleased || this.socket.readableEnded) this.socket.destroy()
  }

  readonly #answered = (): void => {
    this.#response = undefined
    this.#isStream = false
    this.#startNext()
  }

  /**
   * Sends an error response to a malformed request, after the responses to earlier requests. If the current request's
   * body is malformed, responds at once, or destroys the connection if the response has already started. Also destroys
   * the connection if the malformed request follows a stream, because the stream would keep its slot if its client
   * disconnected in the middle of the malformed request.
   */
  refuse(text: string, refused: () => void): void {
    const work = (): void => {
      refused()
      this.socket.write(text)
      this.#end()
    }
    const isInTurn = !this.#response || (this.#response.req.complete && !this.#isStream)
    if (isInTurn) this.#enqueue(work)
    else if (this.#response?.headersSent) this.socket.destroy()
    else work()
  }

  /** Serves the requests that have already arrived, then ends the connection. */
  finish(lateMs: number): void {
    this.#lateMs = lateMs
    if (this.#response) this.#announceEnd(this.#response)
    else this.#endIfIdle()
  }

  #announceEnd(response: ServerResponse): void {
    if (this.#queue.length === 0 && !response.headersSent) response.setHeader('Connection', 'close')
  }

  /** If the server is stopping, ends the connection after `lateMs`, unless the connection is busy at that time. */
  #endIfIdle(): void {
    if (this.#lateMs === undefined) return
    const isIdle = (): boolean => !this.#isBusy && !this.#isHandedOver
    setTimeout(() => isIdle() && this.#end(), this.#lateMs)
  }

  #end(): void {
    const { socket } = this
    if (socket.writableEnded || socket.destroyed) return
    this.#queue.length = 0
    closeGracefully(socket, endLingerMs)
  }

  /** Waits for all earlier responses. Destroys the connection if an upgrade follows a stream (see `beginStream`). */
  handOver(upgrade: () => void): void {
    this.#isReleased = true
    if (this.#isStream) this.socket.destroy()
    this.#enqueue(() => {
      this.#isHandedOver = true
      upgrade()
    })
  }

  /**
   * Resets the connection if its client has accepted less than `least` bytes of pending output during `unreadChecks`
   * checks. The limit is counted in checks rather than in time, so that a blocked event loop counts as only one check.
   */
  checkProgress(least: number): void {
    const taken = takenBytes(this.socket)
    if (this.socket.writableLength === 0 || taken - this.#taken >= least) {
      this.#taken = taken
      this.#checksSince = 0
      this.#endSlowWait?.()
      this.#endSlowWait = undefined
      return
    }
    // For a WebSocket, `WebSocketWriter` registers the wait for a slow reader.
    if (!this.#isHandedOver)
      this.#endSlowWait ??= beginWait('slow_reader', { request_id: this.#response?.getHeader('X-Request-Id') })
    if (++this.#checksSince < unreadChecks) return
    resetConnection(this.socket)
    probe?.connectionReset()
  }
}

/** A socket with Node's internal byte counters. `_handle` is null once the socket is closed. */
type WithHandle = Duplex & { _handle?: { bytesWritten: number; writeQueueSize: number } | null }

/**
 * Node's public counter `bytesWritten` is no substitute: it includes bytes that are still buffered in Node, so a client
 * that reads a long response slowly would look like a client that reads nothing.
 */
export function takenBytes(socket: WithHandle): number {
  const { _handle: handle } = socket
  return handle ? handle.bytesWritten - handle.writeQueueSize : 0
}

/** Resets a connection at once. Node's `destroySoon` would wait until the client has accepted all pending output. */
export function resetConnection(socket: Socket): void {
  socket.destroySoon = () => socket.destroy()
  socket.resetAndDestroy()
}

/** Discards input for up to `lingerMs`: unread input would cause a reset that can overtake the last response. */
export function closeGracefully(socket: Duplex, lingerMs: number): void {
  socket.end()
  socket.resume()
  const late = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(late))
}
