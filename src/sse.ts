import type { ServerResponse } from 'node:http'
import { DomainError } from './domain/errors'
import type { AddressOf } from './http/addresses'
import { Places } from './rate'

const commentEveryMs = 15_000

/** What a response may hold that its reader has not taken: past it, the source is asked to wait. */
export const responseBuffer = 64 * 1024

/** One Server-Sent Events response (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export class EventStream {
  readonly #comments: NodeJS.Timeout

  constructor(
    readonly response: ServerResponse,
    commentMs = commentEveryMs,
  ) {
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    })
    response.write(':\n\n')
    this.#comments = setInterval(() => response.writableNeedDrain || response.write(':\n\n'), commentMs)
    this.onClose(() => clearInterval(this.#comments))
  }

  /** Does the work when the response has closed: at once where its client went before the stream began. */
  onClose(work: () => void): void {
    if (this.response.closed || this.response.destroyed) work()
    else this.response.once('close', work)
  }

  /** Writes whole events. A promise asks for nothing more until it resolves. */
  write(events: string): void | Promise<void> {
    if (this.response.writableEnded || this.response.destroyed) return never
    this.response.write(events)
    if (this.response.writableLength < responseBuffer) return
    return new Promise(resolve => this.response.once('drain', resolve))
  }

  end(events = ''): void {
    this.response.end(events)
  }
}

// The reader of a response that is gone is detached by its close; until then it gets nothing more.
const never = new Promise<void>(() => {})

export const event = (data: string, { id, name }: { id?: string | number; name?: string } = {}): string =>
  `${name === undefined ? '' : `event: ${name}\n`}${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`

/** The open event streams of a process: counted by address, and ended together when it stops. */
export class EventStreams {
  readonly #open = new Set<EventStream>()
  readonly #places: Places

  constructor(
    limitPerAddress: number,
    readonly addressOf: AddressOf,
    readonly commentMs = commentEveryMs,
  ) {
    this.#places = new Places(limitPerAddress)
  }

  /** Starts to answer with an event stream; rate_limited where the address has too many. */
  open(response: ServerResponse): EventStream {
    const leave = this.#places.take(this.addressOf(response.req))
    if (!leave) throw new DomainError('rate_limited')
    const stream = new EventStream(response, this.commentMs)
    this.#open.add(stream)
    stream.onClose(() => {
      this.#open.delete(stream)
      leave()
    })
    return stream
  }

  /** Ends every stream within `ms`, each with the word to come back: clients reconnect with their last id. */
  async drain(ms: number): Promise<void> {
    await Promise.all(
      [...this.#open].map(
        stream =>
          new Promise<void>(resolve => {
            stream.onClose(resolve)
            setTimeout(() => stream.end('retry: 1000\n\n'), Math.random() * ms)
          }),
      ),
    )
  }
}
