import type { ServerResponse } from 'node:http'
import { probe } from '../concurrency/probe'
import { Slots } from '../concurrency/slots'
import type { Access } from '../domain/caller'
import { DomainError } from '../domain/errors'
import type { ClientAddress } from './rate-limit'
import { noteStream } from './server'

const heartbeatEveryMs = 15_000

/** Number of unsent bytes at which a stream applies backpressure: its source must wait for the slow client. */
const responseBufferBytes = 64 * 1024

export interface StreamFormat {
  contentType: string
  opening: string
  heartbeat: string
  /** Final text of a stream whose caller's access has ended. */
  expired: string
}

/** Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export const serverSentEvents: StreamFormat = {
  contentType: 'text/event-stream; charset=utf-8',
  // Send no empty line here, because it would end an event, and some clients dispatch even an event without data.
  opening: 'retry: 1000\n:\n',
  heartbeat: ':\n',
  expired: '',
}

/** A stream is over once the server has ended it or the client has disconnected. It then discards all writes. */
export class EventStream {
  readonly #heartbeats: NodeJS.Timeout
  readonly #whenOver: (() => void)[] = []
  /** Encoded events from the current event-loop turn that have not been sent yet. */
  #out = ''
  #isOver = false
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

  /** Runs `work` when the response closes, or immediately if the client disconnected before the stream started. */
  onClose(work: () => void): void {
    if (this.response.closed || this.response.destroyed) work()
    else this.response.once('close', work)
  }

  /** Runs `work` when the stream is over, or immediately if it is already over. */
  onOver(work: () => void): void {
    if (this.#isOver) work()
    else this.#whenOver.push(work)
  }

  /** Events written in one event-loop turn are sent in one chunk. Await a returned promise before you write more. */
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

  /** Nothing is written to the stream after the end of the caller's access. */
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

/** Returns the text of a Server-Sent Event whose data is empty or a single line. */
export const eventText = (data: string, { id, name }: { id?: string | number; name?: string } = {}): string =>
  `${name === undefined ? '' : `event: ${name}\n`}${id === undefined ? '' : `id: ${id}\n`}data:${data && ` ${data}`}\n\n`

/** Limits the number of streams per client address, and ends streams and long polls when the process stops. */
export class EventStreams {
  readonly #streams = new Set<EventStream>()
  readonly #waits = new Set<AbortController>()
  readonly #slots: Slots
  #isDraining = false

  constructor(
    limitPerAddress: number,
    readonly addressOf: ClientAddress,
    readonly heartbeatMs = heartbeatEveryMs,
  ) {
    this.#slots = new Slots({ ofPrincipal: limitPerAddress })
  }

  /** Throws `rate_limited` if the address has too many open streams, `unavailable` if headers were already sent. */
  open(response: ServerResponse, format = serverSentEvents): EventStream {
    if (response.headersSent) throw new DomainError('unavailable')
    const address = this.addressOf(response.req)
    if (!this.#slots.mayAcquire(address))
      throw new DomainError('rate_limited').withMessage(
        'This address has too many open event streams. Close some of them first.',
      )
    const stream = new EventStream(response, format, this.heartbeatMs)
    stream.onClose(this.#slots.acquire(address))
    return stream
  }

  /**
   * Keeps a stream open until the process stops, or until the caller's access ends. Calls `begin` unless the stream is
   * already over. When the stream is over, calls the function that `begin` returned.
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
   * Starts a long poll. The returned signal is aborted after `ms`, when the caller's access ends, when the client
   * disconnects, or when the process stops. The metrics count the request as served when the wait starts.
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
   * Ends open streams and long polls at random times within `ms`, and new streams and long polls immediately. Clients
   * of an ended stream reconnect with their last event id, and clients of a long poll repeat the request.
   */
  drain(ms: number): void {
    this.#isDraining = true
    for (const stream of this.#streams) setTimeout(() => stream.end(), Math.random() * ms).unref()
    for (const wait of this.#waits) setTimeout(() => wait.abort(), Math.random() * ms).unref()
  }
}
