import type { Exported, Filter, Page, Sorted, SortedPage, Store } from '../db/store'
import { type Caller, everyone, isNarrow, isWithin, narrowed } from '../domain/caller'
import { filterKey } from '../domain/command'
import { DomainError } from '../domain/errors'
import type { SessionOrder } from '../domain/order'
import {
  currentShare,
  isLive,
  liveShares,
  type Result,
  type Session,
  type Share,
  type Snapshot,
  type Transition,
} from '../domain/session'
import { type Timestamp, timestamp } from '../domain/timestamp'
import { timely } from '../time/deadline'
import { SharedReads } from '../time/shared-reads'
import { Slots } from '../time/slots'

export type { Exported, Filter }

/** A page past so many sessions is deep: the store passes over each of them, and whoever asks for it waits for those before. */
export const deepOffset = 1_000
export const deepReadsAtOnce = 2
/** As many as are read within a request's time where each takes a second. */
export const deepReadsWaiting = 30

/** Exports that a process makes at once: each reads for as long as its reader takes. */
export const exportsAtOnce = 4

export interface SharedResult extends Omit<Result, 'result_id'> {
  expires_at: Timestamp
  /** Its session has a newer result. */
  superseded: boolean
}

/** What is being read, whoever asked for it. */
class UnderWay {
  readonly shared = new SharedReads()
  readonly deep = new Slots(deepReadsAtOnce, deepReadsWaiting)
  exports = 0
}

/**
 * What there is of the sessions, once for every door, as one caller may see it: what lies outside his scope is not there. It
 * changes nothing. What is looked for (find…) is null where there is none; else session_not_found is thrown. It throws DomainError
 * and nothing else that a client may see.
 */
export class Reads {
  readonly #underWay: UnderWay

  constructor(
    readonly store: Store,
    readonly clock: () => Date,
    readonly caller: Caller = everyone,
    underWay = new UnderWay(),
  ) {
    this.#underWay = underWay
  }

  /** The same as another caller may see it. */
  of(caller: Caller): Reads {
    return caller === this.caller ? this : new Reads(this.store, this.clock, caller, this.#underWay)
  }

  async find(session_id: string): Promise<Session | null> {
    return this.#seen(await this.store.read(session_id))
  }

  async get(session_id: string): Promise<Session> {
    return existing(await this.find(session_id))
  }

  async findSnapshot(session_id: string): Promise<Snapshot | null> {
    return this.#seen(await this.store.snapshot(session_id))
  }

  /** The session without its history: all that an answer shows of it. */
  async snapshot(session_id: string): Promise<Snapshot> {
    return existing(await this.findSnapshot(session_id))
  }

  /** The session, if it has come as far as the sequence `after`. */
  async getFrom(session_id: string, after: number | undefined): Promise<Snapshot> {
    const session = await this.snapshot(session_id)
    if (after === undefined || after <= session.version) return session
    const detail = `must be at most the session's version, ${session.version}`
    throw new DomainError('invalid_query', { errors: [{ detail, parameter: 'after' }] })
  }

  /**
   * Whether the caller sees the session. Only for a scope that is narrower than all must it be read, and not where it is known
   * already: who it belongs to never changes.
   */
  async sees(session_id: string, known?: Session): Promise<boolean> {
    if (!isNarrow(this.caller.scope) || this.#seen(known)) return true
    return (await this.findSnapshot(session_id)) !== null
  }

  /** A session where the caller sees it. */
  #seen<S extends Snapshot>(session: S | null | undefined): S | null {
    return session && isWithin(this.caller.scope, session) ? session : null
  }

  list(asked: Filter, page: Page): Promise<Snapshot[]> {
    const filter = narrowed(asked, this.caller.scope)
    const key = `list ${filterKey(filter)} ${JSON.stringify(page)}`
    const read = (): Promise<Snapshot[]> => this.#underWay.shared.get(key, () => this.store.list(filter, page))
    return 'offset' in page && page.offset >= deepOffset ? this.#deep(key, read) : read()
  }

  /** A page of an order: as Store.sorted, or of the list from its end on. A few are looked for at once. */
  async sorted(asked: Filter, order: SessionOrder, { limit, after }: SortedPage): Promise<Sorted> {
    const { by, descending } = order
    if (by !== 'created_at') {
      const filter = narrowed(asked, this.caller.scope)
      const key = `sorted ${filterKey(filter)} ${JSON.stringify([order, limit, after])}`
      return this.#deep(key, () =>
        this.#underWay.shared.get(key, () => this.store.sorted(filter, { ...order, by }, { limit, after })),
      )
    }
    const place = after && { created_at: String(after.key), session_id: after.session_id }
    const found = await this.list(asked, { limit: limit + 1, ...(place && { after: place }), fromEnd: !descending })
    const inOrder = descending ? found : found.toReversed()
    return {
      sessions: inOrder.slice(0, limit).map(session => ({
        key: session.created_at,
        session_id: session.session_id,
        session,
      })),
      more: found.length > limit,
    }
  }

  /** A read for which the store looks at many sessions, in its turn. */
  #deep<T>(key: string, read: () => Promise<T>): Promise<T> {
    return timely({}, deadline => this.#underWay.deep.take(key, deadline, read))
  }

  /** As Store.export; unavailable where too many are under way. */
  async *export(asked: Filter, signal: AbortSignal): AsyncGenerator<Exported[]> {
    const filter = narrowed(asked, this.caller.scope)
    if (this.#underWay.exports >= exportsAtOnce) throw new DomainError('unavailable')
    this.#underWay.exports++
    try {
      yield* this.store.export(filter, signal)
    } finally {
      this.#underWay.exports--
    }
  }

  /** The transitions after the sequence `after`, which may not be beyond the session's version. */
  async transitions(session_id: string, after: number, limit: number): Promise<Transition[]> {
    const read = (): Promise<Transition[] | null> => this.store.transitions(session_id, after, limit)
    const found =
      (await this.sees(session_id)) &&
      (await this.#underWay.shared.get(`transitions ${after} ${limit} ${session_id}`, read))
    if (!found || (found.length === 0 && after > 0)) await this.getFrom(session_id, after)
    return found || []
  }

  /** Newest first; empty when there is no such session. */
  async results(session_id: string): Promise<Result[]> {
    if (!(await this.sees(session_id))) return []
    return this.#underWay.shared.get(`results ${session_id}`, () => this.store.results(session_id))
  }

  async findResult(session_id: string, result_id: string): Promise<Result | null> {
    if (!(await this.sees(session_id))) return null
    return this.#underWay.shared.get(`result ${JSON.stringify([session_id, result_id])}`, () =>
      this.store.result(session_id, result_id),
    )
  }

  async result(session_id: string, result_id: string): Promise<Result> {
    const found = await this.findResult(session_id, result_id)
    if (found) return found
    await this.snapshot(session_id)
    throw new DomainError('result_not_found')
  }

  /** The live share of a session's current result; null where there is none, or no such session. */
  async findShare(session_id: string): Promise<Share | null> {
    const session = await this.#findShared(session_id)
    return session && this.liveShare(session)
  }

  /** All live shares of a session, newest first; none where there is no such session. */
  async findShares(session_id: string): Promise<Share[]> {
    const session = await this.#findShared(session_id)
    return session ? this.liveShares(session) : []
  }

  /** As find, in one read for all who ask at once. */
  async #findShared(session_id: string): Promise<Session | null> {
    return this.#seen(await this.#underWay.shared.get(`session ${session_id}`, () => this.store.read(session_id)))
  }

  liveShare(session: Session): Share | null {
    return currentShare(session, this.#now()) ?? null
  }

  liveShares(session: Session): Share[] {
    return liveShares(session, this.#now())
  }

  /** What a share's token shows, to whoever has it, without naming whose it is. */
  async sharedResult(token: string): Promise<SharedResult> {
    const found = await this.store.shared(token)
    if (!found) throw new DomainError('share_not_found')
    if (!isLive(found.share, this.#now())) throw new DomainError('share_gone')
    const { result_id: _, ...result } = found.result
    return { ...result, expires_at: found.share.expires_at, superseded: found.superseded }
  }

  #now(): Timestamp {
    return timestamp(this.clock())
  }
}

function existing<S extends Snapshot>(session: S | null): S {
  if (!session) throw new DomainError('session_not_found')
  return session
}
