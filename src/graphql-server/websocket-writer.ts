import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { runAt } from '../concurrency/scheduler'
import { bytesOf } from '../http/json'
import { headOf } from './websocket-messages'

/** Maximum bytes that wait for a peer to take them. Then the socket is full: the server stops writing and reading. */
const socketBufferBytes = 64 * 1024
/** Time limit for a full socket. Must be below `unreadOutputMs` in src/http/server.ts, which cuts a connection abruptly. */
const fullSocketMs = 25_000

/** Callbacks about the state of the socket. */
interface WriterEvents {
  /** The socket is full, or has drained. */
  turned(): void
  /** The socket has been full for too long. */
  stuck(): void
  /** The caller's token has expired. Messages that were not written yet are dropped. */
  expired(): void
}

/**
 * Writes the messages to one WebSocket. All messages of one turn go out in one write, so a peer that is behind gets
 * larger writes, not slower ones. A sender of many messages awaits `room` before each.
 */
export class WebSocketWriter {
  /** The frames of this turn, as bytes. */
  #out = ''
  /** Timer that runs while the socket is full. */
  #full: NodeJS.Timeout | undefined
  #awaitingRoom: (() => void)[] = []
  /** Time from which on nothing is delivered, in ms of Date.now(). */
  #until = Number.POSITIVE_INFINITY
  #awaitEnd = (): void => {}

  constructor(
    readonly socket: WebSocket,
    readonly wire: Duplex,
    readonly told: WriterEvents,
    readonly fullMs = fullSocketMs,
  ) {
    wire.on('drain', () => this.#drained())
  }

  /** Checks the wire too, because a broken wire reports it before the WebSocket does. */
  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN && !this.wire.destroyed
  }

  get isFull(): boolean {
    return this.#full !== undefined
  }

  send(text: string): void {
    this.write(bytesOf(text))
  }

  /** Sends a message that is bytes already (see `bytesOf`). */
  write(message: string): void {
    if (!this.isOpen) return
    if (this.#out === '') process.nextTick(flush, this)
    this.#out += headOf(message) + message
    if (this.wire.writableLength + this.#out.length >= socketBufferBytes) this.flush()
  }

  /** Writes directly to the wire (0016). Frames stay in order: without compression, `ws` buffers none of its own. */
  flush(): void {
    if (Date.now() >= this.#until) return void this.#expire()
    const bytes = this.#out
    this.#out = ''
    if (bytes === '' || !this.isOpen) return
    this.wire.write(bytes, 'latin1')
    // `drain` follows only if the operating system did not take everything at once.
    if (this.wire.writableLength < socketBufferBytes || this.#full) return
    this.#full = setTimeout(() => this.told.stuck(), this.fullMs)
    this.told.turned()
  }

  /** Resolves when the socket is not full, or the peer is gone. */
  async room(): Promise<void> {
    while (this.#full) await new Promise<void>(resolve => this.#awaitingRoom.push(resolve))
  }

  #drained(): void {
    clearTimeout(this.#full)
    this.#full = undefined
    for (const go of this.#awaitingRoom.splice(0)) go()
    this.told.turned()
  }

  /** Stops delivery at a time, in ms of Date.now(). */
  endAt(ms: number): void {
    this.#until = ms
    this.#awaitEnd = runAt(ms, () => this.#expire())
  }

  #expire(): void {
    this.#out = ''
    this.#until = Number.POSITIVE_INFINITY
    this.told.expired()
  }

  /** Stops the timers and releases callers of `room`. Called when the peer is gone. */
  end(): void {
    this.#awaitEnd()
    this.#drained()
  }
}

const flush = (writer: WebSocketWriter): void => writer.flush()
