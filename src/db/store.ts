// This folder contains the store interface, and code that both stores share. The stores themselves are in `mongo` and
// `embedded`. The store parts that capabilities add are in the capabilities' folders.

import type { Commit } from '../domain/commit'
import type { Contribution } from '../domain/contribution'
import type { IdempotencyRecord } from '../domain/idempotency-record'
import type { Filter } from '../domain/list-query'
import type { SessionOrder, SessionOrderField } from '../domain/order'
import type { OwnerFilter } from '../domain/owner'
import type { Change, Result, Session, Share, Snapshot, StoredTransition } from '../domain/session'
import type { LinkPosition, SharedLink } from '../domain/shared-link'
import type { SortKey } from '../domain/sort-key'
import type { Timestamp } from '../domain/timestamp'

/** Size of a store's secret, in bytes. */
export const secretBytes = 32

/** One atomic write: either the whole write becomes durable, or none of it. */
export interface Write {
  session: Session
  changes: Change[]
  /** The session's contribution to counts and sums before the changes, null or absent for a new session. */
  before?: Contribution | null
  idempotency?: IdempotencyRecord
  /** The principal (see `principalKey`) that requested the write. Write queues serve principals in turn. */
  principal?: string
  /**
   * Called by the store directly before it writes. Throws if the deadline has passed, the caller's access has ended, or
   * the client has disconnected. If `begin` throws, the store writes nothing and throws the same error.
   */
  begin?: () => void
}

export type ExportedSession = Snapshot & Pick<Session, 'result'>

/** A session in a list page. The session includes its current result if the page was requested with results. */
export type ListedSession = Snapshot & Partial<Pick<Session, 'result'>>

/** A share link, its result, and the session's organisation. `superseded` is true if the session has a newer result. */
export interface ShareWithResult {
  share: Share
  result: Result
  organisation_id: string | null
  superseded: boolean
}

export interface BackupFile {
  file: string
  bytes: number
}

/** A position in the session list, directly after the session with this `created_at` and `session_id`. */
export interface ListPosition {
  created_at: Timestamp
  session_id: string
}

export type ListPage = {
  limit: number
  /** Returns the oldest sessions or, with `after`, those before that position. The page is still newest first. */
  fromEnd?: boolean
  withResults?: boolean
} & (
  | { after?: ListPosition }
  /** Number of sessions to skip, starting with the newest or, with `fromEnd`, with the oldest. */
  | { offset: number }
)

/** A sort order other than by `created_at`, because `list` sorts by `created_at`. */
export type OtherOrder = SessionOrder & { by: Exclude<SessionOrderField, 'created_at'> }

/** A page of sorted sessions: the first page or, with `after`, the page that follows a sort key. */
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

/** Position of a commit in the store's log, which orders all commits. String order equals log order. */
export type Position = string

export interface Entry {
  /** A position between the previous commit and this commit. */
  before: Position
  position: Position
  commit: Commit
}

export interface History {
  /** Entries in log order. */
  entries: Entry[]
  /** Position up to which the log was read. */
  next: Position
  /** Number of commits read, including commits that the filter excludes. */
  passed: number
}

/** Receives the commits of all processes, each exactly once and in log order. */
export interface LogFollower {
  /** Restarts the follower after this position. Commits up to this position are no longer delivered to the follower. */
  reset(position: Position): void
  append(entry: Entry): void
  /** Reports that all commits up to this position have been appended. */
  advance(position: Position): void
  /**
   * Drops all commits in memory up to this position, because some were erased. Resolves within `erasedInMemoryMs`, once
   * the follower has dropped them and will no longer write data about them.
   */
  invalidate(position: Position): void | Promise<void>
  /**
   * Reports that the store's background work has failed and will be retried. `doing` names the failed work. Without
   * `doing`, the store has failed to follow the log.
   */
  failed(error: unknown, doing?: string): void
}

export interface SessionStore {
  /** Returns false if the session's id or external id is taken, or the idempotency key already has a record. */
  add(write: Write): Promise<boolean>

  /**
   * Saves a changed session, provided that the stored version is still the version that was read. If the write contains
   * no changes, saves only its idempotency record.
   *
   * Returns false and writes nothing in three cases: the stored version is different, the idempotency key has a record
   * younger than a day, or another session of the new organisation has the same external id.
   */
  save(write: Write, readVersion: number): Promise<boolean>

  /** Commits the closing changes like `save`, then deletes the session. */
  close(write: Write, readVersion: number): Promise<boolean>

  read(session_id: string): Promise<Session | null>

  /** Returns a session with its current result, but without its inputs and share links. */
  withResult(session_id: string): Promise<ExportedSession | null>

  /** If `organisation_id` is null, returns a session without an organisation. */
  byExternalId(organisation_id: string | null, external_id: string): Promise<Snapshot | null>

  /** Returns a session without its result, inputs and share links. */
  snapshot(session_id: string): Promise<Snapshot | null>

  /**
   * Returns the idempotency record for a session's key or, if `session_id` is null, for the key of a session start.
   * Returns null if the key has no record younger than a day. Of a closed session, only the record of the request that
   * closed it is left, without its transition. The session in the record has its present mentor and
   * organisation, even if it was reassigned after the recorded request.
   */
  idempotencyRecord(session_id: string | null, key: string, now: Timestamp): Promise<IdempotencyRecord | null>

  /**
   * Returns a session's transitions after the sequence number `after`, in order, or null if the session does not exist.
   */
  transitions(session_id: string, after: number, limit: number): Promise<StoredTransition[] | null>

  /** Returns a session's results, newest first, or an empty list if the session does not exist. */
  results(session_id: string): Promise<Result[]>

  /** Returns one of a session's results without reading the others. */
  result(session_id: string, result_id: string): Promise<Result | null>

  /** Returns the links that have not been revoked, oldest first, or [] if the session does not exist. */
  shares(session_id: string): Promise<Share[]>

  /**
   * Returns a session's latest share link if it shows the current result, even if the link was revoked or has expired.
   */
  latestShare(session_id: string): Promise<Share | null>

  /** Returns the share link with this token, its result, and whether the session has a newer result. */
  shared(token: string): Promise<ShareWithResult | null>
}

export interface SessionLists {
  /** Returns a page of sessions, newest first: by `created_at`, then by `session_id`, both descending. */
  list(filter: Filter, page: ListPage): Promise<ListedSession[]>

  /**
   * Returns a page of sessions in an order other than by creation time. No session appears twice, and no session is
   * missing unless it is closed during the read. The page is not necessarily a snapshot: a session that changes during
   * the read appears at either its old or its new position, with its current content.
   */
  sorted(filter: Filter, order: OtherOrder, page: SortedPage): Promise<SortedSessions>

  /** Not necessarily a snapshot: a session that changes meanwhile is counted in its former or its new state. */
  count(filter: Filter): Promise<number>

  /**
   * Returns up to `limit` share links that are live at `now` and belong to sessions that match the filter. The links
   * are sorted newest first: by `madeAt`, `session_id` and `result_id`, all descending. The store reads all live share
   * links, but no sessions without a share link.
   */
  sharedLinks(filter: Filter, now: Timestamp, page: { limit: number; after?: LinkPosition }): Promise<SharedLink[]>
}

/** A store's log: the commits of all sessions, made by all processes, in a total order. */
export interface CommitLog {
  /**
   * Opens the store if necessary. Delivers recent commits to the follower in a single event-loop turn, then every new
   * commit. Resolves once the follower has received all existing commits. Throws `unavailable` if the store can't be
   * reached, and StartupError if it can't be used at all.
   */
  follow(follower: LogFollower): Promise<void>

  /**
   * Returns up to `limit` commits that follow a position and match the filter. A history read can return fewer than
   * `limit` commits even if more commits follow. Throws HistoryGone if the position is unknown or expired, or if later
   * commits of the filter's mentor could have been erased.
   */
  history(after: Position, limit: number, filter?: OwnerFilter): Promise<History>
}

/** A view count is deleted when its link is revoked or expires, or when the session is closed. */
export interface ViewStore {
  /** `views` is keyed by token. Ignores share links that are not live at `now`. */
  addViews(views: ReadonlyMap<string, number>, now: Timestamp): Promise<void>

  /** Returns the view counts of these share links, keyed by token. Links without views are omitted. */
  readViews(tokens: string[]): Promise<Map<string, number>>
}

/** All documents without an organisation together count as one organisation. */
export interface Limits {
  total: number
  organisation: number
}

/** The parts that capabilities add to a store. Each capability declares its part by declaration merging. */
// biome-ignore lint/suspicious/noEmptyInterface: a type alias can't be merged
export interface StoreParts {}

/** The interface that every capability's part of a store must implement. */
export type StorePart = object & {
  /**
   * Returns fields to store with the session, in the same atomic write: in its document on MongoDB, as JSON in columns
   * of its row in the embedded store. A field that is undefined is removed. The names of the fields must be unique.
   */
  fields?(write: Write): object
  /**
   * Names of the fields that can confirm for which mentor a session was started. If this mentor is erased as a former
   * owner of the session, these fields are removed too.
   */
  ofFirstMentor?: readonly string[]
  /** Prepares this part of the store. Called when the store opens. */
  prepare?(): Promise<void>
  /**
   * Deletes all data in this part that contains the mentor's id. Called before the mentor is removed as a former owner
   * of sessions, and on MongoDB again at the end of the erasure.
   */
  eraseMentor?(mentor_id: string): Promise<void>
}

/**
 * Stores the sessions. Every store passes the same contract suite (test/db/store.test.ts).
 *
 * - When a write's promise resolves, the write is durable: it survives a crash of this process, and of the machine that
 *   stores it.
 * - If the store can't be reached, methods throw the DomainError `unavailable`. A write that throws `unavailable` may
 *   have taken effect, or may still take effect later.
 * - No promise stays pending for more than 20 seconds.
 * - Reads never return closed sessions.
 */
export interface Store extends StoreParts {
  readonly sessions: SessionStore
  readonly lists: SessionLists
  readonly log: CommitLog
  readonly views: ViewStore

  /**
   * Id of the log to which positions belong, or an empty string until the store has opened. Before the store has
   * opened, every method except `log.follow` throws `unavailable`.
   */
  readonly identity: string

  /**
   * Key that signs feed cursors and list cursors: 32 random bytes, created together with the store and saved in it. The
   * signing key is empty until the store has opened.
   */
  readonly secret: Uint8Array

  /**
   * Streams a snapshot of the matching sessions in batches, newest first. The snapshot is taken at the first read, so
   * later writes are not visible. The store reads only as fast as the consumer requests batches, and stops when the
   * consumer stops or aborts. MongoDB keeps the snapshot for five minutes, after which the export throws `unavailable`.
   */
  export(filter: Filter, signal: AbortSignal): AsyncIterable<ExportedSession[]>

  /**
   * Erases the remaining data about a mentor's closed sessions, and the mentor's data in the capabilities' parts.
   * Deletes the idempotency records of the sessions' starts and closes, and reduces the sessions' commits in the log (see
   * `erasedCommit`). Works until everything is erased or the signal is aborted, and returns whether everything is
   * erased. Once `eraseMentor` has returned true, the log no longer shows the mentor in any process that uses the
   * store.
   */
  eraseMentor(mentor_id: string, signal: Pick<AbortSignal, 'aborted'>): Promise<boolean>

  /** Copies the store to a file while the store is in use. Only the embedded store can make backups. */
  backup?(): Promise<BackupFile>

  /** Rejects if the store can't serve requests. */
  ping(): Promise<void>

  /** Releases the store's resources. Do not call any method after `end`. */
  end(): Promise<void>
}

/**
 * Returns a follower that forwards one log to several followers. If a follower's `append` throws, the follower has
 * missed the entry, so its `failed` and `reset` are called. All other followers still receive the entry.
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
  // Invalidate the followers one at a time. The feed comes first, because the other followers read commits that the
  // feed holds in memory.
  async invalidate(position) {
    for (const follower of followers) await follower.invalidate(position)
  },
  failed(error, doing) {
    followers[0]?.failed(error, doing)
  },
})
