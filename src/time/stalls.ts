import type { Logger } from 'pino'

/** How long the event loop may stand still without a word in the log. */
export const stallMs = 100
const lookEveryMs = 50
const notedSectionMs = 10
/** Stalls are logged no more often. */
const linesApartMs = 1_000
const namesAtMost = 10
const nameCharacters = 200

/** What took long since the last look. */
let sections: Record<string, number> = {}

/** Does the work, and notes by its name what it took of the event loop where that is worth a word. */
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

/** Watches the event loop: each time it stood still, the log says for how long, and what ran. */
export class Stalls {
  readonly #underWay = new Set<{ what: string; began: number }>()
  /** Those that took as long as a stall, and were over since the last look. */
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

  /** A request begins; what this returns is called when it is over. */
  begin(what: string): () => void {
    const request = { what, began: performance.now() }
    this.#underWay.add(request)
    return () => {
      this.#underWay.delete(request)
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
    // Of those under way the latest are the likeliest: streams are open for long.
    const latest = [...this.#underWay].slice(-namesAtMost).map(({ what }) => what)
    const requests = [...over, ...latest].slice(0, namesAtMost)
    const open = this.#underWay.size
    this.log.warn({ ms, cpu_ms, ran, requests, open, unlogged: this.#unlogged }, 'the event loop stood still')
    this.#logged = now
    this.#unlogged = 0
  }
}

/** What the process has had of the processors since it began. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
