import { writeSync } from 'node:fs'
import pino, { type DestinationStream, type Logger } from 'pino'

/** Characters after which a batch of log lines is written, or after `batchMs`. A killed process loses its batch. */
const batchLength = 8 * 1024
const batchMs = 100
/** Maximum bytes buffered while the log's reader does not read. Further lines are dropped and counted. */
export const unreadLogBytes = 1024 * 1024
/**
 * Maximum time in ms that an exiting process waits for a log reader that does not read. It tries every `tryEveryMs`.
 */
const exitMs = 300
const tryEveryMs = 10

/** `more` returns additional fields for each log line. */
export function logger(level: string, more?: () => object): Logger {
  // Accessing `process.stdout` sets a pipe to non-blocking mode. Writing to a full pipe then fails instead of blocking
  // the process.
  const output = new LogOutput(process.stdout.fd)
  process.on('exit', () => output.end())
  return pino(
    {
      level,
      base: null,
      timestamp: isoTime,
      formatters: { level: label => ({ level: label }) },
      ...(more && { mixin: more }),
    },
    output satisfies DestinationStream,
  )
}

// Cached text of the last formatted time, shared by all log lines of the same millisecond.
let timed = 0
let time = ''

function isoTime(): string {
  const now = Date.now()
  if (now !== timed) {
    timed = now
    time = `,"time":"${new Date(now).toISOString()}"`
  }
  return time
}

/**
 * Writes log lines to a file or pipe in batches, and is never blocked by a slow or disconnected reader. Batching saves
 * CPU time: writing each log line separately took 13 % of a read request's CPU time. Pino's own batching is not used:
 * after the reader has disconnected, it retries endlessly, and the process does not exit on SIGTERM.
 */
export class LogOutput {
  #batch = ''
  /** Bytes that the log's reader has not accepted yet. */
  #unread: Buffer = Buffer.alloc(0)
  #dropped = 0
  #isClosed = false
  #timer: NodeJS.Timeout | undefined

  constructor(readonly fd: number) {}

  write(line: string): void {
    if (this.#unread.length + this.#batch.length > unreadLogBytes) {
      this.#dropped++
      return
    }
    this.#batch += line
    if (this.#batch.length >= batchLength && this.#unread.length === 0) this.flushSync()
    else this.#timer ??= setTimeout(() => this.flushSync(), batchMs).unref()
  }

  /** Writes as many buffered bytes as the log's reader accepts. Pino also calls `flushSync` after a fatal log line. */
  flushSync(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#unread = Buffer.concat([this.#unread, Buffer.from(this.#batch)])
    this.#batch = ''
    try {
      while (this.#unread.length > 0 && !this.#isClosed) {
        this.#unread = this.#unread.subarray(writeSync(this.fd, this.#unread))
      }
    } catch (error) {
      this.#isClosed = (error as NodeJS.ErrnoException).code === 'EPIPE'
    }
    if (this.#isClosed) this.#unread = Buffer.alloc(0)
    else if (this.#unread.length > 0) this.#timer = setTimeout(() => this.flushSync(), batchMs).unref()
    else if (this.#dropped > 0) this.#logDropped()
  }

  #logDropped(): void {
    const line = {
      level: 'warn',
      time: new Date().toISOString(),
      lines: this.#dropped,
      msg: 'log lines dropped',
    }
    this.#dropped = 0
    this.write(`${JSON.stringify(line)}\n`)
  }

  /** Writes the buffered log lines before the process exits, and blocks for at most `exitMs`. */
  end(): void {
    const until = performance.now() + exitMs
    this.flushSync()
    while (this.#unread.length + this.#batch.length > 0 && performance.now() < until) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, tryEveryMs)
      this.flushSync()
    }
  }
}
