import { randomBytes } from 'node:crypto'
import { RepeatedJob } from '../../concurrency/repeated-job'
import type { Entry, LogFollower } from '../../db/store'
import type { Timestamp } from '../../domain/timestamp'
import type { DeliveryContext } from './delivery-context'
import { EndpointDelivery, idleReadMs } from './endpoint-delivery'
import { type EndpointStatus, endpointStatuses, type WebhookEndpoint } from './model'
import { SaveRounds } from './save-rounds'
import { leaseLeftMs } from './store'
import { WaitingMessages } from './waiting-messages'
import { WorkQueue } from './work-queue'

/**
 * Interval in ms at which this process polls for unleased endpoints, and for changes to the endpoints that it has
 * leased.
 */
const lookEveryMs = 1_000
/** Maximum number of concurrent delivery attempts in a process, in total and per organisation. */
export const attemptsInTotal = 512
export const attemptsOfOrganisation = 64

type DeliveriesContext = Omit<DeliveryContext, 'owner' | 'messages' | 'attempts' | 'saves' | 'mayDeliver'> & {
  /** Maximum number of undelivered messages that this process holds in memory. Only tests set it. */
  messagesInTotal?: number | undefined
}

/**
 * Delivers messages to all webhook endpoints whose lease this process holds. Once a second, the process renews its
 * leases, acquires free leases up to its share, releases leases beyond its share, and adopts endpoint changes. A
 * process that could not renew its leases in time stops sending messages.
 */
export class WebhookDeliveries implements LogFollower {
  readonly #context: DeliveryContext
  readonly #owner = randomBytes(8).toString('hex')
  readonly #running = new Map<string, EndpointDelivery>()
  /**
   * Deliveries that are stopping, by endpoint id. A new delivery to the same endpoint starts only after the old
   * delivery has stopped.
   */
  readonly #stopping = new Map<string, Promise<void>>()
  /** Ids of the endpoints whose leases this process is releasing, so that other processes can take them. */
  readonly #leaving = new Set<string>()
  /**
   * Time at which the leases expire, by performance.now() and by Date.now(). Only Date.now() advances while the machine
   * sleeps.
   */
  #validUntil = { monotonic: 0, wall: 0 }
  #looks: RepeatedJob | undefined
  #idleTimer: NodeJS.Timeout | undefined
  #isEnded = false

  constructor({ messagesInTotal, ...context }: DeliveriesContext) {
    this.#context = {
      ...context,
      owner: this.#owner,
      messages: new WaitingMessages(messagesInTotal),
      attempts: new WorkQueue({ atOnce: attemptsInTotal, ofPrincipal: attemptsOfOrganisation }),
      saves: new SaveRounds(),
      mayDeliver: () => this.#mayDeliver,
    }
  }

  /** Starts polling for endpoints and delivering messages. Call `start` only after the store has opened. */
  start(): void {
    if (this.#isEnded) return
    this.#idleTimer = setInterval(() => this.#wakeAll(), idleReadMs)
    this.#looks = new RepeatedJob({
      run: () => this.#look(),
      everyMs: lookEveryMs,
      failed: err => this.#context.log.warn({ err }, 'polling for webhook endpoints failed, retrying'),
    })
    this.look()
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
    const leaving = this.#leaving.size
    const { endpoints, surplus } = await store.webhooks.leaseEndpoints(this.#owner)
    // If the leases had expired before this renewal, another process may have delivered messages in between.
    if (!this.#mayDeliver) for (const endpoint_id of this.#running.keys()) this.#stop(endpoint_id, 'lapsed')
    this.#validUntil = {
      monotonic: began.monotonic + leaseLeftMs,
      wall: began.wall + leaseLeftMs,
    }
    await this.#adopt(endpoints, stopping)
    this.#giveBack(surplus - leaving)
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

  #stop(endpoint_id: string, why?: 'erased' | 'lapsed'): void {
    const delivery = this.#running.get(endpoint_id)
    if (!delivery) return
    this.#running.delete(endpoint_id)
    const stopped = this.#end(endpoint_id, delivery, why).finally(() => {
      this.#stopping.delete(endpoint_id)
      this.#leaving.delete(endpoint_id)
      this.look()
    })
    this.#stopping.set(endpoint_id, stopped)
  }

  async #end(endpoint_id: string, delivery: EndpointDelivery, why?: 'erased' | 'lapsed'): Promise<void> {
    await delivery.stop(why)
    if (!this.#leaving.has(endpoint_id)) return
    // If the store is unavailable, this process keeps the lease and resumes the delivery, unless the lease has expired
    // by then.
    await this.#context.store.webhooks.releaseEndpoints(this.#owner, [endpoint_id]).catch(() => {})
  }

  #giveBack(count: number): void {
    for (const endpoint_id of [...this.#running.keys()].slice(0, Math.max(0, count))) {
      this.#leaving.add(endpoint_id)
      this.#stop(endpoint_id)
    }
  }

  #wakeAll(): void {
    for (const delivery of this.#running.values()) delivery.wake()
  }

  append({ commit }: Entry): void {
    for (const delivery of this.#running.values()) delivery.offer(commit)
  }

  reset(): void {
    this.#wakeAll()
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
    const looked = this.#looks?.end()
    clearInterval(this.#idleTimer)
    for (const endpoint_id of this.#running.keys()) this.#stop(endpoint_id)
    await Promise.all([looked, ...this.#stopping.values()])
    // Release the leases, so that other processes need not wait until the leases expire. If the store is unavailable,
    // the leases expire by themselves.
    await this.#context.store.webhooks.releaseEndpoints(this.#owner).catch(() => {})
  }
}
