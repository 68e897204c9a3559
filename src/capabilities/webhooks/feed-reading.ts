import type { Requester } from '../../concurrency/fair-queue'
import { DomainError, type GapReason } from '../../domain/errors'
import type { FeedPage } from '../../feed/feed'
import type { FeedFilter, FeedTransition } from '../../feed/ring'
import { type DeliveryContext, logFailure } from './delivery-context'
import type { WebhookEndpoint } from './model'

/** Maximum number of items that one read of the feed returns. */
const itemsPerRead = 128
/** Delay in ms between a commit and the read that it triggers, so that one read can return several commits. */
const gatherMs = 20
/** Delay in ms before a failed read is repeated. */
const readAgainMs = 1_000

export const feedFilterOf = ({ mentor_id, organisation_id, events }: WebhookEndpoint): FeedFilter => ({
  mentor_id: mentor_id ?? undefined,
  organisation_id: organisation_id ?? undefined,
  events: events.length > 0 ? events : undefined,
})

/** The delivery that receives the items read from the feed. */
interface Reader {
  endpoint: WebhookEndpoint
  requester: Requester
  /** Whether the delivery accepts more items. */
  isActive: boolean
  waiting: number
  /** Receives a feed item, and the feed cursor that precedes the item. */
  take(item: FeedTransition, before: string): void
  /** Called after each read. */
  wasRead(): void
  /**
   * Called if the feed no longer contains the items after a cursor. After that call, reading continues at the current
   * end of the feed.
   */
  lost(after: string, reason: GapReason): void
}

/**
 * Reads the feed for one endpoint, starting at a cursor. Pauses while too many of the endpoint's messages wait for
 * delivery.
 */
export class FeedReading {
  #reading: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #isWanted = false
  /** Whether reading is paused because too many messages wait for delivery. */
  #isFull = false

  constructor(
    readonly context: DeliveryContext,
    readonly reader: Reader,
    /** Cursor up to which the feed has been read. */
    public readTo: string,
  ) {}

  /** Schedules a read of the feed. */
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

  /** Resumes reading if it was paused because too many messages waited. */
  madeRoom(): void {
    if (this.#isFull) this.wake()
    this.#isFull = false
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  get #room(): number {
    const { requester, waiting } = this.reader
    return this.context.messages.roomFor(requester.principal, waiting)
  }

  /** Reads pages until the end of the feed, or until too many messages wait. */
  async #read(): Promise<void> {
    const { reader } = this
    try {
      for (let hasMoved = true; hasMoved && reader.isActive; reader.wasRead()) {
        const limit = Math.min(itemsPerRead, this.#room)
        this.#isFull = limit <= 0
        if (this.#isFull) return
        const after = this.readTo
        const { items, next } = await this.#page(after, limit)
        // If the delivery has stopped, discard the items, because some of them may have been erased in the meantime.
        if (!reader.isActive) return
        for (const item of items) this.#take(item)
        this.readTo = next
        hasMoved = next !== after
      }
    } catch (error) {
      await this.#failed(error)
    }
  }

  /**
   * Reads a page of the feed. Until the read ends, `limit` messages count as waiting, to reserve room for the items.
   */
  async #page(after: string, limit: number): Promise<FeedPage> {
    const { feed, messages } = this.context
    const { reader } = this
    const signal = {
      get aborted() {
        return !reader.isActive
      },
    }
    const { requester } = reader
    const { principal } = requester
    messages.add(principal, limit)
    try {
      return await feed.page({ after, limit, filter: feedFilterOf(reader.endpoint), signal, requester })
    } finally {
      messages.add(principal, -limit)
    }
  }

  #take(item: FeedTransition): void {
    const before = this.readTo
    this.readTo = item.cursor
    // Skip transitions into `loading`, because a session is in this state only during a write.
    if (item.transition.to !== 'loading') this.reader.take(item, before)
  }

  async #failed(error: unknown): Promise<void> {
    const code = error instanceof DomainError ? error.code : undefined
    if (code === 'cursor_expired') return this.#skip('expired')
    if (code === 'invalid_cursor') return this.#skip('unknown')
    const { endpoint_id } = this.reader.endpoint
    logFailure(this.context, { endpoint_id, err: error }, 'reading the feed for a webhook endpoint failed, retrying')
    this.#readAgain()
  }

  #readAgain(): void {
    setTimeout(() => this.wake(), readAgainMs).unref()
  }

  /** Continues at the current end of the feed after a gap, and reports the gap. */
  async #skip(reason: GapReason): Promise<void> {
    const after = this.readTo
    let next: string
    try {
      next = (await this.context.feed.page({ limit: 1 })).next
    } catch {
      return this.#readAgain()
    }
    if (!this.reader.isActive) return
    this.readTo = next
    this.reader.lost(after, reason)
    this.#isWanted = true
  }
}
