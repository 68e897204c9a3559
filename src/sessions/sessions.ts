import { randomBytes, randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { type Deadline, withDeadline } from '../concurrency/deadline'
import type { Store, Write } from '../db/store'
import { type Calculator, inputsSchema, type Outputs } from '../domain/calculator'
import { type Caller, isWithin } from '../domain/caller'
import { parseCommand, type Start, startSchema } from '../domain/command'
import { close, type Dependencies, decide, start } from '../domain/decide'
import { DomainError, valid } from '../domain/errors'
import type { IdempotencyRecord } from '../domain/idempotency-record'
import {
  type Change,
  contributionOf,
  evolve,
  type Session,
  type Snapshot,
  signedBy,
  type Transition,
} from '../domain/session'
import { calculate } from '../domain/time-value'
import { type Timestamp, timestamp } from '../domain/timestamp'
import { type Conditions, requireVersion } from './conditions'
import { retryOnConflict } from './conflicts'
import { type ClaimedKey, IdempotencyKeys } from './idempotency-keys'
import { SessionCache } from './session-cache'
import { SessionQueues } from './session-queues'
import { SessionReads } from './session-reads'

/** Average pause after the first lost race. */
const pauseMs = 20

export interface ChangeOutcome {
  session: Snapshot
  /** Transitions that the change committed. Empty for a no-op. */
  transitions: Transition[]
  /** Whether the response is replayed from an idempotency record. */
  replayed: boolean
}

export type TrackWrite = (session_id: string, version: number, write: () => Promise<boolean>) => Promise<boolean>

/** State of the changes in progress, shared by all callers. */
class SharedState {
  readonly keys: IdempotencyKeys
  readonly lanes = new SessionQueues()
  readonly remembered = new SessionCache()

  constructor(store: Store, now: () => Timestamp) {
    this.keys = new IdempotencyKeys(store, now)
  }
}

/**
 * The use cases that change sessions, shared by all interfaces, for one caller. Sessions outside the caller's scope do
 * not exist for it. A change is atomic, runs in its session's lane, and takes effect once under its idempotency key.
 * A DomainError is the only error that a client may see.
 */
export class Sessions {
  readonly caller: Caller
  readonly #underWay: SharedState

  constructor(
    readonly store: Store,
    readonly log: Logger,
    readonly calculator: Calculator = calculate,
    readonly clock: () => Date = () => new Date(),
    /** Makes each write. Gets the version of the session that the write leads to. */
    readonly writing: TrackWrite = (_session_id, _version, write) => write(),
    readonly reads = new SessionReads(store, clock),
    underWay?: SharedState,
  ) {
    this.caller = reads.caller
    this.#underWay = underWay ?? new SharedState(store, () => this.#now())
  }

  /** Returns the same use cases for another caller. */
  of(caller: Caller): Sessions {
    if (caller === this.caller) return this
    const { store, log, calculator, clock, writing } = this
    return new Sessions(store, log, calculator, clock, writing, this.reads.of(caller), this.#underWay)
  }

  /** Number of changes that are running or waiting in a lane. */
  get changes(): number {
    return this.#underWay.lanes.waiting
  }

  /**
   * Refuses a caller that may only read: session_not_found if the session is outside its scope, otherwise forbidden.
   * Every change checks this first. An interface that reads a body before the change checks it before the body.
   */
  async requireChange(session_id?: string): Promise<void> {
    if (this.caller.may !== 'read') return
    if (session_id !== undefined) await this.reads.snapshot(session_id)
    throw new DomainError('forbidden').withMessage('Your role can read, but not change anything.')
  }

  /**
   * Also throws session_not_found outside the scope.
   * Runs before lane and key, which could reveal changes of other callers.
   */
  async #requireChangeOf(session_id: string): Promise<void> {
    await this.requireChange(session_id)
    const isSeen = await this.reads.sees(session_id, this.#underWay.remembered.peek(session_id))
    if (!isSeen) throw new DomainError('session_not_found')
  }

  /** Starts a session for the mentor in `body` (startSchema). */
  async start(body: unknown, conditions: Conditions = {}): Promise<ChangeOutcome> {
    await this.requireChange()
    return withDeadline(conditions, async deadline => {
      const key = this.#underWay.keys.claim(null, conditions.idempotency_key, body, this.caller.digest)
      try {
        return await retryOnConflict(async () => {
          const earlier = await key?.storedRecord()
          if (earlier) return replayOf(this.#own(earlier))
          const stated = this.#placed(valid(startSchema, body))
          const started = start(stated, `session_${newId()}`, this.#now())
          const changes = signedBy(started.changes, this.caller.by)
          deadline.check()
          const write = writeOf(null, started.session, changes, deadline, key)
          const written = await this.#written(write, () => this.store.add(write))
          return written ? this.#committed(started.session, changes, conditions) : undefined
        })
      } finally {
        key?.release()
      }
    })
  }

  /** Fills in the scope's organisation if the request names none. Throws forbidden outside the scope. */
  #placed({ mentor_id, organisation_id }: Start): Start {
    const { scope } = this.caller
    const placed = { mentor_id, organisation_id: organisation_id ?? scope.organisation_id ?? null }
    if (!isWithin(scope, placed)) throw outsideScope()
    return placed
  }

  /** Returns the idempotency record. Throws forbidden if its session is no longer in the caller's scope. */
  #own(record: IdempotencyRecord): IdempotencyRecord {
    if (!isWithin(this.caller.scope, record.session)) throw outsideScope()
    return record
  }

  /** Dispatches the event in `body` (parseCommand) to a session. */
  async dispatch(session_id: string, body: unknown, conditions: Conditions = {}): Promise<ChangeOutcome> {
    await this.#requireChangeOf(session_id)
    const key = this.#underWay.keys.claim(session_id, conditions.idempotency_key, body)
    try {
      // Existence, key and version are checked before content. A repeat is replayed even if the session has changed
      // since. A stale version is reported even if the request has other faults too.
      return await this.#inQueue(session_id, conditions, async deadline => {
        const decided = (session: Session): Change[] => {
          requireVersion(session, conditions)
          return signedBy(decide(session, parseCommand(body), this.#means(this.#nowFor(session))), this.caller.by)
        }
        const change = async (session: Session, decidedOn?: Change[]): Promise<ChangeOutcome | undefined> => {
          // Looked up after each load, to find the record if another process served the same request.
          const earlier = await key?.storedRecord()
          if (earlier) return replayOf(earlier)
          deadline.check()
          const changes = decidedOn ?? decided(session)
          const after = changes.reduce(evolve, session)
          const write = writeOf(session, after, changes, deadline, key)
          const written =
            (changes.length === 0 && !key) ||
            (await this.#written(write, () => this.store.save(write, session.version)))
          if (!written) return undefined
          this.#underWay.remembered.put(after)
          return this.#committed(after, changes, conditions)
        }
        const remembered = this.#underWay.remembered.take(session_id)
        const changes = remembered && unlessRefused(() => decided(remembered))
        if (remembered && changes?.length) {
          const answer = await change(remembered, changes)
          if (answer) return answer
          this.#underWay.remembered.distrust()
        }
        return change(await this.reads.get(session_id))
      })
    } finally {
      key?.release()
    }
  }

  /** Closes a session for good, with its results and share links. */
  async close(session_id: string, conditions: Conditions = {}): Promise<void> {
    await this.#requireChangeOf(session_id)
    await this.#inQueue(session_id, conditions, async deadline => {
      this.#underWay.remembered.take(session_id)
      const session = await this.reads.get(session_id)
      deadline.check()
      requireVersion(session, conditions)
      const changes = signedBy(close(session, this.#nowFor(session)), this.caller.by)
      const after = changes.reduce(evolve, session)
      const write = writeOf(session, after, changes, deadline)
      const written = await this.#written(write, () => this.store.close(write, session.version))
      return written ? this.#committed(after, changes, conditions) : undefined
    })
  }

  /** Returns the calculator's outputs for these inputs (inputsSchema). Stores nothing. */
  calculate(inputs: unknown): Outputs {
    return this.calculator(valid(inputsSchema, inputs))
  }

  /** Makes a write. A write without changes leads to no new version, so it bypasses `writing`. */
  #written({ session, changes }: Write, write: () => Promise<boolean>): Promise<boolean> {
    return changes.length === 0 ? write() : this.writing(session.session_id, session.version, write)
  }

  /** Makes a change in the session's lane. Repeats it if another process was faster (`change` gives undefined). */
  #inQueue<T>(
    session_id: string,
    conditions: Conditions,
    change: (deadline: Deadline) => Promise<T | undefined>,
  ): Promise<T> {
    return withDeadline(conditions, deadline =>
      this.#underWay.lanes.run(session_id, deadline, () => retryOnConflict(() => change(deadline), pauseMs)),
    )
  }

  #now(): Timestamp {
    return timestamp(this.clock())
  }

  /** Returns the time of a change: never before the session's last change, even if the clock was set back. */
  #nowFor({ updated_at }: Session): Timestamp {
    const now = this.#now()
    return now > updated_at ? now : updated_at
  }

  #means(now: Timestamp): Dependencies {
    return {
      now,
      calculate: this.calculator,
      newResultId: () => `calc_${newId()}`,
      newToken: () => randomBytes(24).toString('base64url'),
    }
  }

  /** Logs the committed changes, and returns the response. */
  #committed(session: Session, changes: Change[], { request_id }: Conditions): ChangeOutcome {
    const { session_id } = session
    const subject = this.caller.digest
    for (const { transition, failure } of changes) {
      const { event, from, to, sequence } = transition
      this.log.info({ request_id, subject, session_id, event, from, to, sequence }, 'transition')
      if (failure) this.log.error({ request_id, session_id, err: failure }, 'calculation failed')
    }
    return { session, transitions: transitionsOf(changes), replayed: false }
  }
}

/** Returns 32 random bits. Node draws the bits of many UUIDs at once, but makes a call for each randomBytes. */
const newId = (): string => randomUUID().slice(0, 8)

const outsideScope = (): DomainError =>
  new DomainError('forbidden').withMessage('This mentor or organisation is outside your scope.')

/** Returns the outcome of the work, or undefined if it throws a DomainError. */
function unlessRefused<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof DomainError) return undefined
    throw error
  }
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
  before: before && contributionOf(before),
  wanted: () => !deadline.over,
  ...(key && { idempotency: key.newRecord(session, transitionsOf(changes)) }),
})

const replayOf = ({ session, transitions }: IdempotencyRecord): ChangeOutcome => ({
  session,
  transitions,
  replayed: true,
})
