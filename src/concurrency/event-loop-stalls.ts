import type { Logger } from 'pino'

/** Duration in ms above which a stall of the event loop is logged. */
export const stallMs = 100
const lookEveryMs = 50
const notedSectionMs = 10
/** Minimum interval between two log lines, in ms. */
const linesApartMs = 1_000
const namesAtMost = 10
const nameCharacters = 200

/** Slow sections since the last check: ms by name. Module state, because a process has one event loop. */
let sections: Record<string, number> = {}

/** Runs the work. Records its name and duration if it blocks the event loop for 10 ms or longer. */
export function section<T>(name: string, work: () => T): T {
  const began = performance.now()
  try {
    return work()
  } finally {
    const ms = performance.now() - began
    if (ms >= notedSectionMs) note(name.replaceAll(/\s+/g, ' ').slice(0, nameCharacters), ms)
  }
}

function note(name: string, ms: number): void {
  if (name in sections || Object.keys(sections).length < namesAtMost) {
    sections[name] = Math.round((sections[name] ?? 0) + ms)
  }
}

/** Watches the event loop. Logs how long it stalled, and what ran during the stall. */
export class EventLoopStalls {
  readonly #running = new Set<{ what: string; began: number }>()
  /** Requests that ended since the last check and took longer than a stall. */
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
    const ran = sections
    const over = this.#over
    this.#looked = now
    this.#usedMs = usedMs
    sections = {}
    this.#over = []
    if (ms <= stallMs) return
    if (now - this.#logged < linesApartMs) {
      this.#unlogged++
      return
    }
    // List the latest requests, which are the likeliest causes. The oldest ones are mostly open streams.
    const latest = [...this.#running].slice(-namesAtMost).map(({ what }) => what)
    const requests = [...over, ...latest].slice(0, namesAtMost)
    const open = this.#running.size
    this.log.warn({ ms, cpu_ms, ran, requests, open, unlogged: this.#unlogged }, 'event loop blocked')
    this.#logged = now
    this.#unlogged = 0
  }
}

/** CPU time that the process has used since its start, in ms. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
