import { setTimeout as wait } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { MongoStore } from '../../src/db/mongo/mongo'
import type { Summary } from '../../src/domain/totals'
import { summariesPath } from '../../src/rest/paths'
import { Totals } from '../../src/totals/totals'
import { Cutter } from '../support/cutter'
import { Instance } from '../support/instance'
import { Load } from '../support/load'
import type { ReplicaSet } from '../support/mongod'
import { randomFrom } from '../support/random'
import { quiet } from '../support/sessions'
import type { Sleeper } from '../support/sleeper'
import { answerMs } from '../support/writers'

/** What the server's connections to MongoDB say that they are. */
const appName = 'benefit-sessions'

const writersCount = 10
const pauseMs = 80

/** Within this after a recovery every session can be written again, through every instance. */
const writableMs = 5_000

/** An instance that is asked to stop ends within this: its goodbyes take 3 seconds, and what is in flight has 10. */
const drainMs = 14_000

/** Who can't be written after this never will be. */
const stuckMs = 30_000

/** When a fault began, and when what it hit could serve again; all times are milliseconds of `performance.now()`. */
export interface Round {
  at: number
  /** When the set had a new primary, where it lost its own. */
  elected?: number
  /** When that could have a write acknowledged by the majority. */
  commits?: number
}

/** Two instances on one set, with writers and subscribers: what a fault happens to. */
export class Stage {
  readonly instances: Instance[] = []
  /** What was seen that may not be, beside what the load's own checker finds. */
  readonly broken: string[] = []
  readonly unwritable: string[] = []
  readonly rounds: Round[] = []
  /** How long each instance took that was asked to stop. */
  readonly drains: number[] = []
  readonly random: () => number
  load!: Load
  readonly sleepers: Sleeper[] = []
  proxies: Cutter[] = []
  readonly #all: Instance[] = []

  static async start(set: ReplicaSet, database: string, seed: number, behindProxies = false): Promise<Stage> {
    const stage = new Stage(set, database, seed)
    try {
      if (behindProxies) {
        stage.proxies = await Promise.all(set.hosts.map(host => Cutter.start(host, appName)))
        await set.move(stage.proxies.map(({ host }) => host))
      }
      await stage.add()
      await stage.add()
      stage.load = await Load.start(stage.urls, { count: writersCount, pauseMs, seed })
      await stage.load.written(50)
    } catch (error) {
      await stage.stop()
      throw error
    }
    return stage
  }

  private constructor(
    readonly set: ReplicaSet,
    readonly database: string,
    readonly seed: number,
  ) {
    this.random = randomFrom(seed)
  }

  readonly urls = (): string[] => this.instances.map(({ url }) => url)

  pick<T>(of: readonly T[]): T {
    return of[Math.floor(this.random() * of.length)] as T
  }

  /** A moment of ordinary work, of a random length. */
  async moment(ms = 1_000): Promise<void> {
    await wait((0.3 + this.random() * 0.7) * ms)
  }

  #uri(): string {
    const hosts = this.proxies.length > 0 ? this.proxies.map(({ host }) => host) : this.set.hosts
    return `mongodb://${hosts.join(',')}/${this.database}?replicaSet=rs0`
  }

  async add(): Promise<void> {
    const instance = await Instance.start({ MONGODB_URI: this.#uri() })
    this.instances.push(instance)
    this.#all.push(instance)
    instance.ended.then(code => {
      if (this.#leave(instance)) this.broken.push(`an instance ended by itself with ${code}: ${instance.errors}`)
    })
  }

  /** Takes an instance from those that clients go to; tells whether it was one. */
  #leave(instance: Instance): boolean {
    const place = this.instances.indexOf(instance)
    if (place >= 0) this.instances.splice(place, 1)
    return place >= 0
  }

  async kill(instance: Instance): Promise<void> {
    this.#leave(instance)
    await instance.kill()
  }

  /** Asks an instance to stop: it must end with 0, and soon. */
  async drain(instance: Instance): Promise<void> {
    this.#leave(instance)
    const asked = performance.now()
    const code = await instance.stop()
    const took = Math.round(performance.now() - asked)
    this.drains.push(took)
    if (code !== 0) this.broken.push(`a drained instance ended with ${code}: ${instance.errors}`)
    if (took > drainMs) this.broken.push(`a drained instance took ${took} ms`)
  }

  /** Sees that every session can be written through every instance, soon after a recovery that was at `since`. */
  async recovered(since: number): Promise<void> {
    await this.written(Math.max(1_000, writableMs - (performance.now() - since)))
  }

  /** Writes every session through every instance. */
  async written(ms = answerMs): Promise<void> {
    const round = this.rounds.length
    const late = await this.load.writers.unwritable(this.urls(), ms)
    this.unwritable.push(...late.map(one => `round ${round}: could not be written within ${ms} ms: ${one}`))
  }

  /** Lets the load come to its end, and adds what it found to what is broken. */
  async finish(): Promise<void> {
    const stuck = await this.load.writers.unwritable(this.urls(), stuckMs)
    this.unwritable.push(...stuck.map(one => `for ever: ${one}`))
    // What has not come by then is lost, and the checker says so.
    await this.load.finish().catch(() => {})
    const [url = ''] = this.urls()
    this.broken.push(
      ...this.load.checker.faults(),
      ...(await this.load.writers.verify(url)),
      ...this.load.writers.wrong,
      ...(await this.#totalsApart()),
    )
    for (const { lines } of this.#all) {
      const errors = lines.filter(({ level }) => level === 'error' || level === 'fatal')
      this.broken.push(...errors.map(line => `an instance logged ${JSON.stringify(line).slice(0, 500)}`))
    }
  }

  /** Holds what each instance says that all sessions come to against what the store adds up, now that nobody writes. */
  async #totalsApart(): Promise<string[]> {
    const store = await MongoStore.open(this.#uri())
    try {
      const apart = this.urls().map(async url => {
        const said = (await (await fetch(url + summariesPath)).json()) as Summary
        const { sessions, states, results, amounts } = await new Totals(store, quiet).summary({})
        const same = isDeepStrictEqual(
          { ...said, calculations: [] },
          { sessions, states, results, amounts, calculations: [] },
        )
        return same
          ? []
          : [`${url} says ${JSON.stringify(said)} of ${JSON.stringify({ sessions, states, results, amounts })}`]
      })
      return (await Promise.all(apart)).flat()
    } finally {
      await store.end()
    }
  }

  async stop(): Promise<void> {
    this.instances.splice(0)
    for (const sleeper of this.sleepers) sleeper.leave()
    await Promise.all([...this.#all.map(instance => instance.kill()), this.load?.stop()])
    if (this.proxies.length === 0) return
    await this.set.move(this.set.hosts)
    await Promise.all(this.proxies.map(proxy => proxy.stop()))
  }
}
