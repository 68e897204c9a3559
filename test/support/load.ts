import { Checker, longestSilence } from './checker'
import { Subscriber } from './subscriber'
import { transportNames } from './transports'
import { until } from './until'
import { Writers } from './writers'

export const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)

const restMs = 60_000

/** URL for clients while no server runs: the port of the discard protocol. */
const nowhere = 'http://127.0.0.1:9'

/**
 * Writers and subscribers over every transport, on servers that start and stop. Clients use the running servers in
 * turn.
 */
export class Load {
  readonly checker = new Checker()
  readonly subscribers: Subscriber[] = []
  writers!: Writers
  #turn = 0

  /** Starts the load. Each server first has one subscriber over each transport. */
  static async start(
    urls: () => string[],
    writers: { count?: number; pauseMs?: number; seed?: number } = {},
  ): Promise<Load> {
    const load = new Load(urls, writers.seed ?? seed)
    for (const first of urls()) {
      for (const transport of transportNames) {
        let connections = 0
        const next = () => ({ url: connections++ === 0 ? first : load.#url(), transport })
        load.subscribers.push(new Subscriber(`${transport} of ${first}`, load.checker, { next }))
      }
    }
    await until(() => load.subscribers.every(({ isReady }) => isReady), restMs, 'subscribers that are ready')
    load.writers = new Writers(load.checker, () => load.#url(), { ...writers, seed: load.seed })
    return load
  }

  private constructor(
    readonly urls: () => string[],
    readonly seed: number,
  ) {}

  #url(): string {
    const urls = this.urls()
    return urls[this.#turn++ % urls.length] ?? nowhere
  }

  /** Resolves when `more` further writes are acknowledged. */
  async written(more: number): Promise<void> {
    const enough = this.writers.times.length + more
    await until(() => this.writers.times.length >= enough, restMs, `${more} more writes`)
  }

  /** Stops the writers, and waits until all their writes are delivered. */
  async finish(): Promise<void> {
    await this.writers.stop()
    const rest = () => `the rest: ${this.checker.faults().slice(0, 5).join('; ')}`
    await until(() => this.checker.complete, restMs, rest)
    await Promise.all(this.subscribers.map(subscriber => subscriber.stop()))
  }

  /** Finishes the load, prints the counts, and returns the breaches. */
  async verdict(what: string): Promise<string[]> {
    await this.finish()
    const { writes, deliveries } = this.checker.counts
    const silent = this.subscribers.map(({ heard }) => longestSilence(heard.times))
    process.stdout.write(
      `${what}: seed ${this.seed}, ${writes} writes acknowledged, ${this.writers.unanswered} unanswered, ${deliveries} deliveries; ` +
        `longest silence of writers ${longestSilence(this.writers.times)} ms, of subscribers ${Math.max(...silent)} ms\n`,
    )
    return [...this.checker.faults(), ...this.writers.wrong, ...this.writers.hung]
  }

  async stop(): Promise<void> {
    await this.writers?.stop()
    await Promise.all(this.subscribers.map(subscriber => subscriber.stop()))
  }
}
