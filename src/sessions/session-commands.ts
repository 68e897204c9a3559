// This folder contains the session use cases: commands, queries and erasure. The business rules are in `domain`. The
// interfaces that call the use cases are in `rest`, in `resolvers` and in the capabilities' folders.

import { randomBytes, randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { Deadline, type Signal, withDeadline } from '../concurrency/deadline'
import type { Store, Write } from '../db/store'
import { type Calculator, inputsSchema, type Outputs } from '../domain/calculator'
import { type Caller, everyone, isWithin, principalKey } from '../domain/caller'
import {
  close,
  decide,
  parseCommand,
  reassignedOwner,
  requireLiveShare,
  revokeShare,
  type Start,
  start,
  startSchema,
} from '../domain/decide'
import { DomainError, valid } from '../domain/errors'
import type { IdempotencyRecord } from '../domain/idempotency-record'
import { requireManager } from '../domain/organisation'
import {
  type Change,
  type Command,
  type CommandOf,
  contributionOf,
  evolve,
  type Owner,
  type Session,
  type Snapshot,
  signedBy,
  type Transition,
} from '../domain/session'
import { calculate } from '../domain/time-value'
import { type Timestamp, timestamp } from '../domain/timestamp'
import { type ClaimedKey, IdempotencyKeys } from './idempotency-keys'
import { SessionCache } from './session-cache'
import { type CountSessions, SessionQueries } from './session-queries'
import { retryOnConflict, SessionQueues } from './session-queues'
import type { SessionQuota } from './session-quota'

export interface Conditions {
  /**
   * Session versions for which the change is allowed (`If-Match`). If `expected_versions` is undefined, every version
   * is allowed.
   */
  expected_versions?: number[] | undefined
  /** Session versions for which the change is refused (`If-None-Match`). The value `*` excludes every version. */
  excluded_versions?: number[] | '*' | undefined
  /** Idempotency key. A repeated request with the same key gets the first response. */
  idempotency_key?: string | undefined
  request_id?: string
  /**
   * Signal that is aborted once the client has disconnected. After a disconnect, the server starts no further work for
   * the request.
   */
  signal?: Signal | undefined
}

export interface ChangeOutcome {
  session: Snapshot
  /** Transitions that the change committed, or an empty list if the session was not changed. */
  transitions: Transition[]
  /** Whether an earlier request already had this outcome, so that nothing was written. */
  replayed: boolean
  /** Whether the session was closed after the first request. Only a repeated start has this member. */
  closed?: boolean
}

/** Finds the session that an earlier request has already started with the same parameters. */
type FindStarted = (origin: Start) => Promise<Snapshot | null> | null

/**
 * Runs a write that creates the given version of a session. Capabilities wrap this function to track this process's
 * writes.
 */
export type TrackWrite = (session_id: string, version: number, write: () => Promise<boolean>) => Promise<boolean>

export interface SessionDependencies {
  store: Store
  log: Logger
  calculator?: Calculator | undefined
  clock?: (() => Date) | undefined
  trackWrite?: TrackWrite | undefined
  quota?: SessionQuota | undefined
  count?: CountSessions | undefined
}

interface ChangeRequest {
  principal: string
  conditions: Conditions
  deadline: Deadline
  key?: ClaimedKey | undefined
}

interface StartRequest extends ChangeRequest {
  findStarted?: FindStarted | undefined
}

/** A change to an existing session. */
interface SessionChange {
  session_id: string
  /** Content of the request, which a repeated request with the same idempotency key must repeat. */
  body: unknown
  conditions: Conditions
  /** Decides on a session that the caller is allowed to change, and that has an expected version. */
  decide: (session: Session, now: Timestamp) => Change[]
  /** Checks what the request names within the session. These errors come before version_mismatch. */
  require?: (session: Session, now: Timestamp) => void
}

type SessionChangeRequest = ChangeRequest & SessionChange

/** State of the changes in progress, shared by all callers. */
interface SharedState {
  keys: IdempotencyKeys
  queues: SessionQueues
  cache: SessionCache
}

/**
 * Session changes for one caller, used by all interfaces. Sessions outside the caller's scope are treated as
 * nonexistent. Each change is atomic, waits for earlier changes to the same session, and takes effect only once per
 * idempotency key. Clients see only DomainErrors.
 */
export class SessionCommands {
  readonly caller: Caller
  readonly #principal: string
  readonly #shared: SharedState

  readonly store: Store
  readonly log: Logger
  readonly calculator: Calculator
  readonly clock: () => Date
  readonly queries: SessionQueries
  /** Limits the number of open sessions per mentor. Undefined if there is no limit. */
  readonly quota: SessionQuota | undefined
  readonly #trackWrite: TrackWrite

  constructor(
    readonly dependencies: SessionDependencies,
    caller: Caller = everyone,
    /** Instance for another caller, with which the new instance shares its state. */
    other?: SessionCommands,
  ) {
    const { store, log, calculator = calculate, clock = () => new Date() } = dependencies
    const { trackWrite = (_session_id, _version, write) => write(), quota } = dependencies
    this.store = store
    this.log = log
    this.calculator = calculator
    this.clock = clock
    this.#trackWrite = trackWrite
    this.quota = quota
    this.queries = other ? other.queries.of(caller) : new SessionQueries(dependencies, caller)
    this.caller = caller
    this.#principal = principalKey(caller)
    this.#shared = other
      ? other.#shared
      : {
          keys: new IdempotencyKeys(store.sessions, () => this.#now()),
          queues: new SessionQueues(),
          cache: new SessionCache(),
        }
  }

  /** Returns an instance for another caller, which shares the state of this instance. */
  of(caller: Caller): SessionCommands {
    return caller === this.caller ? this : new SessionCommands(this.dependencies, caller, this)
  }

  /**
   * Cache of the sessions that this process has written. The cache must be registered as a follower of the store's log.
   */
  get cache(): SessionCache {
    return this.#shared.cache
  }

  /** Number of changes that are running, or waiting for earlier changes to the same session. */
  get changes(): number {
    return this.#shared.queues.length
  }

  /**
   * Refuses callers that are only allowed to read: throws session_not_found if the session is outside the caller's
   * scope, and forbidden otherwise. Every change calls `requireChange` first. Interfaces also call `requireChange`
   * before they read a request body.
   */
  async requireChange(session_id?: string): Promise<void> {
    if (this.caller.may !== 'read') return
    if (session_id !== undefined) await this.queries.snapshot(session_id)
    throw new DomainError('forbidden').withMessage('Your role allows you to read, but not to change anything.')
  }

  /** Dispatches the event in `body`, as parsed by `parseCommand`, to a session. */
  dispatch(session_id: string, body: unknown, conditions: Conditions = {}): Promise<ChangeOutcome> {
    const decide = (session: Session, now: Timestamp) => this.#decideCommand(session, parseCommand(body), now)
    return this.#changeSession({ session_id, body, conditions, decide })
  }

  /**
   * Revokes one share link of a session. Throws share_not_found if the session has no such share link, and share_gone
   * if the link was revoked or has expired.
   */
  revokeShare(session_id: string, token: string, conditions: Conditions = {}): Promise<ChangeOutcome> {
    // Include the token in the body: requests to revoke different share links must have different digests, even if the
    // requests have the same idempotency key.
    const body = { event: 'ShareRevokeRequested', token }
    const shareOf = (session: Session, now: Timestamp) => requireLiveShare(session, token, now)
    const decide = (session: Session, now: Timestamp) => revokeShare(session, shareOf(session, now), now)
    return this.#changeSession({ session_id, body, conditions, require: shareOf, decide })
  }

  /**
   * Permanently closes a session, including its results and share links. A repeated request with the same idempotency
   * key gets the first response, although the session no longer exists.
   */
  async close(session_id: string, conditions: Conditions = {}): Promise<ChangeOutcome> {
    try {
      return await this.#changeSession({ session_id, body: undefined, conditions, decide: close })
    } catch (error) {
      const isGone = error instanceof DomainError && error.code === 'session_not_found' && this.caller.may !== 'read'
      const record = isGone ? await this.#closingRecord(session_id, conditions) : null
      if (!record) throw error
      return this.#replay(record)
    }
  }

  async #closingRecord(session_id: string, conditions: Conditions): Promise<IdempotencyRecord | null> {
    const key = this.#claim(session_id, undefined, conditions)
    try {
      return (await key?.storedRecord()) ?? null
    } finally {
      key?.release()
    }
  }

  async #changeSession(change: SessionChange): Promise<ChangeOutcome> {
    const { session_id, body, conditions } = change
    // 1. Refuse sessions outside the caller's scope before they wait, so that nobody can fill another owner's queue.
    //    Whether the caller is allowed to change the session is decided in step 6, because it can move meanwhile.
    await this.requireChange(session_id)
    await this.#requireSeen(session_id)
    // 2. Claim the idempotency key.
    const key = this.#claim(session_id, body, conditions)
    const deadline = new Deadline({ signal: conditions.signal, access: this.caller.access })
    const request = { ...change, principal: this.#principal, deadline, key }
    try {
      // 3. Wait until earlier changes to the session have ended. If another process writes the session first, steps 4
      //    to 8 are repeated.
      return await this.#shared.queues.run(request, () => this.#attemptChange(request))
    } finally {
      deadline.end()
      key?.release()
    }
  }

  async #requireSeen(session_id: string): Promise<void> {
    const isSeen = await this.queries.sees(session_id, this.#shared.cache.peek(session_id))
    if (!isSeen) throw new DomainError('session_not_found')
  }

  #claim(session_id: string | null, body: unknown, { idempotency_key: key }: Conditions): ClaimedKey | undefined {
    return this.#shared.keys.claim({ session_id, key, body, subject: this.caller.digest })
  }

  /** Attempts a change. Returns undefined if another process wrote the session first. */
  async #attemptChange(request: SessionChangeRequest): Promise<ChangeOutcome | undefined> {
    // 4. Load the session. A cached session can be stale: if the change of a cached session leads to no write, repeat
    //    the steps with the stored session.
    const cached = this.#shared.cache.take(request.session_id)
    const outcome = cached && (await this.#change(cached, request, true))
    return outcome ?? this.#change(await this.queries.get(request.session_id), request, false)
  }

  /**
   * Changes a loaded session. Returns undefined if another process wrote the session first, or if `session` is cached
   * and the request leads to no write.
   */
  async #change(
    session: Session,
    request: SessionChangeRequest,
    isCached: boolean,
  ): Promise<ChangeOutcome | undefined> {
    const { conditions, deadline, key } = request
    // 5. Check the idempotency key. The key is looked up after each load of the session, because another process may
    //    have served the same request meanwhile. A repeated request gets the first response even if the session has
    //    changed since.
    const record = await key?.storedRecord()
    if (record) return this.#replay(record)
    deadline.check()
    // 6. Decide which changes to make.
    const changes = isCached ? this.#decideOnCached(session, request) : this.#decide(session, request)
    if (!changes) return undefined
    // 7. Commit the changes. If the command changes nothing, only its idempotency record is written.
    const after = changes.reduce(evolve, session)
    if (changes.length > 0 || key) {
      const write = writeOf(request, { before: session, session: after, changes })
      if (!(await this.#saveWithinQuota(write, session, deadline))) return this.#refuseTaken(after, session)
    }
    if (after.state !== 'closed') this.#shared.cache.put(after)
    // 8. Return the outcome.
    return this.#committed(after, changes, conditions)
  }

  /**
   * Decides which changes to make to the loaded session. This is the only place that permits a change: the store writes
   * the changes only if the session still has the version that was decided on.
   */
  #decide(session: Session, { decide, require, conditions }: SessionChangeRequest): Change[] {
    this.#requireWithin(session)
    const now = this.#nowFor(session)
    require?.(session, now)
    // A stale version is reported even if the request's content has errors too, but not if the request names something
    // that does not exist.
    requireVersion(session, conditions)
    return signedBy(decide(session, now), this.caller.by)
  }

  /** Throws session_not_found, as for an unknown id, if the session is outside the caller's scope. */
  #requireWithin(owner: Owner): void {
    if (!isWithin(this.caller.scope, owner)) throw new DomainError('session_not_found')
  }

  #decideCommand(session: Session, command: Command, now: Timestamp): Change[] {
    if (command.event === 'ReassignRequested') this.#authoriseReassign(session, command)
    return decide(session, command, { now, calculate: this.calculator, newResultId, newToken })
  }

  /**
   * Checks that the caller manages the organisation, and that the caller's scope includes the session's new owner.
   * Throws forbidden otherwise.
   */
  #authoriseReassign(session: Session, command: CommandOf<'ReassignRequested'>): void {
    requireManager(this.caller, 'change the mentor or the organisation of a session')
    if (!isWithin(this.caller.scope, reassignedOwner(session, command)))
      throw new DomainError('forbidden').withMessage(
        'You are not allowed to move a session to this organisation. `GET /api/v1/benefit-caller` shows what you are allowed to do.',
      )
  }

  /**
   * Like `#decide`, but returns undefined if the command is refused or changes nothing, because a cached session can be
   * stale.
   */
  #decideOnCached(session: Session, request: SessionChangeRequest): Change[] | undefined {
    try {
      const changes = this.#decide(session, request)
      return changes.length > 0 ? changes : undefined
    } catch (error) {
      if (error instanceof DomainError) return undefined
      throw error
    }
  }

  /**
   * Starts a session with the parameters in `body` (see `startSchema`). If the body has inputs, also stores a first
   * result. If `findStarted` finds a session, returns this session as a replayed outcome instead.
   */
  async start(body: unknown, conditions: Conditions = {}, findStarted?: FindStarted): Promise<ChangeOutcome> {
    await this.requireChange()
    return withDeadline({ signal: conditions.signal, access: this.caller.access }, async deadline => {
      const key = this.#claim(null, body, conditions)
      const request = { principal: this.#principal, conditions, deadline, key, findStarted }
      try {
        return await retryOnConflict(() => this.#attemptStart(body, request))
      } finally {
        key?.release()
      }
    })
  }

  /**
   * Attempts a start. Returns undefined if another process served the same request first, or if the new session id is
   * taken.
   */
  async #attemptStart(body: unknown, request: StartRequest): Promise<ChangeOutcome | undefined> {
    const record = await request.key?.storedRecord()
    if (record) {
      this.#authoriseStart(record.session)
      const session = await this.store.sessions.snapshot(record.session.session_id)
      if (session) this.#requireWithin(session)
      return { ...this.#replay(record), closed: session === null }
    }
    const origin = this.originOf(body)
    return (await this.#started(origin, request)) ?? this.#admitStart(origin, request)
  }

  async #started(origin: Start, { findStarted }: StartRequest): Promise<ChangeOutcome | undefined> {
    const session = await findStarted?.(origin)
    return session ? { session, transitions: [], replayed: true } : undefined
  }

  /** Parses the body of a start request. Throws validation_failed or forbidden. */
  originOf(body: unknown): Start {
    return this.#withOrganisation(valid(startSchema, body))
  }

  async #admitStart(origin: Start, request: StartRequest): Promise<ChangeOutcome | undefined> {
    if (!this.quota) return this.#add(origin, request)
    return this.quota.admit(origin, { caller: this.caller, deadline: request.deadline }, () =>
      this.#add(origin, request),
    )
  }

  /**
   * Adds the new session to the store. Returns undefined if another process served the same request first, or if the
   * new session id is taken.
   */
  async #add({ inputs, ...origin }: Start, request: StartRequest): Promise<ChangeOutcome | undefined> {
    const now = this.#now()
    const started = start(origin, `session_${newId()}`, now)
    const calculated = inputs
      ? this.#decideCommand(started.session, { event: 'CalculateRequested', payload: inputs }, now)
      : []
    const session = calculated.reduce(evolve, started.session)
    const changes = signedBy([...started.changes, ...calculated], this.caller.by)
    request.deadline.check()
    const write = writeOf(request, { before: null, session, changes })
    const isWritten = await this.#trackWrite(session.session_id, session.version, () => this.store.sessions.add(write))
    if (isWritten) return this.#committed(session, changes, request.conditions)
    // Another request with the same parameters may have started the session meanwhile.
    const earlier = await this.#started({ inputs, ...origin }, request)
    if (!earlier && session.external_id !== null) await this.requireFree(session.organisation_id, session.external_id)
    return earlier
  }

  /** Throws external_id_taken if another session of the organisation has this external id. */
  async requireFree(organisation_id: string | null, external_id: string, session_id?: string): Promise<void> {
    const other = await this.store.sessions.byExternalId(organisation_id, external_id)
    if (!other || other.session_id === session_id) return
    const isSeen = isWithin(this.caller.scope, other)
    throw new DomainError('external_id_taken', isSeen ? { session_id: other.session_id } : {})
  }

  /**
   * Fills in the organisation from the caller's scope if the request names no organisation. Throws forbidden, like
   * `#authoriseStart`.
   */
  #withOrganisation(stated: Start): Start {
    const organisation_id = stated.organisation_id ?? this.caller.scope.organisation_id ?? null
    this.#authoriseStart({ ...stated, organisation_id })
    return { ...stated, organisation_id }
  }

  /** Throws forbidden if the caller is not allowed to start sessions for this mentor in this organisation. */
  #authoriseStart(origin: Pick<Start, 'mentor_id' | 'organisation_id'>): void {
    const { scope, startsWithoutOrganisation } = this.caller
    if (!isWithin(scope, origin))
      throw new DomainError('forbidden').withMessage(
        'You are not allowed to start a session for this mentor or organisation. `GET /api/v1/benefit-caller` shows what you are allowed to do.',
      )
    if (startsWithoutOrganisation && origin.organisation_id !== null)
      throw new DomainError('forbidden').withMessage(
        'Your token has no organisation, so you can start sessions only without one. Leave the organisation out, or ask the operator to add it to your token or to set `AUTH_MENTORS_CHOOSE_ORGANISATION=on`.',
      )
  }

  /** Returns the calculator's outputs for these inputs (`inputsSchema`), without storing anything. */
  async calculate(inputs: unknown): Promise<Outputs> {
    return this.calculator(valid(inputsSchema, inputs))
  }

  /** Saves a write. If the write moves the session to another mentor, the new mentor's quota applies. */
  #saveWithinQuota(write: Write, { version, mentor_id }: Session, deadline: Deadline): Promise<boolean> {
    const save = () => this.#save(write, version)
    const { session } = write
    if (!this.quota || session.mentor_id === mentor_id) return save()
    return this.quota.admit(session, { caller: this.caller, deadline }, save)
  }

  /**
   * Determines why the store refused a write. Throws external_id_taken if another session of the new organisation has
   * the same external id. If no other session has this external id, returns undefined, because another process wrote
   * the session first.
   */
  async #refuseTaken({ session_id, organisation_id, external_id }: Session, before: Session): Promise<undefined> {
    if (external_id !== null && organisation_id !== before.organisation_id)
      await this.requireFree(organisation_id, external_id, session_id)
  }

  /**
   * Saves a write. Tracks only writes that contain changes, because writes without changes do not create a new session
   * version.
   */
  #save(write: Write, readVersion: number): Promise<boolean> {
    const { session, changes } = write
    const { sessions } = this.store
    if (changes.length === 0) return sessions.save(write, readVersion)
    return this.#trackWrite(session.session_id, session.version, () =>
      session.state === 'closed' ? sessions.close(write, readVersion) : sessions.save(write, readVersion),
    )
  }

  /**
   * Replays a request's first outcome. Throws session_not_found if the session is no longer in the caller's scope,
   * because the response names the session's present owner.
   */
  #replay({ session, transitions }: IdempotencyRecord): ChangeOutcome {
    this.#requireWithin(session)
    return { session, transitions, replayed: true }
  }

  #now(): Timestamp {
    return timestamp(this.clock())
  }

  /**
   * Returns the time of a new change: now, but never before the session's last change, even if the clock was set back.
   */
  #nowFor({ updated_at }: Session): Timestamp {
    const now = this.#now()
    return now > updated_at ? now : updated_at
  }

  /** Logs the committed changes, and returns their outcome. */
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

/** Throws version_mismatch if the session's version does not meet the conditions. */
function requireVersion({ version }: Snapshot, { expected_versions, excluded_versions }: Conditions): void {
  const isExpected = !expected_versions || expected_versions.includes(version)
  const isExcluded = excluded_versions === '*' || excluded_versions?.includes(version)
  if (!isExpected || isExcluded) throw new DomainError('version_mismatch', { current_version: version })
}

/**
 * Returns 32 random bits in hex. Uses randomUUID, which is faster than randomBytes because Node.js caches its entropy.
 */
const newId = (): string => randomUUID().slice(0, 8)
const newResultId = (): string => `calc_${newId()}`
const newToken = (): string => randomBytes(24).toString('base64url')

const transitionsOf = (changes: Change[]): Transition[] => changes.map(change => change.transition)

const writeOf = (
  { principal, deadline, key }: ChangeRequest,
  { before, session, changes }: { before: Session | null; session: Session; changes: Change[] },
): Write => ({
  session,
  changes,
  principal,
  before: before && contributionOf(before),
  begin: () => deadline.beginWrite(),
  ...(key && { idempotency: key.newRecord(session, transitionsOf(changes)) }),
})
