import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { waitingAt } from '../../concurrency/waits'
import { DomainError } from '../../domain/errors'
import { resetConnection } from '../../http/server'
import type { ImportClient } from './import'
import { importMs, lineWaitMs, responseBytes } from './model'

export const ndjson = 'application/x-ndjson'

/** Request headers that indicate that the request came through a proxy. */
const forwardingHeaders = ['x-forwarded-for', 'forwarded', 'via']

export class HttpImportClient implements ImportClient {
  readonly request_id: string
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #gone = new AbortController()
  readonly #closed = Promise.withResolvers<void>()
  readonly #lineWaitMs: number
  readonly #isForwarded: boolean
  #take: ((chunk?: Buffer) => void) | undefined
  /** How long the import has waited for the client to send the next line, in ms. */
  #waitedMs = 0
  #isReading = false
  #isOver = false
  #out = ''

  constructor(request: IncomingMessage, response: ServerResponse, limits = { importMs, lineWaitMs }) {
    this.#request = request
    this.#response = response
    this.#lineWaitMs = limits.lineWaitMs
    this.#isForwarded = forwardingHeaders.some(name => request.headers[name] !== undefined)
    this.request_id = String(response.getHeader('X-Request-Id'))
    const late = setTimeout(() => response.socket && resetConnection(response.socket), limits.importMs)
    // If the client disconnects or the time limit passes, the connection closes before the response is complete.
    response.once('close', () => {
      clearTimeout(late)
      this.#gone.abort()
      this.stop()
      this.#closed.resolve()
    })
  }

  get aborted(): boolean {
    return this.#gone.signal.aborted
  }

  async next(afterLine: boolean): Promise<Buffer | undefined> {
    if (afterLine) this.#waitedMs = 0
    if (!this.#isReading) this.#beginReading()
    if (this.#isOver) return undefined
    const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>()
    this.#take = resolve
    this.#request.resume()
    const began = performance.now()
    const leftMs = Math.max(0, this.#lineWaitMs - this.#waitedMs)
    const late = setTimeout(() => reject(tooSlow(this.#lineWaitMs)), leftMs)
    try {
      return await promise
    } finally {
      clearTimeout(late)
      this.#waitedMs += performance.now() - began
    }
  }

  /** Starts reading the request body, one chunk at a time. Ignores chunks that arrive after `stop`. */
  #beginReading(): void {
    this.#isReading = true
    this.#request.on('data', (chunk: Buffer) => {
      if (this.#isOver) return
      this.#request.pause()
      this.#take?.(chunk)
    })
    this.#request.once('end', () => this.stop())
  }

  stop(): void {
    this.#isOver = true
    this.#take?.()
    this.#flush()
  }

  /**
   * Proxies written in Go drop parts of an HTTP/1.1 request body once the response has begun. Behind a proxy, the
   * response is therefore buffered until the request body has ended, or the buffer is full.
   */
  get #isBuffering(): boolean {
    return this.#isForwarded && !this.#isOver && !this.#response.headersSent
  }

  /** Sends response lines. Response lines that are added in the same event-loop turn are written together. */
  send(lines: string): void | Promise<void> {
    if (this.aborted) return
    if (this.#out === '') process.nextTick(() => this.#isBuffering || this.#flush())
    this.#out += lines
    if (this.#response.writableLength + this.#out.length < responseBytes) return
    this.#flush()
    return this.#drained()
  }

  async #drained(): Promise<void> {
    const drained = once(this.#response, 'drain', this.#gone).catch(() => {})
    await waitingAt('slow_reader', drained, { request_id: this.request_id })
  }

  /** Discards the rest of the request body, because some clients read the response only after sending all of it. */
  async end(): Promise<void> {
    if (this.aborted) return
    this.#flush()
    this.#response.end()
    this.#request.resume()
    await waitingAt('slow_reader', this.#closed.promise, { request_id: this.request_id })
  }

  #flush(): void {
    const out = this.#out
    this.#out = ''
    if (out === '' || this.aborted) return
    if (!this.#response.headersSent) this.#response.writeHead(200, { 'Content-Type': ndjson })
    // Write the response as a buffer, not as a string. Node.js 26.12 sometimes never emits `drain` after it has written
    // a non-ASCII string.
    this.#response.write(Buffer.from(out))
  }
}

const tooSlow = (ms: number): DomainError =>
  new DomainError('unavailable').withMessage(
    `The server received no complete line for ${ms / 1_000} seconds. Send the remaining lines in another import.`,
  )
