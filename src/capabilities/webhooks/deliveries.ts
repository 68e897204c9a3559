import { randomBytes } from 'node:crypto'
import { FairQueue } from '../../concurrency/fair-queue'
import { RepeatedJob } from '../../concurrency/repeated-job'
import { runLater } from '../../concurrency/scheduler'
import { Slots } from '../../concurrency/slots'
import type { Entry, LogFollower } from '../../db/store'
import { type Timestamp, timestamp } from '../../domain/timestamp'
import { type DeliveryContext, EndpointDelivery, type StopReason } from './endpoint-delivery'
import { type EndpointStatus, endpointStatuses, type WebhookEndpoint } from './model'
import { WaitingMessages } from './pending-messages'
import { leaseLeftMs } from './store'

/** Interval in ms of the polls for unleased endpoints and for changes to the leased ones. */
const lookEveryMs = 1_000
/** Interval in ms at which progress is saved. A crash loses the changes since the last save. */
export const saveEveryMs = 1_000
/** Maximum number of concurrent saves in a process, so that saves do not delay the writes of clients. */
export const savesAtOnce = 32
/** Interval in ms at which retries become due, including at most one early retry per endpoint. */
export const tickMs = 100
/** Maximum concurrent attempts, in total and per organisation. Silent receivers could otherwise use all sockets. */
export const attemptsInTotal = 512
export const attemptsOfOrganisation = 64

type DeliveriesContext = Omit<DeliveryContext, 'holder' | 'waiting' | 'mayDeliver' | 'requestTurn'> & {
  /** Maximum number of undelivered messages that this process holds in memory. Only tests set it. */
  messagesInTotal?: number | undefined
}

/**
 * Delivers messages to all webhook endpoints whose lease this process holds. Once a second, the process renews its
 * leases, acquires free leases up to its share, releases leases beyond its share, adopts endpoint changes, and saves
 * the progress of the deliveries. A process that could not renew its leases in time stops sending messages. Processes
 * share the endpoints equally, so that no process makes all attempts after the others have restarted.
 */
export class WebhookDeliveries implements LogFollower {
  readonly #context: DeliveryContext
  readonly #holder = randomBytes(8).toString('hex')
  readonly #running = new Map<string, EndpointDelivery>()
  /** By endpoint id. A new delivery to an endpoint starts only after the old one has stopped. */
  readonly #stopping = new Map<string, Promise<void>>()
  /**
   * Endpoints with an attempt that is due. Organisations take turns, and so do the endpoints of an organisation, so
   * that receivers that do not respond delay only messages of their own organisation.
   */
  readonly #turns = new FairQueue<EndpointDelivery>()
  readonly #slots = new Slots({ atOnce: attemptsInTotal, ofPrincipal: attemptsOfOrganisation })
  #isScheduled = false
  /** By performance.now() and by Date.now(). Only Date.now() advances while the machine sleeps. */
  #validUntil = { monotonic: 0, wall: 0 }
  #looks: RepeatedJob | undefined
  #saves: RepeatedJob | undefined
  #ticks: NodeJS.Timeout | undefined
  #isEnded = false

  constructor({ messagesInTotal, ...context }: DeliveriesContext) {
    this.#context = {
      ...context,
      holder: this.#holder,
      waiting: new WaitingMessages(messagesInTotal),
      mayDeliver: () => this.#mayDeliver,
      requestTurn: delivery => {
        this.#turns.push(delivery.requester, delivery)
        this.#schedule()
      },
    }
  }

  /** Starts polling for endpoints and delivering messages. Call `start` only after the store has opened. */
  start(): void {
    if (this.#isEnded) return
    this.#ticks = setInterval(() => this.#tick(), tickMs)
    this.#looks = this.#repeat('polling for webhook endpoints', lookEveryMs, () => this.#look())
    this.#saves = this.#repeat('saving webhook deliveries', saveEveryMs, () => this.#saveChanged())
    this.look()
  }

  #repeat(doing: string, everyMs: number, run: () => Promise<void>): RepeatedJob {
    const failed = (err: unknown): void => this.#context.log.warn({ err }, `${doing} failed, retrying`)
    return new RepeatedJob({ run, everyMs, failed })
  }

  get #mayDeliver(): boolean {
    const { monotonic, wall } = this.#validUntil
    return performance.now() < monotonic && Date.now() < wall
  }

  /** Polls for endpoints now. If a poll is in progress, polls again after that poll. */
  look(): void {
    void this.#looks?.runAgain()
  }

  async #look(): Promise<void> {
    const { store } = this.#context
    const began = { monotonic: performance.now(), wall: Date.now() }
    // This poll can still return endpoints whose deliveries are stopping now.
    const stopping = new Set(this.#stopping.keys())
    const { endpoints, surplus } = await store.webhooks.leaseEndpoints(this.#holder)
    // If the leases had expired before this renewal, another process may have delivered messages in between.
    if (!this.#mayDeliver) for (const endpoint_id of this.#running.keys()) this.#stop(endpoint_id, 'lapsed')
    this.#validUntil = {
      monotonic: began.monotonic + leaseLeftMs,
      wall: began.wall + leaseLeftMs,
    }
    await this.#adopt(endpoints, stopping)
    // While deliveries are stopping, some leases may already be on their way to other processes.
    if (stopping.size === 0)
      for (const endpoint_id of [...this.#running.keys()].slice(0, surplus)) this.#stop(endpoint_id, 'surplus')
  }

  async #adopt(endpoints: WebhookEndpoint[], stopping: Set<string>): Promise<void> {
    const leased = new Set(endpoints.map(({ endpoint_id }) => endpoint_id))
    for (const endpoint_id of this.#running.keys()) if (!leased.has(endpoint_id)) this.#stop(endpoint_id)
    for (const endpoint of endpoints) {
      if (this.#running.get(endpoint.endpoint_id)?.adopt(endpoint) === false) this.#stop(endpoint.endpoint_id)
    }
    const isNew = (endpoint_id: string): boolean =>
      !this.#running.has(endpoint_id) && !this.#stopping.has(endpoint_id) && !stopping.has(endpoint_id)
    await Promise.all([...leased].filter(isNew).map(endpoint_id => this.#begin(endpoint_id)))
  }

  async #begin(endpoint_id: string): Promise<void> {
    const stored = await this.#context.store.webhooks.readDelivery(endpoint_id)
    if (stored && !this.#isEnded) this.#running.set(endpoint_id, new EndpointDelivery(stored, this.#context))
  }

  #stop(endpoint_id: string, why?: StopReason): void {
    const delivery = this.#running.get(endpoint_id)
    if (!delivery) return
    this.#running.delete(endpoint_id)
    const stopped = this.#end(endpoint_id, delivery, why).finally(() => {
      this.#stopping.delete(endpoint_id)
      this.look()
    })
    this.#stopping.set(endpoint_id, stopped)
  }

  async #end(endpoint_id: string, delivery: EndpointDelivery, why?: StopReason): Promise<void> {
    await delivery.stop(why)
    if (why !== 'surplus') return
    // If the store is unavailable, this process keeps the lease and resumes the delivery, unless the lease has expired
    // by then.
    await this.#context.store.webhooks.releaseEndpoints(this.#holder, [endpoint_id]).catch(() => {})
  }

  #tick(): void {
    const now = timestamp(new Date())
    for (const delivery of this.#running.values()) delivery.tick(now)
  }

  /** Saves in the order of the endpoints' ids, so that concurrent saves change few pages of the embedded store. */
  async #saveChanged(): Promise<void> {
    const ids = [...this.#running.keys()].sort()
    const changed = ids.flatMap(endpoint_id => this.#running.get(endpoint_id) ?? []).values()
    const saveNext = async (): Promise<void> => {
      for (const delivery of changed) if (delivery.needsSave) await delivery.save()
    }
    await Promise.all(Array.from({ length: savesAtOnce }, saveNext))
  }

  // Attempts

  readonly #mayAttempt = (principal: string): boolean => this.#slots.mayAcquire(principal)

  /** Starts the next attempts in later event-loop turns, one at a time, while slots are free. */
  #schedule(): void {
    if (this.#isScheduled || !this.#turns.peek(this.#mayAttempt)) return
    this.#isScheduled = true
    runLater(() => {
      this.#isScheduled = false
      void this.#attemptNext()
      this.#schedule()
    })
  }

  async #attemptNext(): Promise<void> {
    const next = this.#turns.shift(this.#mayAttempt)
    if (!next) return
    const release = this.#slots.acquire(next.requester.principal)
    await next.item.attempt()
    release()
    this.#schedule()
  }

  // The log

  append({ commit }: Entry): void {
    for (const delivery of this.#running.values()) delivery.offer(commit)
  }

  reset(): void {
    for (const delivery of this.#running.values()) delivery.wake()
  }

  /**
   * Restarts all deliveries after commits were erased, so that the deliveries read the feed again without the erased
   * data. Resolves once attempts made before the restart can no longer be recorded.
   */
  async invalidate(): Promise<void> {
    const running = [...this.#running]
    for (const [endpoint_id] of running) this.#stop(endpoint_id, 'erased')
    await Promise.all(running.map(([, delivery]) => delivery.forgetAttempts()))
  }

  advance(): void {}

  failed(): void {}

  // Metrics

  /** Number of endpoints per status, among the endpoints whose messages this process delivers. */
  get statuses(): Record<EndpointStatus, number> {
    const counts = Object.fromEntries(endpointStatuses.map(status => [status, 0])) as Record<EndpointStatus, number>
    for (const { status } of this.#running.values()) counts[status]++
    return counts
  }

  /** Number of undelivered messages that this process holds in memory. */
  get waiting(): number {
    let waiting = 0
    for (const delivery of this.#running.values()) waiting += delivery.waiting
    return waiting
  }

  /** Time of the oldest undelivered message that this process holds in memory. */
  get oldest(): Timestamp | undefined {
    let oldest: Timestamp | undefined
    for (const delivery of this.#running.values()) {
      const { oldest: at } = delivery
      if (at !== undefined && (oldest === undefined || at < oldest)) oldest = at
    }
    return oldest
  }

  /** Waits for the attempts in progress, saves the progress of all deliveries, and releases the leases. */
  async end(): Promise<void> {
    this.#isEnded = true
    clearInterval(this.#ticks)
    const ended = [this.#looks?.end(), this.#saves?.end()]
    for (const endpoint_id of this.#running.keys()) this.#stop(endpoint_id)
    await Promise.all([...ended, ...this.#stopping.values()])
    // Release the leases, so that other processes need not wait until the leases expire. If the store is unavailable,
    // the leases expire by themselves.
    await this.#context.store.webhooks.releaseEndpoints(this.#holder).catch(() => {})
  }
}
