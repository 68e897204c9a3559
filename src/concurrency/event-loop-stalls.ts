import type { Logger } from 'pino'

/** Minimum duration in ms of an event-loop stall that is logged. */
export const stallMs = 100
const lookEveryMs = 50
const notedBlockingMs = 10
/** Minimum time in ms between two log lines about event-loop stalls. */
const linesApartMs = 1_000
const namesAtMost = 10
const nameCharacters = 200

/**
 * Total durations in ms of work that has blocked the event loop since the last check, by the work's name. These
 * durations are module state, because a process has one event loop.
 */
let blocking: Record<string, number> = {}

/** Runs `work`. If `work` blocks the event loop for 10 ms or longer, records its name and duration. */
export function recordBlocking<T>(name: string, work: () => T): T {
  const began = performance.now()
  try {
    return work()
  } finally {
    const ms = performance.now() - began
    if (ms >= notedBlockingMs) note(name.replaceAll(/\s+/g, ' ').slice(0, nameCharacters), ms)
  }
}

function note(name: string, ms: number): void {
  if (name in blocking || Object.keys(blocking).length < namesAtMost) {
    blocking[name] = Math.round((blocking[name] ?? 0) + ms)
  }
}

/**
 * Detects event-loop stalls. The log line for a stall contains its duration, and the work that ran during the stall.
 */
export class EventLoopStalls {
  readonly #running = new Set<{ what: string; began: number }>()
  /** Requests that have ended since the last check, and took longer than `stallMs`. */
  #over: string[] = []
  readonly #looking: NodeJS.Timeout
  #looked = performance.now()
  #usedMs = cpuMs()
  #logged = Number.NEGATIVE_INFINITY
  #unlogged = 0

  constructor(readonly log: Logger) {
    this.#looking = setInterval(() => this.#look(), lookEveryMs)
    this.#looking.unref()
  }

  end(): void {
    clearInterval(this.#looking)
  }

  /** Registers a request. Call the returned function when the request ends. */
  begin(what: string): () => void {
    const request = { what, began: performance.now() }
    this.#running.add(request)
    return () => {
      this.#running.delete(request)
      if (performance.now() - request.began > stallMs && this.#over.length < namesAtMost) this.#over.push(what)
    }
  }

  #look(): void {
    const now = performance.now()
    const ms = Math.round(now - this.#looked - lookEveryMs)
    const usedMs = cpuMs()
    const cpu_ms = Math.round(usedMs - this.#usedMs)
    const ran = blocking
    const over = this.#over
    this.#looked = now
    this.#usedMs = usedMs
    blocking = {}
    this.#over = []
    if (ms <= stallMs) return
    if (now - this.#logged < linesApartMs) {
      this.#unlogged++
      return
    }
    // List the latest requests, because they are the most likely causes of the stall. The oldest requests are mostly
    // open streams.
    const latest = [...this.#running].slice(-namesAtMost).map(({ what }) => what)
    const requests = [...over, ...latest].slice(0, namesAtMost)
    const open = this.#running.size
    this.log.warn({ ms, cpu_ms, ran, requests, open, unlogged: this.#unlogged }, 'event loop blocked')
    this.#logged = now
    this.#unlogged = 0
  }
}

/** Returns the CPU time in ms that the process has used since its start. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
