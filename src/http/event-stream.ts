import type { ServerResponse } from 'node:http'
import { DomainError } from '../domain/errors'
import { probe } from '../probe'
import { atTime } from '../time/moment'
import type { AddressOf } from './addresses'
import { AddressSlots } from './rate'

const heartbeatEveryMs = 15_000

/** What a response may hold that its reader has not taken: past it, the source is asked to wait. */
const responseBufferBytes = 64 * 1024

/** How a response that goes on is written. Each text stands between whole messages. */
export interface StreamFormat {
  contentType: string
  /** What it begins with. */
  opening: string
  /** What keeps it open while there is nothing to say. */
  heartbeat: string
  /** The last words to a caller who may not listen any longer. */
  expired: string
}

/** Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export const serverSentEvents: StreamFormat = {
  contentType: 'text/event-stream; charset=utf-8',
  // An empty line ends an event, and some clients take one without data for one: there is none here.
  opening: 'retry: 1000\n:\n',
  heartbeat: ':\n',
  expired: '',
}

/**
 * One response that goes on, as Server-Sent Events or alike. It is over when it was ended or its client went; what is written
 * then goes nowhere.
 */
export class EventStream {
  readonly #heartbeats: NodeJS.Timeout
  readonly #whenOver: (() => void)[] = []
  /** The events of this turn, as bytes. */
  #out = ''
  #isOver = false
  #until = Number.POSITIVE_INFINITY

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
    probe?.streams(response)
    this.#heartbeats = setInterval(() => response.writableNeedDrain || this.write(format.heartbeat), heartbeatMs)
    this.onClose(() => this.#finish())
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Does the work when the response has closed: at once where its client went before the stream began. */
  onClose(work: () => void): void {
    if (this.response.closed || this.response.destroyed) work()
    else this.response.once('close', work)
  }

  /** Does the work when the stream is over: who writes it stops then. */
  onOver(work: () => void): void {
    if (this.#isOver) work()
    else this.#whenOver.push(work)
  }

  /**
   * Writes whole events, as bytes; those of one turn in one chunk. A promise asks for nothing more until it resolves.
   */
  write(events: string): void | Promise<void> {
    if (this.#isOver) return
    if (Date.now() >= this.#until) return this.end()
    if (this.#out === '') process.nextTick(() => this.#flush())
    this.#out += events
    if (this.response.writableLength + this.#out.length < responseBufferBytes) return
    this.#flush()
    if (this.response.writableLength < responseBufferBytes) return
    return new Promise(resolve => this.response.once('drain', resolve))
  }

  /** Ends at a time of Date.now(): nothing is written from then on. */
  endAt(ms: number): void {
    this.#until = ms
    this.onOver(atTime(ms, () => this.end()))
  }

  end(events = ''): void {
    if (this.#isOver) return
    this.response.end(Date.now() < this.#until ? this.#out + events : this.format.expired, 'latin1')
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

/** A Server-Sent Event. Its data is one line, or nothing. */
export const eventText = (data: string, { id, name }: { id?: string | number; name?: string } = {}): string =>
  `${name === undefined ? '' : `event: ${name}\n`}${id === undefined ? '' : `id: ${id}\n`}data:${data && ` ${data}`}\n\n`

/** The event streams of a process: counted by address, and those that are kept open ended when it stops. */
export class EventStreams {
  readonly #kept = new Set<EventStream>()
  readonly #slots: AddressSlots
  #isDraining = false

  constructor(
    limitPerAddress: number,
    readonly addressOf: AddressOf,
    readonly heartbeatMs = heartbeatEveryMs,
  ) {
    this.#slots = new AddressSlots(limitPerAddress)
  }

  /** Starts to answer with an event stream; rate_limited where the address has too many. */
  open(response: ServerResponse, format = serverSentEvents): EventStream {
    const leave = this.#slots.take(this.addressOf(response.req))
    if (!leave) throw new DomainError('rate_limited')
    const stream = new EventStream(response, format, this.heartbeatMs)
    stream.onClose(leave)
    return stream
  }

  /**
   * Keeps a stream open until the process stops, or a time of Date.now(). Where neither has come it is begun, by what gives
   * what to do when it is over.
   */
  keep(stream: EventStream, begin: () => () => void, until?: number): void {
    if (until !== undefined) stream.endAt(until)
    if (this.#isDraining) stream.end()
    if (stream.isOver) return
    this.#kept.add(stream)
    const detach = begin()
    stream.onOver(() => {
      this.#kept.delete(stream)
      detach()
    })
  }

  /** Ends what is kept open within `ms`, and at once what would be from now on: clients reconnect with their last id. */
  drain(ms: number): void {
    this.#isDraining = true
    for (const stream of this.#kept) setTimeout(() => stream.end(), Math.random() * ms).unref()
  }
}
