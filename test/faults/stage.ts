import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Store } from '../../src/db/store'
import { partsOf } from '../support/capability-parts'
import { Cutter } from '../support/cutter'
import { Instance } from '../support/instance'
import { Load } from '../support/load'
import type { ReplicaSet } from '../support/mongod'
import { randomFrom } from '../support/random'
import type { Sleeper } from '../support/sleeper'
import { openMongo } from '../support/stores'
import { answerMs } from '../support/writers'

/** Name with which the server's connections to MongoDB identify themselves. */
const appName = 'benefit-sessions'

const writersCount = 10
const pauseMs = 80

/** After a recovery, every session must be writable through every instance within this time, in ms. */
const writableMs = 5_000

/**
 * An instance that is asked to stop must exit within this time, in ms: 3 seconds to close connections, and 10 for
 * requests in flight.
 */
const drainMs = 14_000

/** A session that is not writable within this time, in ms, counts as stuck for ever. */
const stuckMs = 30_000

/** When a fault began, and when the affected part could serve again. All times are ms of `performance.now()`. */
export interface Round {
  at: number
  /** When the replica set had a new primary, if it lost its own. */
  elected?: number
  /** When the majority acknowledged a write on the new primary. */
  commits?: number
}

/** What differs between the stages of faults. */
export interface Setting {
  /** Whether the instances reach the replica set through proxies. */
  behindProxies?: true
  /** Whether one instance runs on an embedded file, instead of two on the replica set. */
  isEmbedded?: true
  /** Receives the transitions too, besides the subscribers. */
  recipient?: Recipient
}

/** How a capability makes the server send transitions, and checks them. */
export interface Recipient {
  /** Environment of the instances. */
  env: Record<string, string>
  writers: number
  start(url: string, seed: number): Promise<StartedRecipient>
}

export interface StartedRecipient {
  /** Waits until all acknowledged transitions have arrived, and returns the breaches. */
  breaches(acknowledged: { key: string }[]): Promise<string[]>
  stop(): Promise<void>
}

/** Two instances on one replica set, with writers and subscribers. The faults happen to them. */
export class Stage {
  readonly instances: Instance[] = []
  /** Breaches, in addition to those that the load's own checker finds. */
  readonly broken: string[] = []
  readonly unwritable: string[] = []
  readonly rounds: Round[] = []
  /** Time that each instance took to stop, in ms. */
  readonly drains: number[] = []
  readonly random: () => number
  load!: Load
  readonly sleepers: Sleeper[] = []
  proxies: Cutter[] = []
  readonly #all: Instance[] = []
  #recipient: StartedRecipient | undefined
  /** The folder of the embedded file. */
  #folder: string | undefined

  static async start(set: ReplicaSet, database: string, seed: number, setting: Setting): Promise<Stage> {
    const stage = new Stage(set, database, seed, setting)
    const { behindProxies, isEmbedded, recipient } = setting
    try {
      if (behindProxies) {
        stage.proxies = await Promise.all(set.hosts.map(host => Cutter.start(host, appName)))
        await set.move(stage.proxies.map(({ host }) => host))
      }
      if (isEmbedded) stage.#folder = mkdtempSync(join(tmpdir(), 'faults-'))
      await stage.add()
      if (!isEmbedded) await stage.add()
      const [url = ''] = stage.urls()
      stage.#recipient = await recipient?.start(url, seed)
      const count = recipient?.writers ?? writersCount
      stage.load = await Load.start(stage.urls, { count, pauseMs, seed })
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
    readonly setting: Setting,
  ) {
    this.random = randomFrom(seed)
  }

  readonly urls = (): string[] => this.instances.map(({ url }) => url)

  pick<T>(of: readonly T[]): T {
    return of[Math.floor(this.random() * of.length)] as T
  }

  /** Lets the load run for a random time of up to `ms`. */
  async moment(ms = 1_000): Promise<void> {
    await wait((0.3 + this.random() * 0.7) * ms)
  }

  #uri(): string {
    const hosts = this.proxies.length > 0 ? this.proxies.map(({ host }) => host) : this.set.hosts
    return `mongodb://${hosts.join(',')}/${this.database}?replicaSet=rs0`
  }

  /** Environment of a server that uses the store. */
  get storeEnv(): Record<string, string> {
    return this.#folder ? { DATA_FILE: join(this.#folder, 'sessions.db') } : { MONGODB_URI: this.#uri() }
  }

  async add(): Promise<void> {
    const instance = await Instance.start({ ...this.storeEnv, ...this.setting.recipient?.env })
    this.instances.push(instance)
    this.#all.push(instance)
    void instance.ended.then(code => {
      if (this.#leave(instance)) this.broken.push(`an instance ended by itself with ${code}: ${instance.errors}`)
    })
  }

  /** Removes an instance from those that clients use. Returns whether it was one of them. */
  #leave(instance: Instance): boolean {
    const place = this.instances.indexOf(instance)
    if (place >= 0) this.instances.splice(place, 1)
    return place >= 0
  }

  async kill(instance: Instance): Promise<void> {
    this.#leave(instance)
    await instance.kill()
  }

  /** Freezes an instance for a time. Meanwhile clients use others. */
  async freeze(instance: Instance, ms: number): Promise<void> {
    this.#leave(instance)
    instance.child.kill('SIGSTOP')
    await wait(ms)
    instance.child.kill('SIGCONT')
    this.instances.push(instance)
  }

  /** Asks an instance to stop. It must exit with 0 in time. */
  async drain(instance: Instance): Promise<void> {
    this.#leave(instance)
    const asked = performance.now()
    const code = await instance.stop()
    const took = Math.round(performance.now() - asked)
    this.drains.push(took)
    if (code !== 0) this.broken.push(`a drained instance ended with ${code}: ${instance.errors}`)
    if (took > drainMs) this.broken.push(`a drained instance took ${took} ms`)
  }

  /** Checks that every session is writable through every instance soon after the recovery at `since`. */
  async recovered(since: number): Promise<void> {
    await this.written(Math.max(1_000, writableMs - (performance.now() - since)))
  }

  /** Writes every session through every instance. */
  async written(ms = answerMs): Promise<void> {
    const round = this.rounds.length
    const late = await this.load.writers.unwritable(this.urls(), ms)
    this.unwritable.push(...late.map(one => `round ${round}: could not be written within ${ms} ms: ${one}`))
  }

  /** Finishes the load, and adds its breaches to `broken`. */
  async finish(): Promise<void> {
    const stuck = await this.load.writers.unwritable(this.urls(), stuckMs)
    this.unwritable.push(...stuck.map(one => `for ever: ${one}`))
    // The checker reports everything that has not arrived by then as lost.
    await this.load.finish().catch(() => {})
    const [url = ''] = this.urls()
    this.broken.push(
      ...this.load.checker.faults(),
      ...(await this.load.writers.verify(url)),
      ...this.load.writers.wrong,
      ...(this.setting.isEmbedded ? [] : await this.#differences()),
      ...((await this.#recipient?.breaches(this.load.checker.acknowledgements)) ?? []),
    )
    for (const { lines } of this.#all) {
      const errors = lines.filter(({ level }) => level === 'error' || level === 'fatal')
      this.broken.push(...errors.map(line => `an instance logged ${JSON.stringify(line).slice(0, 500)}`))
    }
  }

  /** Compares what each instance says with the store, now that no client writes. */
  async #differences(): Promise<string[]> {
    const store = await openMongo(this.#uri())
    try {
      const compares = partsOf<(store: Store, urls: string[]) => Promise<string[]>>('compare')
      return (await Promise.all(compares.map(compare => compare(store, this.urls())))).flat()
    } finally {
      await store.end()
    }
  }

  async stop(): Promise<void> {
    this.instances.splice(0)
    for (const sleeper of this.sleepers) sleeper.leave()
    await Promise.all([...this.#all.map(instance => instance.kill()), this.load?.stop(), this.#recipient?.stop()])
    if (this.#folder) rmSync(this.#folder, { recursive: true })
    if (this.proxies.length === 0) return
    await this.set.move(this.set.hosts)
    await Promise.all(this.proxies.map(proxy => proxy.stop()))
  }
}
