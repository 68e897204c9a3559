import { CoalescedReads } from '../concurrency/coalesced-reads'
import { withDeadline } from '../concurrency/deadline'
import { Semaphore } from '../concurrency/semaphore'
import { Slots } from '../concurrency/slots'
import type { ExportedSession, ListedSession, ListPage, SortedPage, SortedSessions, Store } from '../db/store'
import { type Caller, everyone, isNarrow, isWithin, narrowed, principalKey } from '../domain/caller'
import { DomainError } from '../domain/errors'
import { type Filter, filterKey } from '../domain/list-query'
import { isInRange } from '../domain/months'
import { type SessionOrder, sortKeyOf } from '../domain/order'
import { ownerMatches } from '../domain/owner'
import {
  currentShare,
  isLive,
  liveShares,
  type Result,
  resultContributionOf,
  type Session,
  type Share,
  type Snapshot,
  type StoredTransition,
} from '../domain/session'
import type { LinkPosition, ListedLink } from '../domain/shared-link'
import { compareSortKeys, type SortKey } from '../domain/sort-key'
import { type Timestamp, timestamp } from '../domain/timestamp'
import { ListCursors } from './list-cursors'
import { resultIdOf } from './result-ids'

export type { ExportedSession, ListedSession, SortedPage, SortedSessions }

/**
 * Offset from which a list page counts as a deep read, because the store must skip all sessions before the page. Pages
 * filtered by a range of months are also deep reads, because the store must search for matching sessions. Each deep
 * read waits for one of `deepReadsAtOnce` slots.
 */
export const deepOffset = 1_000
/** Maximum number of concurrent deep reads, in total and per principal. */
export const deepReadsAtOnce = 3
export const deepReadsOfPrincipal = 2
/**
 * Maximum number of queued deep reads. If each deep read takes one second, all queued deep reads finish within the
 * request deadline.
 */
export const deepReadsWaiting = 30

/**
 * Maximum number of concurrent exports, in total, per organisation and per principal. An export occupies its slot until
 * its client has received all data. Without the limit per organisation, two slow clients could occupy all slots.
 */
export const exportsAtOnce = 8
export const exportsOfOrganisation = 6
export const exportsOfPrincipal = 4

export interface SharedResult extends Omit<Result, 'result_id'> {
  /**
   * Id of the session's organisation, or null if the session has no organisation. The organisation id is present only
   * if the share link shows it.
   */
  organisation_id?: string | null
  expires_at: Timestamp
  /** Whether the session has a newer result than the shared result. */
  superseded: boolean
}

/**
 * Returns the number of sessions that match a filter, including all sessions that this process has started. Counting is
 * subject to the read limits of `principal`.
 */
export type CountSessions = (filter: Filter, principal: string) => Promise<number>

/** State of all reads and exports in progress, shared by all callers. */
class SharedState {
  /** For the many dashboards that read the same list or session after one change. */
  readonly reads = new CoalescedReads()
  /** Against callers whose sorted lists and far pages would delay the short reads of all others. */
  readonly deepReads = new Semaphore({
    atOnce: deepReadsAtOnce,
    ofPrincipal: deepReadsOfPrincipal,
    queue: { waiting: deepReadsWaiting, place: 'deep_read' },
  })
  /** Against callers whose exports would hold a snapshot of the store each. */
  readonly exports = new Slots({
    atOnce: exportsAtOnce,
    ofOrganisation: exportsOfOrganisation,
    ofPrincipal: exportsOfPrincipal,
  })
}

/**
 * Session queries for one caller, used by all interfaces. Sessions outside the caller's scope are treated as
 * nonexistent. If nothing is found, `find…` methods return null, and all other methods throw session_not_found, unless
 * stated otherwise. Clients see only DomainErrors.
 */
export class SessionQueries {
  readonly #shared: SharedState

  readonly store: Store
  readonly clock: () => Date
  readonly cursors: ListCursors
  readonly #count: CountSessions

  constructor(
    readonly dependencies: { store: Store; clock?: (() => Date) | undefined; count?: CountSessions | undefined },
    readonly caller: Caller = everyone,
    shared = new SharedState(),
  ) {
    const { store, clock = () => new Date(), count = filter => store.lists.count(filter) } = dependencies
    this.store = store
    this.clock = clock
    this.cursors = new ListCursors(store)
    this.#count = count
    this.#shared = shared
  }

  /** Returns the same queries for another caller. */
  of(caller: Caller): SessionQueries {
    return caller === this.caller ? this : new SessionQueries(this.dependencies, caller, this.#shared)
  }

  count(filter: Filter): Promise<number> {
    return this.#count(narrowed(filter, this.caller.scope), principalKey(this.caller))
  }

  async findById(session_id: string): Promise<Session | null> {
    return this.#seen(await this.store.sessions.read(session_id))
  }

  async get(session_id: string): Promise<Session> {
    return existing(await this.findById(session_id))
  }

  /** Returns the session with its current result, but without older results, inputs and share links. */
  async findWithResult(session_id: string): Promise<ExportedSession | null> {
    return this.#seen(await this.store.sessions.withResult(session_id))
  }

  async withResult(session_id: string): Promise<ExportedSession> {
    return existing(await this.findWithResult(session_id))
  }

  async findSnapshot(session_id: string): Promise<Snapshot | null> {
    return this.#seen(await this.store.sessions.snapshot(session_id))
  }

  /** Returns the session without its results, inputs and share links. */
  async snapshot(session_id: string): Promise<Snapshot> {
    return existing(await this.findSnapshot(session_id))
  }

  /** Returns the session. Throws invalid_query if the sequence number `after` exceeds the session's version. */
  async snapshotWithSequence(session_id: string, after: number | undefined): Promise<Snapshot> {
    const session = await this.snapshot(session_id)
    if (after === undefined || after <= session.version) return session
    const detail = `must be at most the session's version, ${session.version}`
    throw new DomainError('invalid_query', { errors: [{ detail, parameter: 'after' }] })
  }

  /**
   * Whether the caller is allowed to see the session. Reads the store only if the caller's scope is restricted and
   * `known` is not in that scope. Because `known` can be stale, check again after you have read the session.
   */
  async sees(session_id: string, known?: Session): Promise<boolean> {
    if (!isNarrow(this.caller.scope) || this.#seen(known)) return true
    return (await this.findSnapshot(session_id)) !== null
  }

  /** Returns the session, or null if the caller is not allowed to see it. */
  #seen<S extends Snapshot>(session: S | null | undefined): S | null {
    return session && isWithin(this.caller.scope, session) ? session : null
  }

  list(filter: Filter, page: ListPage): Promise<ListedSession[]> {
    const inScope = narrowed(filter, this.caller.scope)
    const key = `list ${filterKey(inScope)} ${JSON.stringify(page)}`
    const read = (): Promise<ListedSession[]> => this.store.lists.list(inScope, page)
    const isDeep = inScope.months || ('offset' in page && page.offset >= deepOffset)
    return isDeep ? this.#deep(key, read) : this.#shared.reads.get(key, read)
  }

  /**
   * Returns a page of sessions, sorted by `order`. Pages sorted by creation time use the store's `list`. Pages in all
   * other sort orders are deep reads and use the store's `sorted`.
   */
  async sorted(filter: Filter, order: SessionOrder, page: SortedPage): Promise<SortedSessions> {
    const { by, descending } = order
    if (by === 'created_at') return this.#sortedByCreation(filter, descending, page)
    const inScope = narrowed(filter, this.caller.scope)
    const key = `sorted ${filterKey(inScope)} ${JSON.stringify([order, page])}`
    return this.#deep(key, () => this.store.lists.sorted(inScope, { ...order, by }, page))
  }

  async #sortedByCreation(
    filter: Filter,
    descending: boolean,
    { limit, after, ...rest }: SortedPage,
  ): Promise<SortedSessions> {
    const last = after && { created_at: String(after.key), session_id: after.session_id }
    const page = { ...rest, limit: limit + 1, ...(last && { after: last }), fromEnd: !descending }
    const listed = await this.list(filter, page)
    const inOrder = descending ? listed : listed.toReversed()
    return {
      sessions: inOrder.slice(0, limit).map(session => ({
        key: session.created_at,
        session_id: session.session_id,
        session,
      })),
      more: listed.length > limit,
    }
  }

  /**
   * Returns the sessions that have one of these ids and match the filter, with their current results, sorted by
   * `order`.
   */
  async byIds(
    session_ids: readonly string[],
    filter: Filter,
    order: SessionOrder,
  ): Promise<(SortKey & { session: ExportedSession })[]> {
    const read = await Promise.all([...new Set(session_ids)].map(session_id => this.findWithResult(session_id)))
    return read
      .filter(session => session !== null)
      .filter(session => isSelected(filter, session))
      .map(session => ({ ...sortKeyOf(order, session), session }))
      .sort(compareSortKeys(order))
  }

  /** Runs a deep read as soon as a slot is free. */
  #deep<T>(key: string, read: () => Promise<T>): Promise<T> {
    const { access } = this.caller
    return withDeadline({ access }, deadline =>
      this.#shared.deepReads.run({ key, principal: principalKey(this.caller), deadline }, read),
    )
  }

  /** Exports sessions (see `Store.export`). Throws unavailable if too many exports are in progress. */
  async *export(filter: Filter, signal: AbortSignal): AsyncGenerator<ExportedSession[]> {
    const release = this.#shared.exports.acquire(principalKey(this.caller), this.caller.scope.organisation_id)
    try {
      yield* this.store.export(narrowed(filter, this.caller.scope), signal)
    } finally {
      release()
    }
  }

  /**
   * Returns the session's transitions after the sequence number `after`. Throws invalid_query if `after` exceeds the
   * session's version.
   */
  async transitions(session_id: string, after: number, limit: number): Promise<StoredTransition[]> {
    const read = (): Promise<StoredTransition[] | null> => this.store.sessions.transitions(session_id, after, limit)
    const transitions = await this.#part(session_id, `transitions ${after} ${limit} ${session_id}`, read)
    if (!transitions || (transitions.length === 0 && after > 0)) await this.snapshotWithSequence(session_id, after)
    return transitions || []
  }

  /** Returns a session's results, newest first, or an empty list if the session does not exist. */
  async results(session_id: string): Promise<Result[]> {
    return (await this.#part(session_id, `results ${session_id}`, () => this.store.sessions.results(session_id))) ?? []
  }

  findResult(session_id: string, result_id: string): Promise<Result | null> {
    const key = `result ${JSON.stringify([session_id, result_id])}`
    return this.#part(session_id, key, () => this.store.sessions.result(session_id, result_id))
  }

  /** Returns a result of a session. `id` is the `result_id` or the result's id in GraphQL. */
  async result(session_id: string, id: string): Promise<Result> {
    const result = await this.findResult(session_id, resultIdOf(session_id, id))
    if (result) return result
    await this.snapshot(session_id)
    throw new DomainError('result_not_found')
  }

  /**
   * Returns the live share link of the session's current result. Returns null if the result has no live link or the
   * session does not exist.
   */
  async findShare(session_id: string): Promise<Share | null> {
    const share = await this.#part(session_id, `share ${session_id}`, () => this.store.sessions.latestShare(session_id))
    return share && isLive(share, this.#now()) ? share : null
  }

  /** Returns a session's live share links, newest first, or an empty list if the session does not exist. */
  async findShares(session_id: string): Promise<Share[]> {
    const shares = await this.#part(session_id, `shares ${session_id}`, () => this.store.sessions.shares(session_id))
    return this.liveShares({ shares: shares ?? [] })
  }

  /**
   * Reads a part of a session. Concurrent requests with the same key share one read. Returns null if the caller is not
   * allowed to see the session. The scope is checked after the read, because the session can move during the read.
   */
  async #part<T>(session_id: string, key: string, read: () => Promise<T>): Promise<T | null> {
    const part = await this.#shared.reads.get(key, read)
    return (await this.sees(session_id)) ? part : null
  }

  /**
   * Returns a page of the matching sessions' live share links, newest first, and whether more links follow. Listing
   * share links is a deep read, because the store reads all live links.
   */
  async links(
    filter: Filter,
    { limit, after }: { limit: number; after?: LinkPosition | undefined },
  ): Promise<{ links: ListedLink[]; more: boolean }> {
    const inScope = narrowed(filter, this.caller.scope)
    const key = `links ${filterKey(inScope)} ${JSON.stringify([limit, after])}`
    const page = { limit: limit + 1, ...(after && { after }) }
    const found = await this.#deep(key, () => this.store.lists.sharedLinks(inScope, this.#now(), page))
    const links = found.slice(0, limit)
    const [views, results] = await Promise.all([
      this.store.views.readViews(links.map(({ share }) => share.token)),
      Promise.all(links.map(({ session, share }) => this.store.sessions.result(session.session_id, share.result_id))),
    ])
    return {
      links: links.map((link, i) => ({
        ...link,
        label: results[i]?.inputs.label ?? null,
        views: views.get(link.share.token) ?? 0,
      })),
      more: found.length > limit,
    }
  }

  liveShare(session: Session): Share | null {
    return currentShare(session, this.#now()) ?? null
  }

  liveShares(session: Pick<Session, 'shares'>): Share[] {
    return liveShares(session, this.#now())
  }

  /**
   * Returns the result that a share link shows. Anyone with the token can read the result. A shared result does not
   * identify the session or the mentor, and contains the organisation only if the link shows it.
   */
  async sharedResult(token: string): Promise<SharedResult> {
    const shared = await this.store.sessions.shared(token)
    if (!shared) throw new DomainError('share_not_found')
    if (!isLive(shared.share, this.#now())) throw new DomainError('share_gone')
    const { share, superseded, organisation_id } = shared
    const { result_id: _, ...result } = shared.result
    return { ...result, ...(share.show_organisation && { organisation_id }), expires_at: share.expires_at, superseded }
  }

  #now(): Timestamp {
    return timestamp(this.clock())
  }
}

/** Whether a filter selects a session, by the same rules as in the store's `list`. */
const isSelected = (
  { external_id, state, months, ...owner }: Filter,
  { result, ...session }: ExportedSession,
): boolean =>
  ownerMatches(owner, session) &&
  (external_id === undefined || session.external_id === external_id) &&
  (state === undefined || session.state === state) &&
  (months === undefined || (result !== null && isInRange(months, resultContributionOf(result).month)))

function existing<S extends Snapshot>(session: S | null): S {
  if (!session) throw new DomainError('session_not_found')
  return session
}
