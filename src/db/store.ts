// This folder has the interface of a store, and what both stores share. The stores themselves are in `mongo` and
// `embedded`. Capabilities keep their parts of a store in their own folders.

import type { Commit, CommitFilter } from '../domain/commit'
import type { Contribution } from '../domain/contribution'
import type { IdempotencyRecord } from '../domain/idempotency-record'
import type { MonthRange } from '../domain/months'
import type { SessionOrder, SessionOrderField } from '../domain/order'
import type { Change, Result, Session, Share, Snapshot, State, StoredTransition } from '../domain/session'
import type { LinkPosition, SharedLink } from '../domain/shared-link'
import type { SortKey } from '../domain/sort-key'
import type { Timestamp } from '../domain/timestamp'

/** Size of a store's secret, in bytes. */
export const secretBytes = 32

/** One atomic write, of which either everything becomes durable or nothing. */
export interface Write {
  /** The session after the changes. */
  session: Session
  changes: Change[]
  /** The session's contribution to the totals before the changes. Absent or null for a new session. */
  before?: Contribution | null
  idempotency?: IdempotencyRecord
  /** Principal in whose turn the write is made. See `principalKey`. */
  principal?: string
  /**
   * Called by the store right before it writes. Throws if the write must no longer be made, because the deadline has
   * passed, the caller's access has ended, or the client is gone. The store then throws the same error.
   */
  begin?: () => void
}

export interface Filter {
  mentor_id?: string
  /** Null selects sessions without an organisation. */
  organisation_id?: string | null
  external_id?: string
  state?: State
  /** Selects sessions by the month of their current result. Sessions without a result never match. */
  months?: MonthRange
}

export type ExportedSession = Snapshot & Pick<Session, 'result'>

/** A session of a page. It has its current result if the page was requested with results. */
export type ListedSession = Snapshot & Partial<Pick<Session, 'result'>>

/** A share link, its result, and the session's organisation. `superseded`: the session has a newer result. */
export interface ShareWithResult {
  share: Share
  result: Result
  organisation_id: string | null
  superseded: boolean
}

/** A backup of the whole store in one file. */
export interface BackupFile {
  file: string
  bytes: number
}

/** A position in the session list: directly after the session with this `created_at` and id. */
export interface ListPosition {
  created_at: Timestamp
  session_id: string
}

export type ListPage = {
  limit: number
  /** Reads backwards: the oldest sessions or, with `after`, the last ones before it. The page is still newest first. */
  fromEnd?: boolean
  withResults?: boolean
} & (
  | { after?: ListPosition }
  /** Number of sessions to skip: the newest ones or, with `fromEnd`, the oldest ones. */
  | { offset: number }
)

/** A sort order other than the list's own, which is by `created_at`. */
export type OtherOrder = SessionOrder & { by: Exclude<SessionOrderField, 'created_at'> }

/** A page in sort order: the first page, or the page after a sort key. */
export interface SortedPage {
  limit: number
  after?: SortKey | undefined
  withResults?: boolean
}

export interface SortedSessions {
  sessions: (SortKey & { session: ListedSession })[]
  /** Whether more sessions follow this page. */
  more: boolean
}

/** Position of a commit in the store's log, which orders all commits. Compare positions as strings. */
export type Position = string

export interface Entry {
  /** Position directly before the commit: nothing was committed in between. */
  before: Position
  position: Position
  commit: Commit
  /**
   * Label of the session's current result when a follower receives the entry, or null without one. Undefined if the
   * commit changed neither the label nor the owner. It can also be undefined in the history, and for commits made
   * before the follower started.
   */
  label?: string | null | undefined
}

export interface History {
  /** In log order. */
  entries: Entry[]
  /** Position up to which the log was read. */
  next: Position
  /** Number of commits read, including those that the filter excludes. */
  passed: number
}

/** Receives every commit of every process, once and in log order. */
export interface LogFollower {
  /** Starts again after this position. Earlier commits are unknown. */
  reset(position: Position): void
  append(entry: Entry): void
  /** All commits up to this position were appended. */
  advance(position: Position): void
  /**
   * Drops all cached commits up to this position, because some of them were erased. Readers get them from the store
   * again. Resolves when these commits are dropped, which takes at most `heldErasedMs`, and the follower writes nothing
   * more about them.
   */
  invalidate(position: Position): void | Promise<void>
  /**
   * Background work of the store failed, and will be retried. `doing` names the work. If it is absent, the store failed
   * to follow its log.
   */
  failed(error: unknown, doing?: string): void
}

export interface SessionStore {
  /**
   * Adds a session with its first changes. Returns false if its id or external id is taken, or if its key already has
   * an idempotency record.
   */
  add(write: Write): Promise<boolean>

  /**
   * Saves changes on top of the version that was read. Without changes, writes only `idempotency`.
   *
   * Returns false and writes nothing if the stored version is a different one, if the key of `idempotency` has an
   * idempotency record younger than a day, or if another session of the new organisation has the external id.
   */
  save(write: Write, readVersion: number): Promise<boolean>

  /** Commits the closing changes like `save`, then deletes the session. */
  close(write: Write, readVersion: number): Promise<boolean>

  read(session_id: string): Promise<Session | null>

  /** Reads a session with its current result, but without its inputs and share links. */
  withResult(session_id: string): Promise<ExportedSession | null>

  /** Reads the session with this external id in an organisation, or without an organisation. */
  byExternalId(organisation_id: string | null, external_id: string): Promise<Snapshot | null>

  /** Reads a session that was started with this content (`start_digest`). */
  byStartDigest(digest: string): Promise<Snapshot | null>

  /** Reads a session without its result, inputs and share links. */
  snapshot(session_id: string): Promise<Snapshot | null>

  /**
   * Returns the idempotency record of a session's key, or of a start's key if `session_id` is null. Returns null if
   * there is none younger than a day. The session in the record has its present mentor and organisation.
   */
  idempotencyRecord(session_id: string | null, key: string, now: Timestamp): Promise<IdempotencyRecord | null>

  /** Returns the transitions after the sequence `after`, in order, or null if there is no such session. */
  transitions(session_id: string, after: number, limit: number): Promise<StoredTransition[] | null>

  /** Returns a session's results, newest first. The list is empty if there is no such session. */
  results(session_id: string): Promise<Result[]>

  /** Returns one result of a session without reading all the others. */
  result(session_id: string, result_id: string): Promise<Result | null>

  /** Returns a session's unrevoked share links, oldest first. The list is empty if there is no such session. */
  shares(session_id: string): Promise<Share[]>

  /** Returns the latest share link of a session if it shows the current result, even if the link is not live. */
  latestShare(session_id: string): Promise<Share | null>

  /** Returns a token's share link, its result, and whether the session has a newer result. */
  shared(token: string): Promise<ShareWithResult | null>
}

export interface SessionLists {
  /**
   * Returns a page of sessions, newest first: by `created_at`, then by `session_id`, both descending. Reads no history,
   * except the current results with `withResults`.
   */
  list(filter: Filter, page: ListPage): Promise<ListedSession[]>

  /**
   * Returns a page of sessions in another order. No session appears twice, and none is missing unless it is closed
   * meanwhile. The page need not be a snapshot: a session that changes during the read appears at its old or its new
   * position, with its current content.
   */
  sorted(filter: Filter, order: OtherOrder, page: SortedPage): Promise<SortedSessions>

  /**
   * Counts the sessions. Not necessarily a snapshot: a session that changes during the count is counted in its former
   * or its new state.
   */
  count(filter: Filter): Promise<number>

  /**
   * Returns up to `limit` share links that are live at `now`, of sessions that match the filter. The latest links come
   * first: by `madeAt`, `session_id` and `result_id`, all descending. Reads all live links, but no sessions without a
   * link.
   */
  sharedLinks(filter: Filter, now: Timestamp, page: { limit: number; after?: LinkPosition }): Promise<SharedLink[]>
}

/** The log of a store: the commits of all sessions, by all processes, in one order. */
export interface CommitLog {
  /**
   * Opens the store if necessary, delivers recent commits to the follower in one turn, then every new commit. Resolves
   * when the follower has caught up with the present. Throws `unavailable` if the store can't be reached, and
   * StartupError if it can't be used at all.
   */
  follow(follower: LogFollower): Promise<void>

  /**
   * Returns up to `limit` commits after a position that match the filter. One read may return fewer although more
   * follow. Throws HistoryGone if the position is unknown or expired, or if commits of the filter's mentor may have
   * been erased since.
   */
  history(after: Position, limit: number, filter?: CommitFilter): Promise<History>
}

/**
 * View counts of share links. A count is deleted with its link: when the link is revoked or expires, or when the
 * session is closed.
 */
export interface ViewStore {
  /** Adds to the counts of those share links, by token, that are live at `now`. */
  addViews(views: ReadonlyMap<string, number>, now: Timestamp): Promise<void>

  /** Returns the counts of these share links, by token. Links without views are missing. */
  readViews(tokens: string[]): Promise<Map<string, number>>
}

/** Maximum number of documents, in total and for each organisation (or without an organisation). */
export interface Limits {
  total: number
  organisation: number
}

/** The parts of a store that capabilities add. Each capability adds its own by declaration merging. */
// biome-ignore lint/suspicious/noEmptyInterface: a type alias can't be merged
export interface StoreParts {}

/** What a store requires of a capability's part. */
export type StorePart = object & {
  /** Prepares the part when the store is opened. */
  prepare?(): Promise<void>
  /** Deletes the data that contains a mentor's id. Called when an erasure starts, and again when it ends. */
  eraseMentor?(mentor_id: string): Promise<void>
}

/**
 * Stores the sessions. Every store passes the same contract suite (test/db/store.test.ts).
 *
 * - A resolved promise means durable: an acknowledged write survives a crash of this process, and of the machine that
 *   stores it.
 * - If the store can't be reached, a method throws DomainError `unavailable`. The write may have happened, or may still
 *   happen.
 * - No promise stays pending longer than 20 seconds.
 * - A closed session is absent from every read.
 */
export interface Store extends StoreParts {
  readonly sessions: SessionStore
  readonly lists: SessionLists
  readonly log: CommitLog
  readonly views: ViewStore

  /**
   * Id of the history to which positions belong. It is empty until the store is open. Until then, every method except
   * `log.follow` throws `unavailable`.
   */
  readonly identity: string

  /**
   * 32 random bytes, created once with the store and stored in it. They sign the cursors of the feed and of lists.
   * Empty until the store is open.
   */
  readonly secret: Uint8Array

  /**
   * Time until which lists also accept cursors without a signature. Processes of version 1.0.0, which may share the
   * store, issue such cursors. Absent if there was no such process.
   */
  readonly unsignedCursorsUntil?: Timestamp | undefined

  /**
   * Streams the sessions as of the first read, newest first, a few at a time. Later writes are not visible. The store
   * reads only as fast as the consumer requests batches, and stops when the consumer stops or aborts. MongoDB keeps
   * such a snapshot for five minutes. After that, the export throws `unavailable`.
   */
  export(filter: Filter, signal: AbortSignal): AsyncIterable<ExportedSession[]>

  /**
   * Erases the remaining data about a mentor's closed sessions, and the mentor in the capabilities' parts. Deletes the
   * idempotency records of the sessions' starts, and reduces their commits in the log to the closes (see erasedCommit).
   * Works until the signal is aborted, and returns whether nothing is left. After true, no process that uses the store
   * shows the mentor in its log.
   */
  eraseMentor(mentor_id: string, signal: Pick<AbortSignal, 'aborted'>): Promise<boolean>

  /** Copies the store to a file while the store is in use. Only a store that is itself a file has this method. */
  backup?(): Promise<BackupFile>

  /** Rejects if the store can't serve. */
  ping(): Promise<void>

  /** Releases the store's resources. After that, call no other method. */
  end(): Promise<void>
}

/**
 * Fan-out of one log to several followers. If a follower's `append` throws, the follower has missed the entry, so its
 * `failed` and `reset` are called. The others still receive the entry.
 */
export const fanOut = (...followers: LogFollower[]): LogFollower => ({
  reset(position) {
    for (const follower of followers) follower.reset(position)
  },
  append(entry) {
    for (const follower of followers) {
      try {
        follower.append(entry)
      } catch (error) {
        follower.failed(error)
        follower.reset(entry.position)
      }
    }
  },
  advance(position) {
    for (const follower of followers) follower.advance(position)
  },
  // One at a time and in order, because later followers read commits that the feed holds.
  async invalidate(position) {
    for (const follower of followers) await follower.invalidate(position)
  },
  failed(error, doing) {
    followers[0]?.failed(error, doing)
  },
})
