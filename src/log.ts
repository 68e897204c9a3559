import { writeSync } from 'node:fs'
import pino, { type DestinationStream, type Logger } from 'pino'

/** Lines are gathered up to so many characters, and for no longer than that: what a process that is killed takes along. */
const gatheredLength = 8 * 1024
const gatheredMs = 100
/** What waits, in bytes, for a reader that takes nothing; lines beyond it are dropped, and counted. */
export const unreadLogBytes = 1024 * 1024
/** How long a process that ends waits for such a reader, and how often it tries. */
const lastWordsMs = 300
const tryEveryMs = 10

/** JSON lines on standard output, with levels by name, and in each what is to be said besides. */
export function logger(level: string, more?: () => object): Logger {
  // Where standard output is a pipe, node's own stream makes of it one that refuses what it has no room for, and waits for nobody.
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

let timed = 0
let time = ''

/** What is logged within a millisecond has one time. */
function isoTime(): string {
  const now = Date.now()
  if (now !== timed) {
    timed = now
    time = `,"time":"${new Date(now).toISOString()}"`
  }
  return time
}

/** Writes lines to a file or a pipe, many at once. Whatever its reader does, or does not, the process goes on. */
export class LogOutput {
  #gathered = ''
  /** What the reader had no room for. */
  #unread: Buffer = Buffer.alloc(0)
  #dropped = 0
  #isGone = false
  #timer: NodeJS.Timeout | undefined

  constructor(readonly fd: number) {}

  write(line: string): void {
    if (this.#unread.length + this.#gathered.length > unreadLogBytes) {
      this.#dropped++
      return
    }
    this.#gathered += line
    if (this.#gathered.length >= gatheredLength && this.#unread.length === 0) this.flushSync()
    else this.#timer ??= setTimeout(() => this.flushSync(), gatheredMs).unref()
  }

  /** Writes what there is room for. Pino asks for it after a fatal line. */
  flushSync(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#unread = Buffer.concat([this.#unread, Buffer.from(this.#gathered)])
    this.#gathered = ''
    try {
      while (this.#unread.length > 0 && !this.#isGone) {
        this.#unread = this.#unread.subarray(writeSync(this.fd, this.#unread))
      }
    } catch (error) {
      this.#isGone = (error as NodeJS.ErrnoException).code === 'EPIPE'
    }
    if (this.#isGone) this.#unread = Buffer.alloc(0)
    else if (this.#unread.length > 0) this.#timer = setTimeout(() => this.flushSync(), gatheredMs).unref()
    else if (this.#dropped > 0) this.#tellDropped()
  }

  #tellDropped(): void {
    const line = {
      level: 'warn',
      time: new Date().toISOString(),
      lines: this.#dropped,
      msg: 'lines of the log were dropped',
    }
    this.#dropped = 0
    this.write(`${JSON.stringify(line)}\n`)
  }

  /** Writes what is left: the process ends. */
  end(): void {
    const until = performance.now() + lastWordsMs
    this.flushSync()
    while (this.#unread.length + this.#gathered.length > 0 && performance.now() < until) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, tryEveryMs)
      this.flushSync()
    }
  }
}
