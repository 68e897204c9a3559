import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { ExecutionResult, GraphQLError } from 'graphql'
import type { Logger } from 'pino'
import type { RawData, WebSocket } from 'ws'
import { z } from 'zod'
import { FairQueue } from '../concurrency/fair-queue'
import { probe } from '../concurrency/probe'
import { runLater } from '../concurrency/scheduler'
import { beginWait } from '../concurrency/waits'
import { streamAccessOf } from '../domain/caller'
import { DomainError } from '../domain/errors'
import { bytesOf, isDeeper, maxNesting, withoutRounding } from '../http/json'
import type { RateLimit } from '../http/rate-limit'
import type { Callers, UseCases } from '../use-cases'
import type { Admission } from './admission'
import { formattedResult, graphqlErrorOf, logUnexpected } from './errors'
import { type Parameters, parametersSchema } from './parameters'
import type { SubscriptionStream, Subscriptions } from './subscriptions'
import { WebSocketWriter } from './websocket-writer'

/** Operations that a connection starts or answers concurrently. At the limit, the server stops reading from it. */
const operationsAtOnce = 8
/** Maximum bytes of `subscribe` messages of a connection's operations. A subscription counts until it ends. */
export const operationTextBytes = 2 * 1024 * 1024
/** Maximum number of queued messages per connection. At the limit, the server stops reading from it. */
const messagesWaiting = 16
/** Maximum number of pings and pongs per event-loop turn. The server disconnects a peer that sends more. */
const controlFramesPerTurn = 100
/** Time in ms within which the client must send `connection_init` after connecting. */
const initialisationMs = 3_000
/** Time in ms within which the peer must answer the server's close frame. */
const closeFrameMs = 2_000
/**
 * Reading speed, in bytes per second, that the server assumes when it computes the time at which a pong is due. A peer
 * reads a ping only after all bytes that were written before the ping, and the network can buffer megabytes. A pong is
 * due once a peer with this reading speed would have read all bytes written before the ping, but after `longestPongMs`
 * at the latest.
 */
const pingedBytesPerSecond = 5_000
const longestPongMs = 280_000
/** Maximum length of an operation's id in characters. Every message of an operation contains the operation's id. */
const operationIdLength = 255
/** Maximum length of the reason in a close frame, in bytes (RFC 6455 §5.5). The server's reasons are ASCII. */
const closeReasonLength = 123
/** Maximum length of a cursor in characters. Every cursor that this server issues is shorter than `cursorLength`. */
const cursorLength = 1_000

const payloadSchema = z.record(z.string(), z.unknown()).nullish()
const idSchema = z.string().min(1).max(operationIdLength)

/** Schema of client messages (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md). */
const messageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal(['connection_init', 'ping', 'pong']), payload: payloadSchema }),
  z.object({
    type: z.literal('subscribe'),
    id: idSchema,
    payload: parametersSchema.extend({ extensions: payloadSchema }),
  }),
  z.object({ type: z.literal('complete'), id: idSchema }),
])

/**
 * Schema of `resume` in `connection_init`: the positions at which subscriptions resume, by operation id. A position is
 * a feed cursor or the sequence number of a session's transition.
 */
const resumeSchema = z.record(idSchema, z.union([z.string().min(1).max(cursorLength), z.int()]))

export interface ConnectionSettings {
  admission: Admission
  subscriptions: Subscriptions
  callers: Callers
  rateLimit: RateLimit
  messageQueue: MessageQueue
  operationsAllowed: number
  fullSocketMs: number | undefined
  log: Logger
}

export interface Peer {
  socket: WebSocket
  wire: Duplex
  /** Client address. The message queue serves addresses in turn, so connections from the same address share turns. */
  address: string
  /** `Authorization` header of the upgrade request. `connection_init` can override it. */
  authorization: string | undefined
}

/** Requested with `subscribe`, and ended neither by the server nor by the client yet. */
interface RunningOperation {
  id: string
  /** Size in bytes of the operation's `subscribe` message. */
  bytes: number
  /** True once the operation or its connection has ended. */
  aborted: boolean
  stream?: SubscriptionStream
  detach: () => void
}

/**
 * While the socket is full (see `WebSocketWriter`), the server applies backpressure: it reads nothing from the peer, so
 * the peer's messages stay in the network. A socket that stays full for too long is closed with code 1013.
 */
export class WebSocketConnection {
  readonly request_id: string = randomUUID()
  /** WebSocket close code that the server has sent, if the server closed the connection. */
  closedWith: number | undefined
  readonly #writer: WebSocketWriter
  readonly #unread: RawData[] = []
  readonly #initialisation: NodeJS.Timeout
  #closing: NodeJS.Timeout | undefined
  #isInitialised = false
  #useCases: UseCases | undefined
  /** Positions at which the client resumes the subscriptions of an earlier connection, by operation id. */
  #resumptions = new Map<string, string | number>()
  readonly #operations = new Map<string, RunningOperation>()
  #operationBytes = 0
  /** Number of operations that are being started or answered, not counting established subscriptions. */
  #starting = 0
  #isPaused = false
  #controlFrames = 0
  /**
   * Last ping, until its pong arrives: the ping's payload, the number of bytes written before the ping, and the time at
   * which the pong is due.
   */
  #pinged: { payload: string; written: number; due: number } | undefined
  /**
   * Number of bytes that the peer is known to have read, because they were written before the last ping that it
   * answered.
   */
  #read = 0

  constructor(
    readonly peer: Peer,
    readonly settings: ConnectionSettings,
  ) {
    const { request_id } = this
    const { socket, wire } = peer
    const { log, fullSocketMs } = settings
    this.#initialisation = setTimeout(() => this.close(4408, 'Connection initialisation timeout'), initialisationMs)
    this.#writer = new WebSocketWriter(socket, wire, {
      backpressureChanged: () => this.#readOrPause(),
      stuck: () => this.close(1013, 'Try again later'),
      expired: () => this.close(4401, 'Token expired'),
      facts: { request_id },
      fullMs: fullSocketMs,
    })
    socket.on('error', error => log.debug({ request_id, err: error }, 'websocket error'))
    socket.on('message', data => {
      if (!this.#writer.isOpen) return
      this.#unread.push(data)
      this.#readOrPause()
    })
    // A peer is allowed to send pongs without a ping. Only a pong with the ping's payload shows that the peer has read
    // the ping.
    socket.on('pong', data => {
      if (this.#pinged && String(data) === this.#pinged.payload) {
        this.#read = this.#pinged.written
        this.#pinged = undefined
      }
      this.#limitControlFrames()
    })
    socket.on('ping', () => this.#limitControlFrames())
    socket.once('close', () => {
      for (const timer of [this.#initialisation, this.#closing]) clearTimeout(timer)
      this.#leaveAll()
      this.#writer.end()
    })
  }

  /** Digest of the caller, if the caller authenticated with a token. */
  get subject(): string | undefined {
    return this.#useCases?.caller.digest
  }

  /** Handles the oldest waiting message. The message queue calls `handleNext` when it is the connection's turn. */
  handleNext(): void {
    if (!this.#writer.isOpen || this.#isBlocked) return
    const data = this.#unread.shift()
    if (data !== undefined) this.#handle(String(data))
    this.#readOrPause()
  }

  #handle(text: string): void {
    const message = parseMessage(text)
    switch (message?.type) {
      case 'connection_init':
        if (this.#isInitialised) this.close(4429, 'Too many initialisation requests')
        else void this.#initialise(message.payload ?? {})
        break
      case 'ping':
        this.#writer.send(JSON.stringify({ type: 'pong', payload: message.payload ?? undefined }))
        break
      case 'pong':
        break
      case 'subscribe':
        if (!this.#useCases) this.close(4401, 'Unauthorized')
        else if (this.#operations.has(message.id)) this.close(4409, 'Subscriber already exists')
        else void this.#subscribe(message.id, message.payload, text.length)
        break
      case 'complete': {
        const operation = this.#operations.get(message.id)
        if (operation) this.#leave(operation)
        break
      }
      default:
        this.close(4400, 'Invalid message received')
    }
  }

  async #initialise(payload: Record<string, unknown>): Promise<void> {
    this.#isInitialised = true
    clearTimeout(this.#initialisation)
    const { callers, operationsAllowed, log } = this.settings
    const resumptions = parseResumptions(payload, operationsAllowed)
    if (!resumptions) return this.close(4400, 'resume must have a cursor for each subscription id')
    this.#resumptions = resumptions
    const { authorization } = payload
    try {
      const header = typeof authorization === 'string' ? authorization : this.peer.authorization
      const found = callers.of(header, this.peer.address)
      const useCases = found instanceof Promise ? await found : found
      if (!this.#writer.isOpen) return
      this.#useCases = useCases
      this.#writer.endWith(streamAccessOf(useCases.caller))
      this.#writer.send('{"type":"connection_ack"}')
    } catch (error) {
      const [code, reason] = closeAfter(error, log, this.request_id)
      if (this.#writer.isOpen) this.close(code, reason)
    }
  }

  async #subscribe(id: string, parameters: Parameters, bytes: number): Promise<void> {
    const operation: RunningOperation = { id, bytes, aborted: false, detach: () => {} }
    this.#operations.set(id, operation)
    this.#operationBytes += bytes
    this.#starting++
    try {
      if (this.#operations.size > this.settings.operationsAllowed || this.#operationBytes > operationTextBytes) {
        throw new DomainError('rate_limited').withMessage(
          'This connection has too many running operations. End some of them first.',
        )
      }
      const work = (is?: (operation: string) => void) => this.#begin(operation, parameters, is)
      const outcome = await (probe ? probe.operation(work) : work())
      if ('source' in outcome) return operation.aborted ? outcome.release() : this.#follow(operation, outcome)
      await this.#writer.room()
      if (Array.isArray(outcome)) return this.#end(operation, outcome)
      const result = formattedResult(outcome, this.settings.log, this.request_id)
      if (!operation.aborted) this.#writer.send(nextOf(id) + JSON.stringify(result) + messageEnd)
      this.#end(operation)
    } catch (error) {
      await this.#writer.room()
      this.#end(operation, [graphqlErrorOf(error)])
    } finally {
      this.#starting--
      this.#readOrPause()
    }
  }

  /** Passes the operation's name to `is`, which reports it to telemetry. */
  async #begin(
    running: RunningOperation,
    parameters: Parameters,
    is?: (operation: string) => void,
  ): Promise<SubscriptionStream | ExecutionResult | GraphQLError[]> {
    const { admission, subscriptions, rateLimit } = this.settings
    const resume = this.#resumptions.get(running.id)
    this.#resumptions.delete(running.id)
    rateLimit(this.peer.address)
    const { request_id } = this
    const request = { request_id, connection: this, signal: running, ...(resume !== undefined && { resume }) }
    const operation = await admission.admit(parameters, this.#useCases as UseCases, request)
    if (Array.isArray(operation)) return operation
    is?.(operation.compiled.name)
    return subscriptions.begin(operation, this)
  }

  #follow(operation: RunningOperation, stream: SubscriptionStream): void {
    const head = bytesOf(nextOf(operation.id))
    operation.stream = stream
    operation.detach = stream.source.attach({
      via: 'websocket',
      take: item => this.#deliver(operation, stream, head, item),
      end: async error => {
        await this.#writer.room()
        this.#end(operation, error === undefined ? undefined : [graphqlErrorOf(error)])
      },
    })
    if (operation.aborted) operation.detach()
  }

  /** If `#deliver` returns a promise, the subscription's next item waits until the promise resolves. */
  #deliver(operation: RunningOperation, stream: SubscriptionStream, head: string, item: object): void | Promise<void> {
    const writer = this.#writer
    if (operation.aborted) return
    if (!writer.isOpen) return this.#leave(operation)
    // While the socket is full, keep a reference to the item instead of the encoded text. All subscribers share the
    // item, so the reference takes no extra memory.
    if (writer.isFull) return writer.room().then(() => this.#deliver(operation, stream, head, item))
    const text = stream.text(item)
    if (typeof text === 'string') return writer.write(head + text + messageEnd)
    return this.#deliverLater(operation, head, text)
  }

  async #deliverLater(operation: RunningOperation, head: string, computing: Promise<string>): Promise<void> {
    const text = await computing
    await this.#writer.room()
    if (!operation.aborted) this.#writer.write(head + text + messageEnd)
  }

  /** Ends an operation, and sends its last message: `complete`, or `error` with the operation's errors. */
  #end(operation: RunningOperation, errors?: GraphQLError[]): void {
    if (operation.aborted) return
    this.#leave(operation)
    const { id } = operation
    const payload = errors && formattedResult({ errors }, this.settings.log, this.request_id).errors
    this.#writer.send(JSON.stringify({ id, type: errors ? 'error' : 'complete', payload }))
  }

  /** Ends an operation, so that the server sends no more messages for the operation. */
  #leave(operation: RunningOperation): void {
    if (operation.aborted) return
    operation.aborted = true
    this.#operations.delete(operation.id)
    this.#operationBytes -= operation.bytes
    operation.detach()
    operation.stream?.release()
  }

  #leaveAll(): void {
    for (const operation of this.#operations.values()) this.#leave(operation)
  }

  /**
   * Whether the server reads nothing from the peer, not even pongs, because the socket is full or too many operations
   * are starting.
   */
  get #isBlocked(): boolean {
    return this.#writer.isFull || (this.#starting >= operationsAtOnce && this.#unread.length > 0)
  }

  /**
   * Adds the connection to the message queue if a message is waiting and the connection is not blocked. Also pauses or
   * resumes reading from the connection.
   */
  #readOrPause(): void {
    if (this.#isBlocked) this.#pinged = undefined
    else if (this.#unread.length > 0) this.settings.messageQueue.enter(this)
    const isPaused = this.#writer.isOpen && (this.#isBlocked || this.#unread.length >= messagesWaiting)
    if (isPaused === this.#isPaused) return
    this.#isPaused = isPaused
    if (isPaused) this.peer.socket.pause()
    else this.peer.socket.resume()
  }

  /**
   * Pings the peer, or terminates the connection if the pong for the last ping is overdue. Does nothing while the
   * connection is blocked, because the server would not see a pong.
   */
  ping(): void {
    if (this.#writer.isOpen && this.#isBlocked) return
    if (this.#pinged === undefined) {
      const { written } = this.#writer
      const unreadMs = (1_000 * (written - this.#read)) / pingedBytesPerSecond
      const due = performance.now() + Math.min(unreadMs, longestPongMs)
      this.#pinged = { payload: randomUUID(), written, due }
      this.peer.socket.ping(this.#pinged.payload)
    } else if (performance.now() >= this.#pinged.due) {
      this.peer.socket.terminate()
    }
  }

  #limitControlFrames(): void {
    if (this.#controlFrames++ === 0) {
      setImmediate(() => {
        this.#controlFrames = 0
      })
    }
    if (this.#controlFrames <= controlFramesPerTurn) return
    this.closedWith ??= 1008
    this.peer.socket.terminate()
  }

  close(code: number, reason: string): void {
    this.closedWith ??= code
    this.#leaveAll()
    this.#writer.flush()
    this.peer.socket.close(code, reason)
    this.peer.socket.resume()
    this.#closing ??= setTimeout(() => this.peer.socket.terminate(), closeFrameMs)
  }
}

function parseMessage(text: string): z.infer<typeof messageSchema> | undefined {
  try {
    const message = messageSchema.parse(JSON.parse(withoutRounding(text)))
    return message.type !== 'complete' && isDeeper(message.payload, maxNesting) ? undefined : message
  } catch {
    return undefined
  }
}

/** Returns undefined if `resume` is invalid or contains more than `most` operations. */
function parseResumptions({ resume }: Record<string, unknown>, most: number): Map<string, string | number> | undefined {
  const { data } = resumeSchema.safeParse(resume ?? {})
  const entries = Object.entries(data ?? {})
  return data && entries.length <= most ? new Map(entries) : undefined
}

/** Returns the close code and close reason for a connection whose `connection_init` was refused. */
function closeAfter(thrown: unknown, log: Logger, request_id: string): [code: number, reason: string] {
  const { code, message } = thrown instanceof DomainError ? thrown : new DomainError('internal')
  if (code === 'unauthenticated') return [4401, message.slice(0, closeReasonLength)]
  if (code === 'forbidden') return [4403, message.slice(0, closeReasonLength)]
  logUnexpected(log, request_id, thrown)
  return code === 'unavailable' ? [1013, 'Try again later'] : [4500, 'Internal server error']
}

const nextOf = (id: string): string => `{"id":${JSON.stringify(id)},"type":"next","payload":`
const messageEnd = '}'

type QueuedConnection = Pick<WebSocketConnection, 'request_id' | 'handleNext'> & { peer: Pick<Peer, 'address'> }

const noWait = (): void => {}

/**
 * Against clients that send thousands of messages at once: handles one message at a time, and yields to other work after
 * each. The client addresses take turns.
 */
export class MessageQueue {
  readonly #connections = new FairQueue<QueuedConnection>()
  /** For each queued connection, the function that ends its registered wait. */
  readonly #waits = new Map<QueuedConnection, () => void>()
  #isRunning = false

  enter(connection: QueuedConnection): void {
    if (this.#waits.has(connection)) return
    const { peer, request_id } = connection
    // Do not register a wait for the first connection in the queue, because its message is handled next.
    this.#waits.set(connection, this.#waits.size === 0 ? noWait : beginWait('fair_queue', { request_id }))
    this.#connections.push({ principal: peer.address, connection }, connection)
    if (this.#isRunning) return
    this.#isRunning = true
    runLater(() => this.#next())
  }

  #next(): void {
    const connection = this.#connections.shift()?.item
    if (!connection) return
    this.#waits.get(connection)?.()
    this.#waits.delete(connection)
    connection.handleNext()
    this.#isRunning = this.#connections.size > 0
    if (this.#isRunning) runLater(() => this.#next())
  }
}
