import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import type { RawData, WebSocket } from 'ws'
import { DomainError } from '../domain/errors'
import type { UseCases } from '../use-cases'
import { logUnexpected } from './errors'
import type { FairQueue } from './fair-queue'
import { messageOf, resumptionsOf } from './websocket-messages'
import { type OperationMeans, WebSocketOperations } from './websocket-operations'
import { WebSocketWriter } from './websocket-writer'

/** Maximum operations that a connection starts or answers at once. Then the server reads nothing until one is done. */
const operationsAtOnce = 8
/** Maximum messages of a connection that wait in the fair queue. Then the server reads no more. */
const messagesWaiting = 16
/** Maximum pings and pongs in one turn of the event loop. The server disconnects a peer that sends more. */
const controlsATurn = 100
/** Time limit for `connection_init`. */
const introductionMs = 3_000
/** Time limit for a peer's close frame after the server's. */
const closeAnswerMs = 2_000

interface ConnectionMeans extends OperationMeans {
  /** Authenticates the payload of `connection_init`. Throws as `Callers.of` does. */
  introduced(payload: Record<string, unknown>): UseCases | Promise<UseCases>
  /** Address whose turn in the fair queue the connection shares. */
  address: string
  fullSocketMs?: number | undefined
}

/**
 * One connection of GraphQL over WebSocket (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md):
 * authentication, reading and closing. Backpressure: while the socket is full (see `WebSocketWriter`), the server
 * reads nothing from the peer, so further messages stay in the network. A socket that is full for too long is closed
 * with 1013.
 */
export class WebSocketConnection {
  /** Close code, if the server closed the connection. */
  closedWith: number | undefined
  readonly #writer: WebSocketWriter
  readonly #operations: WebSocketOperations
  readonly #unread: RawData[] = []
  readonly #introduction: NodeJS.Timeout
  #closing: NodeJS.Timeout | undefined
  /** Whether the peer has sent `connection_init`. */
  #isIntroduced = false
  #useCases: UseCases | undefined
  #isPaused = false
  #controls = 0
  /** Payload of the ping that has not been answered. */
  #pinged: string | undefined

  constructor(
    readonly socket: WebSocket,
    readonly wire: Duplex,
    readonly pace: FairQueue,
    readonly means: ConnectionMeans,
  ) {
    this.#introduction = setTimeout(() => this.close(4408, 'Connection initialisation timeout'), introductionMs)
    const told = {
      turned: () => this.#goOn(),
      stuck: () => this.close(1013, 'Try again later'),
      expired: () => this.close(4401, 'Token expired'),
    }
    this.#writer = new WebSocketWriter(socket, wire, told, means.fullSocketMs)
    this.#operations = new WebSocketOperations(this.#writer, means, () => this.#goOn())
    socket.on('error', error => means.log.debug({ request_id: means.request_id, err: error }, 'websocket error'))
    socket.on('message', data => {
      if (!this.#writer.isOpen) return
      this.#unread.push(data)
      this.#goOn()
    })
    // A peer may send a pong at any time. Only one with the ping's payload shows that it read the ping.
    socket.on('pong', data => {
      if (String(data) === this.#pinged) this.#pinged = undefined
      this.#control()
    })
    socket.on('ping', () => this.#control())
    socket.once('close', () => {
      for (const timer of [this.#introduction, this.#closing]) clearTimeout(timer)
      this.#operations.leaveAll()
      this.#writer.end()
    })
  }

  /** Address whose turn in the fair queue the connection shares. */
  get address(): string {
    return this.means.address
  }

  /** Whether the server reads nothing, not even a pong: the socket is full, or too many operations are being served. */
  get #isHeld(): boolean {
    return this.#writer.isFull || (this.#operations.serving >= operationsAtOnce && this.#unread.length > 0)
  }

  /**
   * Pings the peer, or terminates the connection if the last ping got no pong. Skipped while the server reads nothing.
   */
  ping(): void {
    if (this.#writer.isOpen && this.#isHeld) return
    if (this.#pinged === undefined) {
      this.#pinged = randomUUID()
      this.socket.ping(this.#pinged)
    } else {
      this.socket.terminate()
    }
  }

  /** Digest of the caller, if it authenticated with a token. */
  get subject(): string | undefined {
    return this.#useCases?.caller.digest
  }

  close(code: number, reason: string): void {
    this.closedWith ??= code
    this.#operations.leaveAll()
    this.#writer.flush()
    this.socket.close(code, reason)
    this.socket.resume()
    this.#closing ??= setTimeout(() => this.socket.terminate(), closeAnswerMs)
  }

  #control(): void {
    if (this.#controls++ === 0) {
      setImmediate(() => {
        this.#controls = 0
      })
    }
    if (this.#controls <= controlsATurn) return
    this.closedWith ??= 1008
    this.socket.terminate()
  }

  /** Enters the fair queue if a message waits and the connection is not held. Pauses or resumes reading. */
  #goOn(): void {
    if (this.#isHeld) this.#pinged = undefined
    else if (this.#unread.length > 0) this.pace.ask(this)
    const isPaused = this.#writer.isOpen && (this.#isHeld || this.#unread.length >= messagesWaiting)
    if (isPaused === this.#isPaused) return
    this.#isPaused = isPaused
    if (isPaused) this.socket.pause()
    else this.socket.resume()
  }

  /** Handles one message, in the connection's turn of the fair queue. */
  step(): void {
    if (!this.#writer.isOpen || this.#isHeld) return
    const data = this.#unread.shift()
    if (data !== undefined) this.#take(String(data))
    this.#goOn()
  }

  #take(text: string): void {
    const message = messageOf(text)
    switch (message?.type) {
      case 'connection_init':
        if (this.#isIntroduced) this.close(4429, 'Too many initialisation requests')
        else this.#introduce(message.payload ?? {})
        break
      case 'ping':
        this.#writer.send(JSON.stringify({ type: 'pong', payload: message.payload ?? undefined }))
        break
      case 'pong':
        break
      case 'subscribe':
        if (!this.#useCases) this.close(4401, 'Unauthorized')
        else if (this.#operations.has(message.id)) this.close(4409, 'Subscriber already exists')
        else this.#operations.serve(message.id, message.payload, text.length, this.#useCases)
        break
      case 'complete':
        this.#operations.leave(message.id)
        break
      default:
        this.close(4400, 'Invalid message received')
    }
  }

  async #introduce(payload: Record<string, unknown>): Promise<void> {
    this.#isIntroduced = true
    clearTimeout(this.#introduction)
    const resumptions = resumptionsOf(payload, this.means.operationsAllowed)
    if (!resumptions) return this.close(4400, 'resume must have a cursor for each subscription id')
    this.#operations.resumptions = resumptions
    try {
      const found = this.means.introduced(payload)
      const useCases = found instanceof Promise ? await found : found
      if (!this.#writer.isOpen) return
      const { expires_at } = useCases.caller
      this.#useCases = useCases
      if (expires_at !== undefined) this.#writer.endAt(expires_at)
      this.#writer.send('{"type":"connection_ack"}')
    } catch (error) {
      const [code, reason] = refusalOf(this.means.log, this.means.request_id, error)
      if (this.#writer.isOpen) this.close(code, reason)
    }
  }
}

/** Returns the code and reason of the close after a refused `connection_init`. */
function refusalOf(log: Logger, request_id: string, thrown: unknown): [code: number, reason: string] {
  const { code } = thrown instanceof DomainError ? thrown : new DomainError('internal')
  if (code === 'unauthenticated') return [4401, 'Unauthorized']
  if (code === 'forbidden') return [4403, 'Forbidden']
  logUnexpected(log, request_id, thrown)
  return code === 'unavailable' ? [1013, 'Try again later'] : [4500, 'Internal server error']
}
