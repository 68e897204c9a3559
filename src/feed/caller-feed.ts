import type { Signal } from '../concurrency/deadline'
import { type Caller, narrowed, principalKey } from '../domain/caller'
import type { Snapshot } from '../domain/session'
import type { Feed, FeedPage } from './feed'
import type { FeedRequester } from './log-reads'
import type { FeedFilter } from './ring'

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

  subscribe(
    after: string | undefined,
    filter: FeedFilter,
    connection: object,
    reportsCaughtUp = false,
  ): ReturnType<Feed['subscribe']> {
    return this.#feed.subscribe(after, narrowed(filter, this.#caller.scope), this.#reader(connection), reportsCaughtUp)
  }

  /**
   * Subscribes to one session's transitions. Before you call `transitions`, check that the caller is allowed to see the
   * session. The subscription ends with session_not_found when the session moves out of the caller's scope.
   */
  transitions(session: Snapshot, after: number, connection: object): ReturnType<Feed['transitions']> {
    return this.#feed.transitions(session, after, this.#reader(connection), this.#caller.scope)
  }

  page(
    after: string | undefined,
    limit: number,
    filter: FeedFilter,
    signal: Signal,
    connection: object,
  ): Promise<FeedPage> {
    return this.#feed.page(after, limit, narrowed(filter, this.#caller.scope), signal, this.#reader(connection))
  }

  longPoll(
    after: string,
    limit: number,
    filter: FeedFilter,
    begin: () => AbortSignal,
    connection: object,
  ): Promise<FeedPage> {
    return this.#feed.longPoll(after, limit, narrowed(filter, this.#caller.scope), begin, this.#reader(connection))
  }
}
