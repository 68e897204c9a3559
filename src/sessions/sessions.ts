import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Exported, Filter, ListPosition, Page, Sorted, SortedPage, Store, Write } from '../db/store'
import { type Calculator, inputsSchema, type Outputs } from '../domain/calculator'
import { type Caller, everyone, isNarrow, isWithin, narrowed } from '../domain/caller'
import { filterKey, parseCommand, type Start, startSchema } from '../domain/command'
import { close, decide, type Means, start } from '../domain/decide'
import { DomainError, valid } from '../domain/errors'
import type { KeptAnswer } from '../domain/kept'
import type { SessionOrder } from '../domain/order'
import {
  type Change,
  currentShare,
  evolve,
  isLive,
  liveShares,
  type Result,
  type Session,
  type Share,
  type Snapshot,
  signed,
  standingOf,
  type Transition,
} from '../domain/session'
import { calculate } from '../domain/time-value'
import { type Timestamp, timestamp } from '../domain/timestamp'
import { probe } from '../probe'
import { Deadline } from '../time/deadline'
import { SharedReads } from '../time/shared-reads'
import { Slots } from '../time/slots'
import { type Erased, erase } from './erasure'
import { type ClaimedKey, Keys } from './keys'
import { Lanes } from './lanes'
import { Remembered } from './remembered'

export type { Exported, Filter, ListPosition }

const changeAttempts = 5

/** A page past so many sessions is deep: the store passes over each of them, and whoever asks for it waits for those before. */
export const deepOffset = 1_000
export const deepReadsAtOnce = 2
/** As many as are read within a request's time where each takes a second. */
export const deepReadsWaiting = 30

/** Exports that a process makes at once: each reads for as long as its reader takes. */
export const exportsAtOnce = 4

/** What a caller may state beside the change itself. */
export interface Conditions {
  /** The versions on one of which alone the change may be made; any where it is missing. */
  expected_versions?: number[] | undefined
  /** The versions on which the change may not be made; `*` stands for all. */
  excluded_versions?: number[] | '*' | undefined
  /** Repeats of the request under this key get the first answer again. */
  idempotency_key?: string | undefined
  /** For the log. */
  request_id?: string
  /** Whether the client is still there: for one that is gone nothing is begun. */
  wanted?: (() => boolean) | undefined
}

export interface Answer {
  session: Snapshot
  /** What this change committed; empty when it changed nothing. */
  transitions: Transition[]
  /** True when an earlier request under the same key made the answer. */
  replayed: boolean
}

export interface SharedResult extends Omit<Result, 'result_id'> {
  expires_at: Timestamp
  /** Its session has a newer result. */
  superseded: boolean
}

export type Writing = (session_id: string, version: number, write: () => Promise<boolean>) => Promise<boolean>

/** What is under way, whoever asked for it. */
class UnderWay {
  readonly keys: Keys
  readonly lanes = new Lanes()
  readonly reads = new SharedReads()
  readonly deepReads = new Slots(deepReadsAtOnce, deepReadsWaiting)
  readonly remembered = new Remembered()
  exports = 0

  constructor(store: Store, now: () => Timestamp) {
    this.keys = new Keys(store, now)
  }
}

/**
 * The use cases, once for every door, as one caller may use them: what lies outside his scope is not there. They throw
 * DomainError and nothing else that a client may see.
 */
export class Sessions {
  readonly #underWay: UnderWay

  constructor(
    readonly store: Store,
    readonly log: Logger,
    readonly calculator: Calculator = calculate,
    readonly clock: () => Date = () => new Date(),
    /** Makes each write, knowing the version of the session that it leads to. */
    readonly writing: Writing = (_session_id, _version, write) => write(),
    readonly caller: Caller = everyone,
    underWay?: UnderWay,
  ) {
    this.#underWay = underWay ?? new UnderWay(store, () => this.#now())
  }

  /** The same as another caller may use them. */
  of(caller: Caller): Sessions {
    if (caller === this.caller) return this
    const { store, log, calculator, clock, writing } = this
    return new Sessions(store, log, calculator, clock, writing, caller, this.#underWay)
  }

  /** Changes that are under way, or wait for another of the same session. */
  get changes(): number {
    return this.#underWay.lanes.waiting
  }

  #now(): Timestamp {
    return timestamp(this.clock())
  }

  /**
   * Refuses a caller who changes nothing: of a session outside his scope, that it is not there. What changes something begins
   * with it; a door that reads a body before asks for it first.
   */
  async requireChange(session_id?: string): Promise<void> {
    if (this.caller.may !== 'read') return
    if (session_id !== undefined) await this.snapshot(session_id)
    throw new DomainError('forbidden')
  }

  /** Starts a session for whom `body` names (startSchema). */
  async start(body: unknown, conditions: Conditions = {}): Promise<Answer> {
    await this.requireChange()
    return this.#timely(conditions, async deadline => {
      const key = this.#underWay.keys.claim(null, conditions.idempotency_key, body, this.caller.digest)
      try {
        for (let attempt = 0; attempt < changeAttempts; attempt++) {
          const earlier = await key?.earlierAnswer()
          if (earlier) return replayOf(this.#own(earlier))
          const stated = this.#placed(valid(startSchema, body))
          const started = start(stated, `session_${newId()}`, this.#now())
          const changes = signed(started.changes, this.caller.by)
          deadline.check()
          const write = writeOf(null, started.session, changes, deadline, key)
          const written = await this.#written(write, () => this.store.add(write))
          if (written) return this.#committed(started.session, changes, conditions)
        }
        throw outrun()
      } finally {
        key?.release()
      }
    })
  }

  /** What a start states, in the organisation that the scope fixes where it names none; forbidden outside the scope. */
  #placed({ mentor_id, organisation_id }: Start): Start {
    const { scope } = this.caller
    const placed = { mentor_id, organisation_id: organisation_id ?? scope.organisation_id ?? null }
    if (!isWithin(scope, placed)) throw new DomainError('forbidden')
    return placed
  }

  /** An answer that was given before, unless its session has left the scope since. */
  #own(kept: KeptAnswer): KeptAnswer {
    if (!isWithin(this.caller.scope, kept.session)) throw new DomainError('forbidden')
    return kept
  }

  /** Dispatches the event that `body` states (parseCommand) to a session. */
  async dispatch(session_id: string, body: unknown, conditions: Conditions = {}): Promise<Answer> {
    await this.requireChange(session_id)
    await this.#requireSeen(session_id)
    const key = this.#underWay.keys.claim(session_id, conditions.idempotency_key, body)
    try {
      // Existence, key and version come before content: a repeat gets its first answer wherever the session has gone since,
      // and who means a version that is no more is told so, whatever else is wrong with the change.
      return await this.#inTurn(session_id, conditions, async deadline => {
        const decided = (session: Session): Change[] => {
          requireVersion(session, conditions)
          return signed(decide(session, parseCommand(body), this.#means(this.#nowFor(session))), this.caller.by)
        }
        const change = async (session: Session, decidedOn?: Change[]): Promise<Answer | undefined> => {
          // Asked for after each load, it cannot be missed where another process served the same request meanwhile.
          const earlier = await key?.earlierAnswer()
          if (earlier) return replayOf(earlier)
          deadline.check()
          const changes = decidedOn ?? decided(session)
          const after = changes.reduce(evolve, session)
          const write = writeOf(session, after, changes, deadline, key)
          const written =
            (changes.length === 0 && !key) ||
            (await this.#written(write, () => this.store.save(write, session.version)))
          if (!written) return undefined
          this.#underWay.remembered.keep(after)
          return this.#committed(after, changes, conditions)
        }
        const remembered = this.#seen(this.#underWay.remembered.take(session_id))
        const changes = remembered && unlessRefused(() => decided(remembered))
        if (remembered && changes?.length) {
          const answer = await change(remembered, changes)
          if (answer) return answer
          this.#underWay.remembered.mistaken()
        }
        return change(await this.get(session_id))
      })
    } finally {
      key?.release()
    }
  }

  /** Closes a session for good: it and its results and shares are gone. */
  async close(session_id: string, conditions: Conditions = {}): Promise<void> {
    await this.requireChange(session_id)
    await this.#requireSeen(session_id)
    await this.#inTurn(session_id, conditions, async deadline => {
      this.#underWay.remembered.take(session_id)
      const session = await this.get(session_id)
      deadline.check()
      requireVersion(session, conditions)
      const changes = signed(close(session, this.#nowFor(session)), this.caller.by)
      const after = changes.reduce(evolve, session)
      const write = writeOf(session, after, changes, deadline)
      const written = await this.#written(write, () => this.store.close(write, session.version))
      return written ? this.#committed(after, changes, conditions) : undefined
    })
  }

  /** Refuses who is no admin. */
  requireAdmin(): void {
    if (this.caller.may !== 'administer') throw new DomainError('forbidden')
  }

  /** Erases a mentor (see erase), or a part of all that is to be erased. */
  async erase(mentor_id: string, conditions: Conditions = {}): Promise<Erased> {
    this.requireAdmin()
    return this.#timely(conditions, deadline =>
      erase(
        mentor_id,
        this.store,
        session_id => this.close(session_id, conditions),
        () => !deadline.over,
      ),
    )
  }

  /** Makes a write. One without changes leads to no version. */
  #written({ session, changes }: Write, write: () => Promise<boolean>): Promise<boolean> {
    return changes.length === 0 ? write() : this.writing(session.session_id, session.version, write)
  }

  /** Does what is done within one request's time. What is given up then may still take effect. */
  async #timely<T>({ wanted }: Conditions, work: (deadline: Deadline) => Promise<T>): Promise<T> {
    const deadline = new Deadline(wanted)
    try {
      return await deadline.bound(work(deadline))
    } finally {
      deadline.end()
    }
  }

  /** Makes a change of a session in its turn, and anew where another process was faster (`change` gives undefined). */
  #inTurn<T>(
    session_id: string,
    conditions: Conditions,
    change: (deadline: Deadline) => Promise<T | undefined>,
  ): Promise<T> {
    return this.#timely(conditions, deadline =>
      this.#underWay.lanes.take(session_id, deadline, async () => {
        for (let attempt = 1; ; attempt++) {
          const changed = await change(deadline)
          if (changed !== undefined) return changed
          if (attempt === changeAttempts) throw outrun()
          await wait(Math.random() * 20 * 2 ** attempt)
        }
      }),
    )
  }

  /** A clock that was set back does not turn a session's time back. */
  #nowFor({ updated_at }: Session): Timestamp {
    const now = this.#now()
    return now > updated_at ? now : updated_at
  }

  #means(now: Timestamp): Means {
    return {
      now,
      calculate: this.calculator,
      newResultId: () => `calc_${newId()}`,
      newToken: () => randomBytes(24).toString('base64url'),
    }
  }

  /** Logs what a change committed, and answers it. */
  #committed(session: Session, changes: Change[], { request_id }: Conditions): Answer {
    const { session_id } = session
    const subject = this.caller.digest
    for (const { transition, failure } of changes) {
      const { event, from, to, sequence } = transition
      this.log.info({ request_id, subject, session_id, event, from, to, sequence }, 'transition')
      if (failure) this.log.error({ request_id, session_id, err: failure }, 'the calculator failed')
    }
    return { session, transitions: transitionsOf(changes), replayed: false }
  }

  /** A session where the caller sees it. */
  #seen<S extends Snapshot>(session: S | null | undefined): S | null {
    return session && isWithin(this.caller.scope, session) ? session : null
  }

  /** Whether the caller sees the session: only of a scope that is narrower than all must it be read. */
  async #sees(session_id: string): Promise<boolean> {
    return !isNarrow(this.caller.scope) || (await this.findSnapshot(session_id)) !== null
  }

  /** Refuses a session outside the scope before its lane and its keys, where the changes of others could be told. */
  async #requireSeen(session_id: string): Promise<void> {
    if (!isNarrow(this.caller.scope) || this.#seen(this.#underWay.remembered.find(session_id))) return
    await this.snapshot(session_id)
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

  list(asked: Filter, page: Page): Promise<Snapshot[]> {
    const filter = narrowed(asked, this.caller.scope)
    const key = `list ${filterKey(filter)} ${JSON.stringify(page)}`
    const read = (): Promise<Snapshot[]> => this.#underWay.reads.get(key, () => this.store.list(filter, page))
    if (!('offset' in page) || page.offset < deepOffset) return read()
    return this.#timely({}, deadline => this.#underWay.deepReads.take(key, deadline, read))
  }

  /** A page of an order: as Store.sorted, or of the list from its end on. A few are looked for at once. */
  async sorted(asked: Filter, order: SessionOrder, { limit, after }: SortedPage): Promise<Sorted> {
    const { by, descending } = order
    if (by !== 'created_at') {
      const filter = narrowed(asked, this.caller.scope)
      const key = `sorted ${filterKey(filter)} ${JSON.stringify([order, limit, after])}`
      const read = (): Promise<Sorted> =>
        this.#underWay.reads.get(key, () => this.store.sorted(filter, { ...order, by }, { limit, after }))
      return this.#timely({}, deadline => this.#underWay.deepReads.take(key, deadline, read))
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
      (await this.#sees(session_id)) &&
      (await this.#underWay.reads.get(`transitions ${after} ${limit} ${session_id}`, read))
    if (!found || (found.length === 0 && after > 0)) await this.getFrom(session_id, after)
    return found || []
  }

  /** The session, if it has come as far as the sequence `after`. */
  async getFrom(session_id: string, after: number | undefined): Promise<Snapshot> {
    const session = await this.snapshot(session_id)
    if (after === undefined || after <= session.version) return session
    const detail = `must be at most the session's version, ${session.version}`
    throw new DomainError('invalid_query', { errors: [{ detail, parameter: 'after' }] })
  }

  /** Newest first; empty when there is no such session. */
  async results(session_id: string): Promise<Result[]> {
    if (!(await this.#sees(session_id))) return []
    return this.#underWay.reads.get(`results ${session_id}`, () => this.store.results(session_id))
  }

  async findResult(session_id: string, result_id: string): Promise<Result | null> {
    if (!(await this.#sees(session_id))) return null
    return this.#underWay.reads.get(`result ${JSON.stringify([session_id, result_id])}`, () =>
      this.store.result(session_id, result_id),
    )
  }

  async result(session_id: string, result_id: string): Promise<Result> {
    const found = await this.findResult(session_id, result_id)
    if (found) return found
    await this.snapshot(session_id)
    throw new DomainError('result_not_found')
  }

  async #readShared(session_id: string): Promise<Session | null> {
    return this.#seen(await this.#underWay.reads.get(`session ${session_id}`, () => this.store.read(session_id)))
  }

  /** The live share of a session's current result; null where there is none, or no such session. */
  async findShare(session_id: string): Promise<Share | null> {
    const session = await this.#readShared(session_id)
    return session && this.liveShare(session)
  }

  /** All live shares of a session, newest first; none where there is no such session. */
  async findShares(session_id: string): Promise<Share[]> {
    const session = await this.#readShared(session_id)
    return session ? this.liveShares(session) : []
  }

  liveShare(session: Session): Share | null {
    return currentShare(session, this.#now()) ?? null
  }

  liveShares(session: Session): Share[] {
    return liveShares(session, this.#now())
  }

  /** What a share's token shows, without naming whose it is. */
  async sharedResult(token: string): Promise<SharedResult> {
    const found = await this.store.shared(token)
    if (!found) throw new DomainError('share_not_found')
    if (!isLive(found.share, this.#now())) throw new DomainError('share_gone')
    const { result_id: _, ...result } = found.result
    return { ...result, expires_at: found.share.expires_at, superseded: found.superseded }
  }

  /** What the calculator gives for these inputs (inputsSchema). Nothing is stored. */
  calculate(inputs: unknown): Outputs {
    return this.calculator(valid(inputsSchema, inputs))
  }
}

function existing<S extends Snapshot>(session: S | null): S {
  if (!session) throw new DomainError('session_not_found')
  return session
}

/** 32 random bits. Node draws those of many UUIDs at once, and bytes by a call each. */
const newId = (): string => randomUUID().slice(0, 8)

/** Others were faster each time. */
function outrun(): DomainError {
  probe?.racesLost()
  return new DomainError('unavailable')
}

/** What the work gives; undefined where it refuses. */
function unlessRefused<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof DomainError) return undefined
    throw error
  }
}

function requireVersion({ version }: Session, { expected_versions, excluded_versions }: Conditions): void {
  const expected = !expected_versions || expected_versions.includes(version)
  const excluded = excluded_versions === '*' || excluded_versions?.includes(version)
  if (!expected || excluded) throw new DomainError('version_mismatch', { current_version: version })
}

const transitionsOf = (changes: Change[]): Transition[] => changes.map(change => change.transition)

const writeOf = (
  before: Session | null,
  session: Session,
  changes: Change[],
  deadline: Deadline,
  key?: ClaimedKey,
): Write => ({
  session,
  changes,
  before: before && standingOf(before),
  wanted: () => !deadline.over,
  ...(key && { kept: key.keptAnswer(session, transitionsOf(changes)) }),
})

const replayOf = ({ session, transitions }: KeptAnswer): Answer => ({ session, transitions, replayed: true })
