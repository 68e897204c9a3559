import type { Source } from '../concurrency/source'
import { narrowed, type Scope } from '../domain/caller'
import type { Snapshot } from '../domain/session'
import type { Feed } from './feed'
import type { FeedFilter, FeedMessage, FeedTransition } from './ring'

/** The feed, restricted to a scope. */
export class FeedInScope {
  constructor(
    readonly feed: Feed,
    readonly scope: Scope,
  ) {}

  subscribe(after: string | undefined, filter: FeedFilter = {}): Source<FeedMessage> {
    return this.feed.subscribe(after, narrowed(filter, this.scope))
  }

  /** `session` must have been read within this scope. */
  transitions(session: Snapshot, after: number): Source<FeedTransition> {
    return this.feed.transitions(session, after)
  }

  page(
    after: string | undefined,
    limit: number,
    filter: FeedFilter = {},
    wanted?: () => boolean,
  ): Promise<{ items: FeedTransition[]; next: string }> {
    return this.feed.page(after, limit, narrowed(filter, this.scope), wanted)
  }
}
