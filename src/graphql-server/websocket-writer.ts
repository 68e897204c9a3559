import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { beginWait } from '../concurrency/waits'
import type { Access } from '../domain/caller'
import { bytesOf } from '../http/json'
import { leastBytesPerSecond, takenBytes } from '../http/server'

/** Number of unsent bytes at which a socket is full. The server then neither writes to it nor reads from it. */
const socketBufferBytes = 64 * 1024
/**
 * Time in ms after which a full socket is closed if its peer accepts output more slowly than `leastBytesPerSecond`.
 * `fullSocketMs` must be shorter than `unreadOutputMs` in src/http/server.ts, after which the connection is reset
 * without a close frame.
 */
const fullSocketMs = 280_000

interface WriterOptions {
  /** Called when the socket has become full or has drained. */
  backpressureChanged(): void
  /** Called when the socket has been full for too long, because its peer has accepted too little. */
  stuck(): void
  /** Called when the caller's access has ended, after the writer has dropped all messages not yet written. */
  expired(): void
  facts: object
  /** Only tests set it. Default: `fullSocketMs`. */
  fullMs?: number | undefined
}

/**
 * Writes messages to one WebSocket. All messages from the same event-loop turn are sent in one write, so a peer that
 * lags behind gets fewer, larger writes. Code that sends many messages must await `room` before each message.
 */
export class WebSocketWriter {
  /** Encoded frames from the current event-loop turn that have not been written yet. */
  #out = ''
  /** Timer and registered wait of a full socket, or undefined while the socket is not full. */
  #full: { timer: NodeJS.Timeout; endWait: () => void } | undefined
  #awaitingRoom: (() => void)[] = []
  #access: Access | undefined
  #awaitEnd: (() => void) | undefined

  constructor(
    readonly socket: WebSocket,
    readonly wire: Duplex,
    readonly options: WriterOptions,
  ) {
    wire.on('drain', () => this.#drained())
  }

  /** Also checks the TCP socket, which reports a broken connection earlier than the WebSocket. */
  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN && !this.wire.destroyed
  }

  /** Number of bytes written so far, without the pending messages from the current event-loop turn. */
  get written(): number {
    return (this.wire as Socket).bytesWritten
  }

  get isFull(): boolean {
    return this.#full !== undefined
  }

  send(text: string): void {
    this.write(bytesOf(text))
  }

  /** Sends a message that is already encoded (see `bytesOf`). */
  write(message: string): void {
    if (!this.isOpen) return
    if (this.#out === '') process.nextTick(flush, this)
    this.#out += frameHead(message) + message
    if (this.wire.writableLength + this.#out.length >= socketBufferBytes) this.flush()
  }

  /**
   * Writes the pending frames directly to the TCP socket (decision 0002). Frames that are written directly do not
   * overtake frames that `ws` writes, because `ws` buffers no frames without compression.
   */
  flush(): void {
    if (this.#access?.hasEnded) return void this.#expire()
    const bytes = this.#out
    this.#out = ''
    if (bytes === '' || !this.isOpen) return
    this.wire.write(bytes, 'latin1')
    // Check the buffer after the write, because the socket emits `drain` only if the operating system did not accept
    // all bytes at once.
    if (this.wire.writableLength < socketBufferBytes || this.#full) return
    this.#full = { timer: this.#stuckUnlessRead(), endWait: beginWait('slow_reader', this.options.facts) }
    this.options.backpressureChanged()
  }

  /** The time limit starts again whenever the peer has accepted enough bytes in time. */
  #stuckUnlessRead(): NodeJS.Timeout {
    const { fullMs = fullSocketMs } = this.options
    const least = (leastBytesPerSecond * fullMs) / 1_000
    let before = takenBytes(this.wire)
    const timer = setTimeout(() => {
      const taken = takenBytes(this.wire)
      if (taken - before < least) return this.options.stuck()
      before = taken
      timer.refresh()
    }, fullMs)
    return timer
  }

  /** Resolves when the socket is not full, or when the peer has disconnected. */
  async room(): Promise<void> {
    while (this.#full) await new Promise<void>(resolve => this.#awaitingRoom.push(resolve))
  }

  #drained(): void {
    clearTimeout(this.#full?.timer)
    this.#full?.endWait()
    this.#full = undefined
    for (const resume of this.#awaitingRoom.splice(0)) resume()
    this.options.backpressureChanged()
  }

  /** Stops delivery to the peer when the caller's access ends. */
  endWith(access: Access | undefined): void {
    this.#access = access
    this.#awaitEnd = access?.onEnd(() => this.#expire())
  }

  #expire(): void {
    this.#out = ''
    this.#access = undefined
    this.options.expired()
  }

  /** Stops the timers and releases all callers of `room`. Must be called when the peer has disconnected. */
  end(): void {
    this.#awaitEnd?.()
    this.#drained()
  }
}

const flush = (writer: WebSocketWriter): void => writer.flush()

/** Returns the frame header for a complete text message (RFC 6455 §5.2). */
function frameHead({ length }: string): string {
  if (length < 126) return String.fromCharCode(0x81, length)
  if (length < 65_536) return String.fromCharCode(0x81, 126, length >> 8, length & 255)
  return String.fromCharCode(
    0x81,
    127,
    0,
    0,
    0,
    0,
    length >> 24,
    (length >> 16) & 255,
    (length >> 8) & 255,
    length & 255,
  )
}
