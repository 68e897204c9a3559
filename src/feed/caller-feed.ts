import { type Caller, narrowed, principalKey } from '../domain/caller'
import type { Snapshot } from '../domain/session'
import type { Feed, FeedPage, FeedRequest, LongPollRequest, PageRequest, SubscriptionRequest } from './feed'
import type { FeedRequester } from './log-reads'
import type { FeedFilter } from './ring'

type OfConnection<R extends FeedRequest> = Omit<R, 'requester'> & { connection: object }

/**
 * The feed for one caller, limited to the caller's scope. Reads for one caller alternate between the caller's
 * connections.
 */
export class CallerFeed {
  readonly #feed: Feed
  readonly #caller: Caller
  readonly #hasSessions: boolean

  constructor(feed: Feed, caller: Caller, hasSessions = false) {
    this.#feed = feed
    this.#caller = caller
    this.#hasSessions = hasSessions
  }

  get hasLog(): boolean {
    return this.#feed.hasLog
  }

  cursorAt(position: string): string {
    return this.#feed.cursorAt(position)
  }

  #reader(connection: object): FeedRequester {
    const reader = { principal: principalKey(this.#caller), connection }
    return this.#hasSessions ? { ...reader, sessionsWithin: this.#caller.scope } : reader
  }

  /** Returns a feed whose items also include the session's state directly after the transition. */
  withSessions(): CallerFeed {
    return new CallerFeed(this.#feed, this.#caller, true)
  }

  /** Limits a request to the caller's scope. */
  #limited<R extends { connection: object; filter?: FeedFilter | undefined }>({
    connection,
    filter = {},
    ...request
  }: R) {
    const { scope } = this.#caller
    return { ...request, filter: narrowed(filter, scope), requester: this.#reader(connection) }
  }

  subscribe(request: OfConnection<SubscriptionRequest>): ReturnType<Feed['subscribe']> {
    return this.#feed.subscribe(this.#limited(request))
  }

  page(request: OfConnection<PageRequest>): Promise<FeedPage> {
    return this.#feed.page(this.#limited(request))
  }

  longPoll(request: OfConnection<LongPollRequest>): Promise<FeedPage> {
    return this.#feed.longPoll(this.#limited(request))
  }

  /**
   * Subscribes to one session's transitions (see `Feed.transitions`). `read` must check that the caller is allowed to
   * see the session.
   */
  transitions(
    read: () => Promise<Snapshot>,
    after: number | undefined,
    connection: object,
  ): ReturnType<Feed['transitions']> {
    return this.#feed.transitions({ read, after, requester: this.#reader(connection), scope: this.#caller.scope })
  }
}
