import type { Signal } from '../concurrency/deadline'
import { type Caller, narrowed, principalKey } from '../domain/caller'
import type { Snapshot } from '../domain/session'
import type { Feed, FeedPage } from './feed'
import type { FeedFilter } from './ring'

/** The feed, limited to a caller's scope. `connection` takes turns with the caller's other connections. */
export class CallerFeed {
  readonly #feed: Feed
  readonly #scope: Caller['scope']
  readonly #principal: string

  constructor(feed: Feed, caller: Caller) {
    this.#feed = feed
    this.#scope = caller.scope
    this.#principal = principalKey(caller)
  }

  get hasLog(): boolean {
    return this.#feed.hasLog
  }

  cursorAt(position: string): string {
    return this.#feed.cursorAt(position)
  }

  #reader(connection: object) {
    return { principal: this.#principal, connection }
  }

  subscribe(after: string | undefined, filter: FeedFilter, connection: object): ReturnType<Feed['subscribe']> {
    return this.#feed.subscribe(after, narrowed(filter, this.#scope), this.#reader(connection))
  }

  /** The session was read within the scope. */
  transitions(session: Snapshot, after: number, connection: object): ReturnType<Feed['transitions']> {
    return this.#feed.transitions(session, after, this.#reader(connection))
  }

  page(
    after: string | undefined,
    limit: number,
    filter: FeedFilter,
    signal: Signal,
    connection: object,
  ): Promise<FeedPage> {
    return this.#feed.page(after, limit, narrowed(filter, this.#scope), signal, this.#reader(connection))
  }

  next(
    after: string,
    limit: number,
    filter: FeedFilter,
    begin: () => AbortSignal,
    connection: object,
  ): Promise<FeedPage> {
    return this.#feed.next(after, limit, narrowed(filter, this.#scope), begin, this.#reader(connection))
  }
}
