import type { Requester } from '../../concurrency/fair-queue'
import { DomainError, type GapReason } from '../../domain/errors'
import type { FeedPage } from '../../feed/feed'
import type { FeedFilter, FeedTransition } from '../../feed/ring'
import { type DeliveryContext, logFailure } from './delivery-context'
import type { WebhookEndpoint } from './model'

/** Maximum number of items that one read of the feed returns. */
const itemsARead = 128
/** Time for which an endpoint lets commits accumulate before it reads them. */
const gatherMs = 20
/** Delay before a failed read is repeated. */
const readAgainMs = 1_000

/** Returns the feed filter for an endpoint. */
export const filterOf = ({ mentor_id, organisation_id, events }: WebhookEndpoint): FeedFilter => ({
  mentor_id: mentor_id ?? undefined,
  organisation_id: organisation_id ?? undefined,
  events: events.length > 0 ? events : undefined,
})

/** Delivery that receives the items. */
interface Reader {
  endpoint: WebhookEndpoint
  /** Whether the delivery accepts more items. */
  isActive: boolean
  waiting: number
  /** Receives an item, and the cursor before it. */
  take(item: FeedTransition, before: string): void
  /** Called after each read. `hasMoved` is false if nothing was left to read. */
  wasRead(hasMoved: boolean): void
  /** Called if the history after a cursor is gone. Reading continues from the present. */
  lost(after: string, reason: GapReason): void
}

/** Reads the feed for one endpoint, from a cursor on, while there is room for its messages. */
export class FeedReading {
  #reading: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #isWanted = false
  /** Whether reading is paused until there is room. */
  #isFull = false

  constructor(
    readonly context: DeliveryContext,
    readonly reader: Reader,
    readonly requester: Requester,
    /** Cursor up to which the log is read. */
    public readTo: string,
  ) {}

  /** Reads more of the feed soon. */
  wake(): void {
    if (!this.reader.isActive) return
    this.#isWanted = true
    if (this.#reading || this.#timer) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#isWanted = false
      this.#reading = this.#read().finally(() => {
        this.#reading = undefined
        if (this.#isWanted) this.wake()
      })
    }, gatherMs)
  }

  /** Reads more of the feed soon, if reading was paused for lack of room. */
  madeRoom(): void {
    if (this.#isFull) this.wake()
    this.#isFull = false
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  get #room(): number {
    return this.context.messages.roomFor(this.requester.principal, this.reader.waiting)
  }

  /** Reads until nothing is left or there is no more room. */
  async #read(): Promise<void> {
    const { reader } = this
    try {
      for (let hasMoved = true; hasMoved && reader.isActive; reader.wasRead(hasMoved)) {
        const limit = Math.min(itemsARead, this.#room)
        this.#isFull = limit <= 0
        if (this.#isFull) return
        const after = this.readTo
        const { items, next } = await this.#page(after, limit)
        // Discard the items, because some of them may have been erased meanwhile.
        if (!reader.isActive) return
        for (const item of items) this.#take(item)
        this.readTo = next
        hasMoved = next !== after
      }
    } catch (error) {
      await this.#failed(error)
    }
  }

  /** Reads a page. During the read, its messages count as waiting. */
  async #page(after: string, limit: number): Promise<FeedPage> {
    const { feed, messages } = this.context
    const { reader } = this
    const signal = {
      get aborted() {
        return !reader.isActive
      },
    }
    const { principal } = this.requester
    messages.add(principal, limit)
    try {
      return await feed.page(after, limit, filterOf(reader.endpoint), signal, this.requester)
    } finally {
      messages.add(principal, -limit)
    }
  }

  #take(item: FeedTransition): void {
    const before = this.readTo
    this.readTo = item.cursor
    // Skip these transitions, because a session is in `loading` only during a write.
    if (item.transition.to !== 'loading') this.reader.take(item, before)
  }

  async #failed(error: unknown): Promise<void> {
    const code = error instanceof DomainError ? error.code : undefined
    if (code === 'cursor_expired') return this.#skip('expired')
    if (code === 'invalid_cursor') return this.#skip('unknown')
    const { endpoint_id } = this.reader.endpoint
    logFailure(this.context, endpoint_id, error, 'reading the feed for a webhook endpoint failed, retrying')
    this.#readAgain()
  }

  #readAgain(): void {
    setTimeout(() => this.wake(), readAgainMs).unref()
  }

  /** Skips to the present after a gap. */
  async #skip(reason: GapReason): Promise<void> {
    const after = this.readTo
    let next: string
    try {
      next = (await this.context.feed.page(undefined, 1)).next
    } catch {
      return this.#readAgain()
    }
    if (!this.reader.isActive) return
    this.readTo = next
    this.reader.lost(after, reason)
    this.#isWanted = true
  }
}
