import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { ExecutionResult, GraphQLError } from 'graphql'
import type { Logger } from 'pino'
import type { RawData, WebSocket } from 'ws'
import { DomainError } from '../domain/errors'
import { bytesOf } from '../http/bytes'
import { atTime } from '../time/moment'
import type { UseCases } from '../use-cases'
import type { Parameters } from './documents'
import { graphqlErrorOf, logUnexpected } from './errors'
import type { Pace } from './pace'
import { formattedResult, type Stream } from './stream'
import { headOf, messageEnd, messageOf, nextOf, resumptionsOf } from './websocket-messages'

/** What a socket may hold that its peer has not taken. Past it nothing is written to the peer, and nothing read of it. */
const socketBufferBytes = 64 * 1024
/** How long a peer may leave that much untaken. A connection that takes nothing for longer is cut without a word. */
const fullSocketMs = 25_000
/** Operations that a connection begins or answers at once: what is asked beside them is not read before one is done. */
const operationsAtOnce = 8
/** Messages of a connection that wait to be taken: with so many, nothing more is read of it. */
const messagesWaiting = 16
/** Pings and pongs that may come in one turn of the event loop: who sends more is cut off. */
const controlsATurn = 100
/** What the texts of the operations of a connection may come to, in all: a subscription holds its own until it ends. */
export const operationTextBytes = 2 * 1024 * 1024
/** How long a peer may take to introduce itself. */
const introductionMs = 3_000
/** How long a peer may take to answer a close. */
const closeAnswerMs = 2_000

interface RunningOperation {
  id: string
  bytes: number
  isOver: boolean
  /** Gives back what it holds. */
  release: () => void
}

interface ConnectionMeans {
  /** Tells who introduces himself with a payload. */
  introduced(payload: Record<string, unknown>): UseCases | Promise<UseCases>
  /** Begins an operation that somebody waits for. What it throws is told as the operation's error. */
  operate(
    parameters: Parameters,
    wanted: () => boolean,
    useCases: UseCases,
    resume?: string | number,
  ): Promise<Stream | ExecutionResult | GraphQLError[]>
  /** Whom its messages are taken in turn with. */
  address: string
  operationsAllowed: number
  log: Logger
  request_id: string
  fullSocketMs?: number | undefined
}

/**
 * GraphQL over one WebSocket (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md). A peer that does not
 * read gets no more than it has left untaken: whatever else it asks stays in the network, and a peer that goes on so is
 * told to come back later.
 */
export class WebSocketConnection {
  /** The code of the close, where it came from here. */
  closedWith: number | undefined
  readonly #operations = new Map<string, RunningOperation>()
  readonly #unread: RawData[] = []
  readonly #introduction: NodeJS.Timeout
  #closing: NodeJS.Timeout | undefined
  /** Runs while the peer leaves more untaken than it may. */
  #full: NodeJS.Timeout | undefined
  #awaitingRoom: (() => void)[] = []
  /** Its introduction was begun. */
  #isIntroduced = false
  #useCases: UseCases | undefined
  /** Where operations go on that were begun on an earlier connection. */
  #resumptions = new Map<string, string | number>()
  /** From when on nothing is delivered, in ms of Date.now(). */
  #until = Number.POSITIVE_INFINITY
  #awaitEnd = (): void => {}
  #isPaused = false
  /** The frames of this turn, as bytes. */
  #out = ''
  #serving = 0
  #controls = 0
  #bytes = 0
  /** The ping that has not been answered. */
  #pinged: string | undefined

  constructor(
    readonly socket: WebSocket,
    readonly wire: Duplex,
    readonly pace: Pace,
    readonly means: ConnectionMeans,
  ) {
    this.#introduction = setTimeout(() => this.close(4408, 'Connection initialisation timeout'), introductionMs)
    wire.on('drain', () => this.#drained())
    socket.on('error', error => means.log.debug({ request_id: means.request_id, err: error }, 'websocket'))
    socket.on('message', data => {
      if (!this.#isOpen) return
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
      this.#awaitEnd()
      this.#leaveAll()
      this.#drained()
    })
  }

  /** Whom its messages are taken in turn with. */
  get address(): string {
    return this.means.address
  }

  /** Nothing is read, not even a pong, before the peer has taken what it was sent, or an operation is done. */
  get #isHeld(): boolean {
    return this.#full !== undefined || (this.#serving >= operationsAtOnce && this.#unread.length > 0)
  }

  /** Asks whether the peer is there. One that did not answer the last time is gone, unless it was us who did not read. */
  ping(): void {
    if (this.#isOpen && this.#isHeld) return
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
    this.#leaveAll()
    this.flush()
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

  /** A wire that broke says so before the socket on it does. */
  get #isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN && !this.wire.destroyed
  }

  /** Has the next message taken in its turn where there is room for its answer, and reads on, or pauses. */
  #goOn(): void {
    if (this.#isHeld) this.#pinged = undefined
    else if (this.#unread.length > 0) this.pace.ask(this)
    const isPaused = this.#isOpen && (this.#isHeld || this.#unread.length >= messagesWaiting)
    if (isPaused === this.#isPaused) return
    this.#isPaused = isPaused
    if (isPaused) this.socket.pause()
    else this.socket.resume()
  }

  /** Takes one message. */
  step(): void {
    if (!this.#isOpen || this.#isHeld) return
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
        this.#send(JSON.stringify({ type: 'pong', payload: message.payload ?? undefined }))
        break
      case 'pong':
        break
      case 'subscribe':
        if (!this.#useCases) this.close(4401, 'Unauthorized')
        else if (this.#operations.has(message.id)) this.close(4409, 'Subscriber already exists')
        else this.#serve(message.id, message.payload, text.length, this.#useCases)
        break
      case 'complete':
        this.#leave(this.#operations.get(message.id))
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
    this.#resumptions = resumptions
    try {
      const found = this.means.introduced(payload)
      const useCases = found instanceof Promise ? await found : found
      if (!this.#isOpen) return
      const { expires_at } = useCases.caller
      this.#useCases = useCases
      if (expires_at !== undefined) this.#endAt(expires_at)
      this.#send('{"type":"connection_ack"}')
    } catch (error) {
      const [code, reason] = refusalOf(this.means.log, this.means.request_id, error)
      if (this.#isOpen) this.close(code, reason)
    }
  }

  #endAt(ms: number): void {
    this.#until = ms
    this.#awaitEnd = atTime(ms, () => this.#expire())
  }

  /** What was not written yet is not delivered any more. */
  #expire(): void {
    this.#out = ''
    this.#until = Number.POSITIVE_INFINITY
    this.close(4401, 'Token expired')
  }

  async #serve(id: string, parameters: Parameters, bytes: number, useCases: UseCases): Promise<void> {
    const operation: RunningOperation = { id, bytes, isOver: false, release: () => {} }
    this.#operations.set(id, operation)
    this.#bytes += bytes
    this.#serving++
    try {
      if (this.#operations.size > this.means.operationsAllowed || this.#bytes > operationTextBytes) {
        throw new DomainError('rate_limited')
      }
      const resume = this.#resumptions.get(id)
      this.#resumptions.delete(id)
      const outcome = await this.means.operate(parameters, () => !operation.isOver, useCases, resume)
      if ('source' in outcome) return operation.isOver ? outcome.release() : this.#follow(operation, outcome)
      await this.#room()
      if (Array.isArray(outcome)) return this.#end(operation, outcome)
      const result = formattedResult(outcome, this.means.log, this.means.request_id)
      if (!operation.isOver) this.#send(nextOf(id) + JSON.stringify(result) + messageEnd)
      this.#end(operation)
    } catch (error) {
      await this.#room()
      this.#end(operation, [graphqlErrorOf(error)])
    } finally {
      this.#serving--
      this.#goOn()
    }
  }

  #follow(operation: RunningOperation, stream: Stream): void {
    let detach = (): void => {}
    operation.release = () => {
      detach()
      stream.release()
    }
    const head = bytesOf(nextOf(operation.id))
    const take = (item: object): void | Promise<void> => {
      if (operation.isOver) return
      if (!this.#isOpen) return this.#leave(operation)
      // It is the item that waits, not its text: all who are told of it share the item.
      if (this.#full) return this.#room().then(() => take(item))
      const text = stream.text(item)
      if (typeof text === 'string') return this.#write(head + text + messageEnd)
      return text.then(async text => {
        await this.#room()
        if (!operation.isOver) this.#write(head + text + messageEnd)
      })
    }
    detach = stream.source.attach({
      via: 'websocket',
      take,
      end: async error => {
        await this.#room()
        this.#end(operation, error === undefined ? undefined : [graphqlErrorOf(error)])
      },
    })
    if (operation.isOver) detach()
  }

  /** Says that nothing more comes, and why. */
  #end(operation: RunningOperation, errors?: GraphQLError[]): void {
    if (operation.isOver) return
    this.#leave(operation)
    const { id } = operation
    const payload = errors && formattedResult({ errors }, this.means.log, this.means.request_id).errors
    this.#send(JSON.stringify({ id, type: errors ? 'error' : 'complete', payload }))
  }

  #leave(operation: RunningOperation | undefined): void {
    if (!operation || operation.isOver) return
    operation.isOver = true
    this.#operations.delete(operation.id)
    this.#bytes -= operation.bytes
    operation.release()
  }

  #leaveAll(): void {
    for (const operation of this.#operations.values()) this.#leave(operation)
  }

  #send(text: string): void {
    this.#write(bytesOf(text))
  }

  /** What is sent in one turn goes out in one write: a peer that is behind gets more at a time, not the same more slowly. */
  #write(message: string): void {
    if (!this.#isOpen) return
    if (this.#out === '') process.nextTick(flush, this)
    this.#out += headOf(message) + message
    if (this.wire.writableLength + this.#out.length >= socketBufferBytes) this.flush()
  }

  /** It goes past the WebSocket, which compresses nothing here, and so holds nothing back. */
  flush(): void {
    if (Date.now() >= this.#until) return void this.#expire()
    const bytes = this.#out
    this.#out = ''
    if (bytes === '' || !this.#isOpen) return
    this.wire.write(bytes, 'latin1')
    // There is a drain to come only where the system did not take all of it at once.
    if (this.wire.writableLength < socketBufferBytes || this.#full) return
    this.#full = setTimeout(() => this.close(1013, 'Try again later'), this.means.fullSocketMs ?? fullSocketMs)
    this.#goOn()
  }

  /** Resolves where the peer has taken what it was sent, or is gone. */
  async #room(): Promise<void> {
    while (this.#full) await new Promise<void>(resolve => this.#awaitingRoom.push(resolve))
  }

  #drained(): void {
    clearTimeout(this.#full)
    this.#full = undefined
    for (const go of this.#awaitingRoom.splice(0)) go()
    this.#goOn()
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

const flush = (connection: WebSocketConnection): void => connection.flush()
