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
import { setImmediate as turn } from 'node:timers/promises'
import type { Logger } from 'pino'
import { CannotStart } from '../domain/errors'
import { fromHere, probe } from '../probe'
import { accepted, soon } from '../time/turns'

/** Requests that wait on a connection behind the one that is answered; with so many, nothing more is read from it. */
export const requestsWaiting = 10
/** A connection that takes nothing of what waits for it for so long is given up. */
const untakenMs = 30_000
/** How often in that time it is looked at. */
const untakenLooks = 6
/**
 * How long a connection is kept without a request: longer than the usual proxies keep theirs (Caddy 120 s, Traefik 90 s, nginx and
 * Amazon's load balancers 60 s), so that none sends a request on one that is closing here.
 */
const keepAliveMs = 130_000
/** How long a connection without a request may still send one to a server that stops. */
const idleMs = 500
/** How long the other side has to close a connection that was ended here. */
const endLingerMs = 2_000

/** Takes a connection over from HTTP, for a WebSocket. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** Serves HTTP on connections that all end, whatever is at their other side. */
export class HttpServer {
  readonly #server: Server
  readonly #connections = new Map<Duplex, HttpConnection>()

  constructor(
    readonly answer: RequestListener,
    readonly upgrade: Upgrade,
    readonly log: Logger,
    /** Where they are not node's own. */
    messages: Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'> = {},
    readonly untaken = untakenMs,
  ) {
    // Whether a request names its host is looked at with the rest of it, where it has a line in the log.
    this.#server = createServer({ ...messages, requireHostHeader: false, shouldUpgradeCallback: isHandedOver })
    // Node takes a connection for idle whose answer is still being downloaded, and cuts it when it closes the server.
    this.#server.closeIdleConnections = () => {}
    this.#server.on('connection', (socket: Socket) => this.#opened(socket))
    this.#server.on('request', (request, response) => this.#requested(request, response))
    this.#server.on('upgrade', (request, socket, head) => this.#upgradeRequested(request, socket, head))
    this.#server.on('connect', (_request, socket) => this.#refuse(socket, 501, 'CONNECT'))
    // What a client expects but 100-continue may be ignored (RFC 9110 §10.1.1).
    this.#server.on('checkExpectation', (request, response) => this.#requested(request, response))
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => this.#malformed(error, socket))
    // The head is bounded by its size. Node would leave out the fields past a number, If-Match and Host among them.
    this.#server.maxHeadersCount = 0
    this.#server.keepAliveTimeout = keepAliveMs
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#connections.size
  }

  /** Listens, and says on which port. */
  async listen(port: number, host: string, variable = 'PORT'): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        const inUse = error.code === 'EADDRINUSE'
        reject(
          new CannotStart(
            inUse
              ? `Port ${port} on ${host} is in use: stop what listens there, or set ${variable} to another.`
              : `${host}:${port} cannot be listened on (${error.message}): correct HOST and ${variable}.`,
          ),
        )
      })
      this.#server.listen(port, host, resolve)
    })
    this.#server.on('error', error => this.log.warn({ err: error }, 'server'))
    const sweep = setInterval(() => {
      for (const connection of this.#connections.values()) connection.look()
    }, this.untaken / untakenLooks).unref()
    this.#server.once('close', () => clearInterval(sweep))
    return (this.#server.address() as AddressInfo).port
  }

  /** Takes no new connection, lets those there are finish what they are at, and resolves when all are gone. */
  async stop(): Promise<void> {
    const gone = new Promise<unknown>(resolve => this.#server.close(resolve))
    for (const connection of this.#connections.values()) connection.finish()
    await gone
    await closed()
  }

  /** Cuts every connection that is left, so that no client takes what came for the whole of an answer. */
  async cut(): Promise<void> {
    for (const { socket } of this.#connections.values()) cutOff(socket)
    await closed()
  }

  #opened(socket: Socket): void {
    if (this.#connections.has(socket)) return
    accepted()
    const connection = new HttpConnection(socket)
    this.#connections.set(socket, connection)
    socket.once('close', () => this.#connections.delete(socket))
    if (!this.#server.listening) connection.finish()
  }

  #requested(request: IncomingMessage, response: ServerResponse): void {
    response.on('error', error => this.log.warn({ err: error }, 'response'))
    this.#connections.get(request.socket)?.take(request, response, this.answer)
  }

  /** Answers what is no request, in its turn, and ends the connection. */
  #malformed({ code = '' }: NodeJS.ErrnoException, socket: Duplex): void {
    if (code.startsWith('HPE_') || code === 'ERR_HTTP_REQUEST_TIMEOUT')
      this.#refuse(socket, parserErrorStatuses[code] ?? 400, code)
    else socket.destroy()
  }

  #refuse(socket: Duplex, status: number, code: string): void {
    const request_id = randomUUID()
    this.#connections
      .get(socket)
      ?.refuse(refusalText(status, request_id), () => this.log.info({ request_id, status, code }, 'malformed request'))
  }

  /**
   * A request without a body for another protocol than WebSocket is served as if it did not ask for that (RFC 9110 §7.8):
   * its head is read again without the field, and then what follows it.
   */
  #upgradeRequested(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const connection = this.#connections.get(socket)
    // Node lets go of the connection at once, so that an answer before this one is not waited for without end.
    const late = setTimeout(() => socket.destroy(), this.untaken).unref()
    connection?.next(() => {
      clearTimeout(late)
      if (isForWebSocket(request) && namesItsHost(request)) {
        connection.handOver()
        this.upgrade(request, socket, head)
      } else {
        socket.unshift(Buffer.concat([headWithoutUpgrade(request), head]))
        this.#server.emit('connection', socket)
      }
    })
  }
}

/** A response hears of the close of its socket after the next turn. */
async function closed(): Promise<void> {
  await turn()
  await turn()
}

/** How what node's parser refuses is answered, where it is not as a bad request. */
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

/** A request of HTTP/1.1 names its host, once, and as a host (RFC 9112 §3.2). */
export function namesItsHost({ rawHeaders, httpVersion }: IncomingMessage): boolean {
  const hosts = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'host')
  if (hosts.length === 0) return httpVersion === '1.0'
  return hosts.length === 1 && /^(?:[\w.~!$&'()*+,;=%-]*|\[[\da-f:.]+\])(?::\d*)?$/i.test(hosts[0] ?? '')
}

const isForWebSocket = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket'

/**
 * Whether node hands over a request that has `Upgrade`. It serves one with a body itself, as if it had no such field, but drops
 * what came in one piece with the end of that body. No client is known that sends a request there.
 */
const isHandedOver = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0'

/** The head again, no longer than it was: it is bounded. */
function headWithoutUpgrade({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const fields = rawHeaders.flatMap((name, i) =>
    i % 2 === 1 || name.toLowerCase() === 'upgrade' ? [] : [`${name}:${rawHeaders[i + 1]}\r\n`],
  )
  return Buffer.from(`${method} ${url} HTTP/${httpVersion}\r\n${fields.join('')}\r\n`, 'latin1')
}

/** A connection, whose requests are served one after the other: what its client does not take costs one answer. */
class HttpConnection {
  readonly #waiting: (() => void)[] = []
  #answering: ServerResponse | undefined
  #isFinishing = false
  #isTurnComing = false
  #isHandedOver = false
  /** What the network took of all that was written, and how often it was seen to be no more. */
  #taken = 0
  #untakenLooks = 0

  constructor(readonly socket: Socket) {
    // Node takes its own listener away before an upgrade.
    socket.on('error', () => {})
    socket.on('resume', () => this.#isFull && socket.pause())
    // What node calls after the last answer: a connection that is closed with unread bytes is reset (RFC 9112 §9.6).
    socket.destroySoon = () => this.#end()
  }

  get #isFull(): boolean {
    return this.#waiting.length >= requestsWaiting
  }

  /** Does the work when everything before it is answered, unless the connection has ended by then. */
  next(work: () => void): void {
    this.#waiting.push(work)
    if (!this.#answering && !this.#isTurnComing) this.#goOn()
    else if (this.#isFull) this.socket.pause()
  }

  /** Serves a request in its turn. */
  take(request: IncomingMessage, response: ServerResponse, answer: RequestListener): void {
    if (this.socket.writableEnded) return void request.resume()
    const serve = (): void => {
      this.#answering = response
      response.once('close', () => {
        this.#answering = undefined
        this.#goOn()
      })
      if (this.#isFinishing) this.#announceEnd(response)
      answer(request, response)
    }
    this.next(fromHere(serve))
  }

  /** Sends an answer to what is no request, in its turn; to a body that is none at once, if that can still be said. */
  refuse(answer: string, refused: () => void): void {
    const work = (): void => {
      refused()
      this.socket.write(answer)
      this.#end()
    }
    if (!this.#answering || this.#answering.req.complete) this.next(work)
    else if (this.#answering.headersSent) this.socket.destroy()
    else work()
  }

  #goOn(): void {
    if (this.#waiting.length === 0) {
      if (this.#isFinishing) this.#endIfIdle()
      return
    }
    this.#isTurnComing = true
    soon(() => {
      this.#isTurnComing = false
      if (this.socket.destroyed || this.socket.writableEnded) this.#waiting.length = 0
      const work = this.#waiting.shift()
      if (this.#waiting.length === requestsWaiting - 1) this.socket.resume()
      work?.()
    })
  }

  /** What was asked before is still answered; then the connection ends. */
  finish(): void {
    this.#isFinishing = true
    if (this.#answering) this.#announceEnd(this.#answering)
    else this.#endIfIdle()
  }

  /** Says on the last answer that it is the last one. */
  #announceEnd(response: ServerResponse): void {
    if (this.#waiting.length === 0 && !response.headersSent) response.setHeader('Connection', 'close')
  }

  /** A request that is on its way is still served. */
  #endIfIdle(): void {
    const isIdle = (): boolean => !this.#answering && !this.#isTurnComing && !this.#isHandedOver
    setTimeout(() => isIdle() && this.#end(), idleMs)
  }

  #end(): void {
    const { socket } = this
    if (socket.writableEnded || socket.destroyed) return
    this.#waiting.length = 0
    endGently(socket, endLingerMs)
  }

  /** From now on somebody else ends it. */
  handOver(): void {
    this.#isHandedOver = true
  }

  /** Cuts the connection if it has taken nothing of what waits for it since so many looks: a loop that stood still looks once. */
  look(): void {
    const { _handle: handle, writableLength } = this.socket as Socket & { _handle?: Handle }
    const taken = handle ? handle.bytesWritten - handle.writeQueueSize : 0
    if (writableLength === 0 || taken !== this.#taken) {
      this.#taken = taken
      this.#untakenLooks = 0
    } else if (++this.#untakenLooks >= untakenLooks) {
      cutOff(this.socket)
      probe?.connectionCut()
    }
  }
}

/** Resets a connection at once: node would wait with that until all that was written is taken. */
export function cutOff(socket: Socket): void {
  socket.destroySoon = () => socket.destroy()
  socket.resetAndDestroy()
}

/** Ends a connection here; what its client may still send is read for so long, so that no reset overtakes what it was told. */
export function endGently(socket: Duplex, lingerMs: number): void {
  socket.end()
  socket.resume()
  const late = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(late))
}

/** Beside node's public figures: they count what the network has not taken yet as written. */
interface Handle {
  bytesWritten: number
  writeQueueSize: number
}
