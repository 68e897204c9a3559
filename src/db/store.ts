import type { KeptAnswer } from '../domain/kept'
import type { SessionOrder, SessionOrderField } from '../domain/order'
import type { Place } from '../domain/place'
import type { Change, Commit, Result, Session, Share, Snapshot, State, Transition } from '../domain/session'
import type { MinuteCount, Standing } from '../domain/standing'
import type { Timestamp } from '../domain/timestamp'
import type { Sums } from '../domain/totals'

/** One atomic write: all of it becomes durable, or nothing. */
export interface Write {
  /** The session after the changes. */
  session: Session
  changes: Change[]
  /** What the session added to the totals before them: nothing where it was not there. */
  before?: Standing | null
  kept?: KeptAnswer
  /** Whether somebody still waits for it: a write that nobody waits for need not be begun, and is then unavailable. */
  wanted?: () => boolean
}

export interface Filter {
  mentor_id?: string
  /** Null: of none. */
  organisation_id?: string | null
  state?: State
}

/** A session with its current result. */
export type Exported = Snapshot & Pick<Session, 'result'>

/** What a share shows. */
export interface Shared {
  share: Share
  result: Result
  superseded: boolean
}

/** A session as it was left. */
export type Untouched = Pick<Snapshot, 'session_id' | 'version'>

/** A copy of all that is stored. */
export interface Copy {
  file: string
  bytes: number
}

/** A place in the list of sessions: after the session of this age and id. */
export interface ListPosition {
  created_at: Timestamp
  session_id: string
}

export type Page = {
  limit: number
  /** The page is read from the end: from the oldest, or from the last that comes before `after`. */
  fromEnd?: boolean
} & (
  | { after?: ListPosition }
  /** So many are passed over first: the newest, or the oldest where the page is read from the end. */
  | { offset: number }
)

/** An order other than that of a list. */
export type OtherOrder = SessionOrder & { by: Exclude<SessionOrderField, 'created_at'> }

/** A page of an order: its first, or those that come after a place in it. */
export interface SortedPage {
  limit: number
  after?: Place | undefined
}

export interface Sorted {
  sessions: (Place & { session: Snapshot })[]
  /** Whether others come after them. */
  more: boolean
}

/** Where a commit stands in a store's one order of commits. Positions of one store compare as strings. */
export type Position = string

export interface Entry {
  /** Nothing was committed between this position and the commit. */
  before: Position
  position: Position
  commit: Commit
}

/** Which commits are asked for; all where it names nobody. */
export interface CommitFilter {
  mentor_id?: string | undefined
  /** Null: of none. */
  organisation_id?: string | null | undefined
}

export interface History {
  /** In order. */
  entries: Entry[]
  /** The position that was read up to. */
  next: Position
  /** How many commits stand up to there, whether the filter lets them through or not. */
  passed: number
}

/** A session as it counts. */
export interface Counting {
  session_id: string
  mentor_id: string
  organisation_id: string | null
  standing: Standing
}

export interface Standings {
  sessions: Counting[]
  /** The last id that was looked at. */
  next: string | null
  position: Position
  reached: Position
}

/** What sessions may be told apart by. Those without a result have neither currency nor month. */
export const dimensions = ['mentor_id', 'organisation_id', 'state', 'currency', 'month'] as const
export type Dimension = (typeof dimensions)[number]

/** What the sessions come to that are alike in what they are told apart by: null stands in the rest, and for what is not stated. */
export interface TotalsRow extends Sums {
  mentor_id: string | null
  organisation_id: string | null
  state: State | null
  currency: string | null
  month: string | null
  sessions: number
}

/** Hears of every commit, whichever process made it, once and in the store's order. */
export interface Follower {
  /** All that follows was committed after this position; what came before is not known. */
  reset(position: Position): void
  append(entry: Entry): void
  /** Nothing was committed up to this position but what was appended. */
  advance(position: Position): void
  /** What was told up to this position is not to be kept: whoever still wants it reads it again. */
  forget(position: Position): void
  /** What the store does by itself failed, and is tried again: `doing` says what; the following where it is missing. */
  failed(error: unknown, doing?: string): void
}

/**
 * What holds the sessions. Every store passes the same contract suite (test/db/store.test.ts).
 *
 * A promise that resolves means durable: a write that was answered survives a crash of this process and of the machine
 * it is stored on. A failure to reach the store is DomainError `unavailable`; such a write may or may not have happened,
 * or happen still. No promise stays open longer than 20 seconds.
 * A closed session is absent to every read.
 */
export interface Store {
  /** Adds a session with its first changes. False when its id is taken, or its key has a kept answer already. */
  add(write: Write): Promise<boolean>

  /**
   * Saves changes on top of the version that was read, if that is still the stored version, the key of `kept` has no
   * answer that is younger than a day, and no result of the session has a new result's id. False otherwise.
   * Without changes, only `kept` is written.
   */
  save(write: Write, readVersion: number): Promise<boolean>

  /** Commits the closing changes as `save` does, then forgets the session. */
  close(write: Write, readVersion: number): Promise<boolean>

  read(session_id: string): Promise<Session | null>

  /** The same without its result, its inputs and its shares. */
  snapshot(session_id: string): Promise<Snapshot | null>

  /** The kept answer of a session's key, or of a start's key where `session_id` is null, if it is younger than a day. */
  kept(session_id: string | null, key: string, now: Timestamp): Promise<KeptAnswer | null>

  /** Newest first: by `created_at`, ties by `session_id`, both descending. */
  list(filter: Filter, page: Page): Promise<Snapshot[]>

  /**
   * In an order: no session twice, and none left out but those that are closed meanwhile. It need not be of one moment: one that
   * is changed while the page is read stands where it stood or stands now, and is as it is now.
   */
  sorted(filter: Filter, order: OtherOrder, page: SortedPage): Promise<Sorted>

  /** Of no one moment, as `totals`. */
  count(filter: Filter): Promise<number>

  /**
   * The next `limit` sessions at most whose ids come after `after`, in the order of their ids, with what each adds to the
   * totals as of a position: what was committed up to there is in it, and nothing that was after. It compares with the
   * positions of commits; no history need be to be had after it. Whoever was told the log up to `reached` was told all that
   * is in it. `next` is null where fewer were left.
   */
  standings(after: string, limit: number): Promise<Standings>

  /**
   * What the sessions come to, aggregated where they are, told apart by `by`; where that begins with the mentor or the
   * organisation, the rows of one follow each other. It need not be of one moment: a session that is changed meanwhile
   * counts as it was or as it is, and all that nobody changes counts once.
   */
  totals(filter: Filter, by: Dimension[]): AsyncIterable<TotalsRow>

  /**
   * The sessions as they are when they are first asked for, newest first, a few at a time: nothing that is written while they
   * are read is in them. They are read as they are taken; whoever takes no more, or aborts, ends the read. MongoDB keeps
   * such a moment for five minutes, and what is not read by then is unavailable.
   */
  export(filter: Filter, signal: AbortSignal): AsyncIterable<Exported[]>

  /** How many results the sessions have that were computed at `since` or later, former ones too, by the minute, oldest first. */
  calculations(filter: Filter, since: Timestamp): Promise<MinuteCount[]>

  /**
   * Sessions that nobody has changed since before a time, those that were left alone for longest first, `limit` at most. Only
   * a store that was opened to tell them by age does.
   */
  untouched(before: Timestamp, limit: number): Promise<Untouched[]>

  /**
   * Forgets what it still keeps of a mentor's closed sessions: the answers under the keys of their starts, and what its own log
   * tells of them, which is then no more than that they were closed (erasedCommit). It does so for as long as `goesOn`, and
   * tells whether nothing is left.
   */
  forget(mentor_id: string, goesOn: () => boolean): Promise<boolean>

  /** The transitions after the sequence `after`, in order; null when there is no such session. */
  transitions(session_id: string, after: number, limit: number): Promise<Transition[] | null>

  /** The results of a session, newest first; empty when there is no such session. */
  results(session_id: string): Promise<Result[]>

  /** One result of a session, without a look at the others. */
  result(session_id: string, result_id: string): Promise<Result | null>

  /** The share that this token was issued for, its result, and whether its session has a newer one. */
  shared(token: string): Promise<Shared | null>

  /** Names the history that positions belong to; nothing while the store is not open yet: all else is unavailable then. */
  readonly identity: string

  /**
   * Opens the store where it is not, tells the follower of recent commits in one turn, then of every new one. Resolves when
   * it has caught up with now. Unavailable where the store is not there; CannotStart where it cannot be used at all.
   */
  follow(follower: Follower): Promise<void>

  /**
   * The commits after a position that the filter lets through, `limit` at most, as far as one read goes.
   * Throws HistoryGone, also where commits of the mentor that the filter names may have been forgotten.
   */
  history(after: Position, limit: number, filter?: CommitFilter): Promise<History>

  /** Copies what is stored to a file, while it is read and written, where the store is a file itself. */
  backup?(): Promise<Copy>

  /** Rejects when the store cannot serve. */
  ping(): Promise<void>

  /** Releases what the store holds. Nothing may be called after it. */
  end(): Promise<void>
}
