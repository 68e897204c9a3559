import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import type { RawData, WebSocket } from 'ws'
import { DomainError } from '../domain/errors'
import type { UseCases } from '../use-cases'
import { logUnexpected } from './errors'
import type { Pace } from './pace'
import { messageOf, resumptionsOf } from './websocket-messages'
import { type OperationMeans, WebSocketOperations } from './websocket-operations'
import { WebSocketWriter } from './websocket-writer'

/** Operations that a connection begins or answers at once: what is asked beside them is not read before one is done. */
const operationsAtOnce = 8
/** Messages of a connection that wait to be taken: with so many, nothing more is read of it. */
const messagesWaiting = 16
/** Pings and pongs that may come in one turn of the event loop: who sends more is cut off. */
const controlsATurn = 100
/** How long a peer may take to introduce itself. */
const introductionMs = 3_000
/** How long a peer may take to answer a close. */
const closeAnswerMs = 2_000

interface ConnectionMeans extends OperationMeans {
  /** Tells who introduces himself with a payload. */
  introduced(payload: Record<string, unknown>): UseCases | Promise<UseCases>
  /** Whom its messages are taken in turn with. */
  address: string
  fullSocketMs?: number | undefined
}

/**
 * GraphQL over one WebSocket (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md): who the peer is, what is read of it
 * and when, and how it ends. A peer that does not read gets no more than it has left untaken: whatever else it asks stays in the
 * network, and a peer that goes on so is told to come back later.
 */
export class WebSocketConnection {
  /** The code of the close, where it came from here. */
  closedWith: number | undefined
  readonly #writer: WebSocketWriter
  readonly #operations: WebSocketOperations
  readonly #unread: RawData[] = []
  readonly #introduction: NodeJS.Timeout
  #closing: NodeJS.Timeout | undefined
  /** Its introduction was begun. */
  #isIntroduced = false
  #useCases: UseCases | undefined
  #isPaused = false
  #controls = 0
  /** The ping that has not been answered. */
  #pinged: string | undefined

  constructor(
    readonly socket: WebSocket,
    readonly wire: Duplex,
    readonly pace: Pace,
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
    socket.on('error', error => means.log.debug({ request_id: means.request_id, err: error }, 'websocket'))
    socket.on('message', data => {
      if (!this.#writer.isOpen) return
      this.#unread.push(data)
      this.#goOn()
    })
    // Anybody may send a pong. One that repeats what was asked shows that the question was read.
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

  /** Whom its messages are taken in turn with. */
  get address(): string {
    return this.means.address
  }

  /** Nothing is read, not even a pong, before the peer has taken what it was sent, or an operation is done. */
  get #isHeld(): boolean {
    return this.#writer.isFull || (this.#operations.serving >= operationsAtOnce && this.#unread.length > 0)
  }

  /** Asks whether the peer is there. One that did not answer the last time is gone, unless it was us who did not read. */
  ping(): void {
    if (this.#writer.isOpen && this.#isHeld) return
    if (this.#pinged === undefined) {
      this.#pinged = randomUUID()
      this.socket.ping(this.#pinged)
    } else {
      this.socket.terminate()
    }
  }

  /** The digest of who introduced himself with a token. */
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

  /** Has the next message taken in its turn where there is room for its answer, and reads on, or pauses. */
  #goOn(): void {
    if (this.#isHeld) this.#pinged = undefined
    else if (this.#unread.length > 0) this.pace.ask(this)
    const isPaused = this.#writer.isOpen && (this.#isHeld || this.#unread.length >= messagesWaiting)
    if (isPaused === this.#isPaused) return
    this.#isPaused = isPaused
    if (isPaused) this.socket.pause()
    else this.socket.resume()
  }

  /** Takes one message. */
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
    if (!resumptions) return this.close(4400, 'resume: must name a cursor for each id of a subscription')
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

/** How a connection is closed whose introduction is refused. */
function refusalOf(log: Logger, request_id: string, thrown: unknown): [code: number, reason: string] {
  const { code } = thrown instanceof DomainError ? thrown : new DomainError('internal')
  if (code === 'unauthenticated') return [4401, 'Unauthorized']
  if (code === 'forbidden') return [4403, 'Forbidden']
  logUnexpected(log, request_id, thrown)
  return code === 'unavailable' ? [1013, 'Try again later'] : [4500, 'Internal server error']
}
