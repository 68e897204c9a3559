import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { bytesOf } from '../http/bytes'
import { atTime } from '../time/moment'
import { headOf } from './websocket-messages'

/** What a socket may hold that its peer has not taken. Past it nothing is written to the peer, and nothing read of it. */
const socketBufferBytes = 64 * 1024
/** How long a peer may leave that much untaken. A connection that takes nothing for longer is cut without a word. */
const fullSocketMs = 25_000

/** Who is told how the peer takes what it is sent. */
interface Told {
  /** The peer has left as much untaken as it may, or has taken it. */
  turned(): void
  /** It has left that much untaken for too long. */
  stuck(): void
  /** What it may be sent ends here: what was not written yet is not delivered any more. */
  expired(): void
}

/**
 * What one WebSocket's peer is sent. What is sent in one turn goes out in one write: a peer that is behind gets more at a time, not
 * the same more slowly. Who sends much waits for room before it.
 */
export class WebSocketWriter {
  /** The frames of this turn, as bytes. */
  #out = ''
  /** Runs while the peer leaves more untaken than it may. */
  #full: NodeJS.Timeout | undefined
  #awaitingRoom: (() => void)[] = []
  /** From when on nothing is delivered, in ms of Date.now(). */
  #until = Number.POSITIVE_INFINITY
  #awaitEnd = (): void => {}

  constructor(
    readonly socket: WebSocket,
    readonly wire: Duplex,
    readonly told: Told,
    readonly fullMs = fullSocketMs,
  ) {
    wire.on('drain', () => this.#drained())
  }

  /** A wire that broke says so before the socket on it does. */
  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN && !this.wire.destroyed
  }

  get isFull(): boolean {
    return this.#full !== undefined
  }

  send(text: string): void {
    this.write(bytesOf(text))
  }

  /** Sends a message that is bytes. */
  write(message: string): void {
    if (!this.isOpen) return
    if (this.#out === '') process.nextTick(flush, this)
    this.#out += headOf(message) + message
    if (this.wire.writableLength + this.#out.length >= socketBufferBytes) this.flush()
  }

  /** It goes past the WebSocket, which compresses nothing here, and so holds nothing back. */
  flush(): void {
    if (Date.now() >= this.#until) return void this.#expire()
    const bytes = this.#out
    this.#out = ''
    if (bytes === '' || !this.isOpen) return
    this.wire.write(bytes, 'latin1')
    // There is a drain to come only where the system did not take all of it at once.
    if (this.wire.writableLength < socketBufferBytes || this.#full) return
    this.#full = setTimeout(() => this.told.stuck(), this.fullMs)
    this.told.turned()
  }

  /** Resolves where the peer has taken what it was sent, or is gone. */
  async room(): Promise<void> {
    while (this.#full) await new Promise<void>(resolve => this.#awaitingRoom.push(resolve))
  }

  #drained(): void {
    clearTimeout(this.#full)
    this.#full = undefined
    for (const go of this.#awaitingRoom.splice(0)) go()
    this.told.turned()
  }

  /** Delivers nothing from a time of Date.now() on, in ms. */
  endAt(ms: number): void {
    this.#until = ms
    this.#awaitEnd = atTime(ms, () => this.#expire())
  }

  #expire(): void {
    this.#out = ''
    this.#until = Number.POSITIVE_INFINITY
    this.told.expired()
  }

  /** The peer is gone. */
  end(): void {
    this.#awaitEnd()
    this.#drained()
  }
}

const flush = (writer: WebSocketWriter): void => writer.flush()
