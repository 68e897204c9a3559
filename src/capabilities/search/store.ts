import type { Deadline, Signal } from '../../concurrency/deadline'
import type { Filter } from '../../domain/list-query'

/**
 * An index of the words of each session with a label: the words of its label, mentor and organisation. Every session
 * write updates the index atomically, if the write changes one of these texts.
 */
export interface SessionSearch {
  /**
   * Indexes the sessions that were stored before the index existed, in steps. A later call continues where an
   * interrupted call stopped, and indexes the sessions that processes without the index have changed since then.
   * Resolves early if the signal is aborted.
   */
  fill(signal: Signal): Promise<void>

  /**
   * Returns the ids of the newest sessions, up to `limit`, that have a label, match the filter, and have words that
   * begin with each of the folded `words`. The index must have been filled. Throws the errors of `Deadline.check`.
   */
  matches(filter: Filter, words: readonly string[], limit: number, deadline: Deadline): Promise<string[]>
}

declare module '../../db/store' {
  interface StoreParts {
    search: SessionSearch
  }
}
