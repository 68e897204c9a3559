import type { ServerResponse } from 'node:http'
import { probe } from '../concurrency/probe'
import type { Access } from '../domain/caller'
import { DomainError } from '../domain/errors'
import { type ClientAddress, ConnectionsPerAddress } from './rate-limit'
import { noteStream } from './server'

const heartbeatEveryMs = 15_000

/** Number of bytes that a response buffers for its client. Beyond it, the source must wait (backpressure). */
const responseBufferBytes = 64 * 1024

/** Format of a streaming response. Its texts are only written between whole messages. */
export interface StreamFormat {
  contentType: string
  opening: string
  /** Text that keeps the connection open while there are no messages. */
  heartbeat: string
  /** Last text of the stream if the caller's access has ended. */
  expired: string
}

/** Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export const serverSentEvents: StreamFormat = {
  contentType: 'text/event-stream; charset=utf-8',
  // No empty line here, because it would end an event, and some clients dispatch an event without data.
  opening: 'retry: 1000\n:\n',
  heartbeat: ':\n',
  expired: '',
}

/**
 * Streaming response, with Server-Sent Events or a similar format. It is over when it has ended or its client has
 * disconnected. Later writes are discarded.
 */
export class EventStream {
  readonly #heartbeats: NodeJS.Timeout
  readonly #whenOver: (() => void)[] = []
  /** Encoded events of the current turn of the event loop. */
  #out = ''
  #isOver = false
  /** Access of the caller. After its end, nothing is written. */
  #access: Access | undefined

  constructor(
    readonly response: ServerResponse,
    readonly format: StreamFormat,
    heartbeatMs: number,
  ) {
    response.writeHead(200, {
      'Content-Type': format.contentType,
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    })
    response.write(format.opening)
    noteStream(response)
    probe?.streamStarted(response)
    this.#heartbeats = setInterval(() => response.writableNeedDrain || this.write(format.heartbeat), heartbeatMs)
    this.onClose(() => this.#finish())
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Runs the work when the response closes, or at once if the client disconnected before the stream started. */
  onClose(work: () => void): void {
    if (this.response.closed || this.response.destroyed) work()
    else this.response.once('close', work)
  }

  /** Runs the work when the stream is over, so that its source can stop, or at once if the stream is already over. */
  onOver(work: () => void): void {
    if (this.#isOver) work()
    else this.#whenOver.push(work)
  }

  /**
   * Writes whole encoded events. Events of one turn of the event loop are sent in one chunk. If it returns a promise,
   * wait for that promise before you write more.
   */
  write(events: string): void | Promise<void> {
    if (this.#isOver) return
    if (this.#access?.hasEnded) return this.end()
    if (this.#out === '') process.nextTick(() => this.#flush())
    this.#out += events
    if (this.response.writableLength + this.#out.length < responseBufferBytes) return
    this.#flush()
    if (this.response.writableLength < responseBufferBytes) return
    return new Promise(resolve => this.response.once('drain', resolve))
  }

  /** Ends the stream when the caller's access ends. After that, nothing is written. */
  endWith(access: Access | undefined): void {
    this.#access = access
    if (access) this.onOver(access.onEnd(() => this.end()))
  }

  end(events = ''): void {
    if (this.#isOver) return
    this.response.end(this.#access?.hasEnded ? this.format.expired : this.#out + events, 'latin1')
    this.#finish()
  }

  #flush(): void {
    if (this.#out !== '' && !this.#isOver) this.response.write(this.#out, 'latin1')
    this.#out = ''
  }

  #finish(): void {
    this.#isOver = true
    clearInterval(this.#heartbeats)
    for (const work of this.#whenOver.splice(0)) work()
  }
}

/** Returns a Server-Sent Event with data of one line or no data. */
export const eventText = (data: string, { id, name }: { id?: string | number; name?: string } = {}): string =>
  `${name === undefined ? '' : `event: ${name}\n`}${id === undefined ? '' : `id: ${id}\n`}data:${data && ` ${data}`}\n\n`

/**
 * The event streams of a process. Limits their number per address, and ends open streams when the process stops. Also
 * ends the waits of responses that are not streams.
 */
export class EventStreams {
  readonly #streams = new Set<EventStream>()
  readonly #waits = new Set<AbortController>()
  readonly #slots: ConnectionsPerAddress
  #isDraining = false

  constructor(
    limitPerAddress: number,
    readonly addressOf: ClientAddress,
    readonly heartbeatMs = heartbeatEveryMs,
  ) {
    this.#slots = new ConnectionsPerAddress(limitPerAddress)
  }

  /**
   * Starts an event stream as the response. Throws rate_limited if the address has too many streams, and unavailable if
   * the response was already sent.
   */
  open(response: ServerResponse, format = serverSentEvents): EventStream {
    if (response.headersSent) throw new DomainError('unavailable')
    const leave = this.#slots.take(this.addressOf(response.req))
    if (!leave)
      throw new DomainError('rate_limited').withMessage(
        'This address has too many open event streams. Close some first.',
      )
    const stream = new EventStream(response, format, this.heartbeatMs)
    stream.onClose(leave)
    return stream
  }

  /**
   * Keeps a stream open until the process stops, or until the caller's access ends. Calls `begin` unless one of these
   * has happened already. When the stream is over, calls the function that `begin` returned.
   */
  keep(stream: EventStream, begin: () => () => void, access?: Access): void {
    stream.endWith(access)
    if (this.#isDraining) stream.end()
    if (stream.isOver) return
    this.#streams.add(stream)
    const detach = begin()
    stream.onOver(() => {
      this.#streams.delete(stream)
      detach()
    })
  }

  /**
   * Begins the wait of a response (long poll). The returned signal is aborted after `ms`, when the caller's access
   * ends, when the client disconnects, or when the process stops. As with a stream, the server notices a disconnect at
   * once, and the request counts as served.
   */
  wait(response: ServerResponse, ms: number, access: Access | undefined): AbortSignal {
    const over = new AbortController()
    const end = (): void => over.abort()
    if (this.#isDraining || response.closed || response.destroyed) end()
    if (over.signal.aborted) return over.signal
    this.#waits.add(over)
    const timer = setTimeout(end, ms)
    const cancelEnd = access?.onEnd(end)
    response.once('close', () => {
      this.#waits.delete(over)
      clearTimeout(timer)
      cancelEnd?.()
      end()
    })
    noteStream(response)
    probe?.streamStarted(response)
    return over.signal
  }

  /**
   * Ends the open streams and waits at random times within `ms`, and new ones at once. Clients then reconnect with
   * their last event id, or repeat the request.
   */
  drain(ms: number): void {
    this.#isDraining = true
    for (const stream of this.#streams) setTimeout(() => stream.end(), Math.random() * ms).unref()
    for (const wait of this.#waits) setTimeout(() => wait.abort(), Math.random() * ms).unref()
  }
}
