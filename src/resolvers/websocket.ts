import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql'
import { handleProtocols, makeServer } from 'graphql-ws'
import type { Logger } from 'pino'
import { type WebSocket, WebSocketServer } from 'ws'
import { DomainError } from '../domain/errors'
import type { Upgrade } from '../http/server'
import { unrounded } from '../json'
import { Places } from '../rate'
import type { Documents } from './documents'
import { formatError, logUnexpected } from './errors'
import { bodyLimit } from './http'
import type { Context } from './session'
import { type Stream, type Streams, shown } from './stream'

const path = '/graphql'
const pingEveryMs = 12_000

/** What a socket may hold that its peer has not taken: past it, the source is asked to wait. */
export const socketBuffer = 64 * 1024

export interface WebSocketLimits {
  CONNECTIONS_PER_ADDRESS: number
  SUBSCRIPTIONS_PER_CONNECTION: number
}

interface Extra {
  socket: WebSocket
  request_id: string
}

interface SubscriptionArgs extends ExecutionArgs {
  socket: WebSocket
  id: string
  query: string
  contextValue: Context
}

/** GraphQL over WebSocket (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md) on /graphql. */
export class WebSocketDoor {
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: bodyLimit,
    handleProtocols,
    clientTracking: true,
  })
  readonly #places: Places
  readonly #alive = new WeakSet<WebSocket>()
  readonly #pinging: NodeJS.Timeout
  readonly #protocol: ReturnType<typeof makeServer<Record<string, unknown>, Extra>>

  constructor(
    readonly documents: Documents,
    readonly streams: Streams,
    readonly context: Omit<Context, 'request_id'>,
    readonly log: Logger,
    readonly limits: WebSocketLimits,
    pingMs = pingEveryMs,
  ) {
    this.#places = new Places(limits.CONNECTIONS_PER_ADDRESS)
    this.#pinging = setInterval(() => this.#ping(), pingMs)
    this.#protocol = makeServer<Record<string, unknown>, Extra>({
      onSubscribe: ({ extra, subscriptions }, id, payload) => {
        const { query, variables, operationName } = payload
        if (Object.keys(subscriptions).length > limits.SUBSCRIPTIONS_PER_CONNECTION) {
          return [new GraphQLError('', { originalError: new DomainError('rate_limited') })]
        }
        const document = documents.admit(query, { operationName, variables })
        if (Array.isArray(document)) return document
        const { socket, request_id } = extra
        const args: SubscriptionArgs = {
          schema: documents.schema,
          document,
          operationName: operationName ?? null,
          variableValues: variables ?? {},
          contextValue: { ...context, request_id, wanted: () => socket.readyState === socket.OPEN },
          socket,
          id,
          query,
        }
        return args
      },
      subscribe: args => this.#subscribe(args as SubscriptionArgs),
      onNext: ({ extra }, _id, _payload, _args, result) => shown(result, log, extra.request_id),
      onError: ({ extra }, _id, _payload, errors) =>
        errors.map(error => {
          logUnexpected(log, extra.request_id, error)
          return formatError('toJSON' in error ? error.toJSON() : error, error)
        }),
    })
  }

  /** Takes a request for a WebSocket. */
  readonly upgrade: Upgrade = (request, socket, head) => {
    if (request.url?.split('?', 1)[0] !== path) return refuse(socket, '404 Not Found')
    const leave = this.#places.take(request.socket.remoteAddress)
    if (!leave) return refuse(socket, '429 Too Many Requests')
    socket.once('close', leave)
    this.#server.handleUpgrade(request, socket, head, client => this.#opened(client))
  }

  #opened(socket: WebSocket): void {
    const started = performance.now()
    const request_id = randomUUID()
    this.#alive.add(socket)
    socket.on('pong', () => this.#alive.add(socket))
    socket.on('error', error => this.log.debug({ request_id, err: error }, 'websocket'))
    const closed = this.#protocol.opened(
      {
        protocol: socket.protocol,
        send: text => new Promise(resolve => socket.send(text, () => resolve())),
        close: (code, reason) => socket.close(code, reason),
        onMessage: take =>
          socket.on('message', data => {
            take(unrounded(String(data))).catch((error: unknown) => {
              logUnexpected(this.log, request_id, error)
              socket.close(4500, 'Internal server error')
            })
          }),
      },
      { socket, request_id },
    )
    socket.once('close', (code, reason) => {
      closed(code, String(reason)).catch((error: unknown) => logUnexpected(this.log, request_id, error))
      const ms = Math.round(performance.now() - started)
      this.log.info({ request_id, method: 'WEBSOCKET', path, status: code, ms }, 'request')
    })
  }

  async #subscribe(args: SubscriptionArgs): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
    const stream = await this.streams.open(args, args.query)
    return 'source' in stream ? new Delivery(stream, args.socket, args.id) : stream
  }

  /** A peer that has not answered the last ping is gone. */
  #ping(): void {
    for (const socket of this.#server.clients) {
      if (!this.#alive.delete(socket)) socket.terminate()
      else socket.ping()
    }
  }

  /** Closes every connection within `ms` as a server that restarts does: clients reconnect, elsewhere if they can. */
  async drain(ms: number): Promise<void> {
    clearInterval(this.#pinging)
    const closed = [...this.#server.clients].map(
      socket =>
        new Promise<void>(resolve => {
          socket.once('close', () => resolve())
          setTimeout(() => socket.close(1012, 'Service Restart'), Math.random() * ms)
          setTimeout(() => socket.terminate(), ms + 1_000).unref()
        }),
    )
    await Promise.all(closed)
  }
}

/**
 * A subscription on its way to a socket. Its messages are written here, past the protocol library, so that one
 * serialised result serves every subscriber; the library hears of the end only.
 */
class Delivery implements AsyncIterableIterator<never, undefined> {
  readonly #ended: Promise<void>
  #finish: () => void = () => {}

  constructor(stream: Stream, socket: WebSocket, id: string) {
    const head = `{"id":${JSON.stringify(id)},"type":"next","payload":`
    const send = (text: string): void | Promise<void> => {
      if (socket.readyState !== socket.OPEN) return never
      if (socket.bufferedAmount < socketBuffer) return socket.send(`${head}${text}}`)
      return new Promise(resolve => socket.send(`${head}${text}}`, () => resolve()))
    }
    let detach = (): void => {}
    this.#ended = new Promise<void>((resolve, reject) => {
      this.#finish = resolve
      detach = stream.source.attach({
        take: item => {
          const text = stream.text(item)
          return typeof text === 'string' ? send(text) : text.then(send)
        },
        end: error => (error ? reject(error) : resolve()),
      })
    }).finally(() => {
      detach()
      stream.release()
    })
    this.#ended.catch(() => {})
  }

  async next(): Promise<IteratorResult<never, undefined>> {
    await this.#ended
    return { done: true, value: undefined }
  }

  async return(): Promise<IteratorResult<never, undefined>> {
    this.#finish()
    return { done: true, value: undefined }
  }

  async throw(): Promise<IteratorResult<never, undefined>> {
    return this.return()
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

// What a closed socket's subscription waits for: it is detached by the close.
const never = new Promise<void>(() => {})

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
