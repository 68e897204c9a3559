import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Filter, ListPosition, Page, Store } from '../db/store'
import { type Calculator, calculate, type Inputs, inputsSchema, type Outputs } from '../domain/calculator'
import { parseCommand, startSchema } from '../domain/command'
import { close, decide, type Means, start } from '../domain/decide'
import { DomainError, valid } from '../domain/errors'
import type { KeptAnswer } from '../domain/kept'
import {
  type Change,
  currentShare,
  evolve,
  isLive,
  type Result,
  type Session,
  type Share,
  type Snapshot,
  type Timestamp,
  type Transition,
  timestamp,
} from '../domain/session'
import { type Summary, summaryOf, summarySince } from '../domain/summary'
import { Deadline } from '../time/deadline'
import { digest } from './digest'
import { Lanes } from './lanes'
import { SharedReads } from './shared-reads'

export type { Filter, ListPosition }

const attempts = 5

/** What a caller may state beside the change itself. */
export interface Conditions {
  /** The versions on one of which alone the change may be made; any where it is missing. */
  expected_versions?: number[] | undefined
  /** The versions on which the change may not be made; `*` stands for all. */
  excluded_versions?: number[] | '*' | undefined
  /** Repeats of the request under this key get the first answer again. */
  idempotency_key?: string | undefined
  /** For the log. */
  request_id?: string | undefined
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
}

/** The use cases, once for every door. They throw DomainError and nothing else that a client may see. */
export class Sessions {
  readonly #lanes = new Lanes()
  readonly #inFlight = new Set<string>()
  readonly #reads = new SharedReads()

  constructor(
    readonly store: Store,
    readonly log: Logger,
    readonly calculator: Calculator = calculate,
    readonly clock: () => Date = () => new Date(),
  ) {}

  #now(): Timestamp {
    return timestamp(this.clock())
  }

  /** Starts a session for whom `body` names (startSchema). */
  start(body: unknown, conditions: Conditions = {}): Promise<Answer> {
    return this.#timely(conditions, deadline =>
      this.#once(null, body, conditions, async (keep, earlier) => {
        for (let attempt = 0; attempt < attempts; attempt++) {
          const answered = await earlier()
          if (answered) return answered
          const who = valid(startSchema, body)
          const { session, changes } = start(who, `session_${randomBytes(4).toString('hex')}`, this.#now())
          const answer = { session, transitions: changes.map(change => change.transition), replayed: false }
          deadline.check()
          if (await this.store.add({ session, changes, wanted: () => !deadline.over, ...keep(answer) })) {
            this.#report(session, changes, conditions)
            return answer
          }
        }
        throw new DomainError('unavailable')
      }),
    )
  }

  /** Dispatches the event that `body` states (parseCommand) to a session. */
  dispatch(session_id: string, body: unknown, conditions: Conditions = {}): Promise<Answer> {
    return this.#timely(conditions, deadline =>
      this.#once(session_id, body, conditions, (keep, earlier) =>
        this.#change(session_id, conditions, deadline, earlier, async (session, now) => {
          const changes = decide(session, parseCommand(body), this.#means(now))
          const after = changes.reduce(evolve, session)
          const answer = { session: after, transitions: changes.map(change => change.transition), replayed: false }
          const kept = keep(answer)
          if (changes.length === 0 && !kept) return answer
          const write = { session: after, changes, wanted: () => !deadline.over, ...kept }
          if (!(await this.store.save(write, session.version))) return undefined
          this.#report(after, changes, conditions)
          return answer
        }),
      ),
    )
  }

  /** Closes a session for good: it and its results and shares are gone. */
  async close(session_id: string, conditions: Conditions = {}): Promise<void> {
    await this.#timely(conditions, deadline =>
      this.#change(session_id, conditions, deadline, nothing, async (session, now) => {
        const changes = close(session, now)
        const after = changes.reduce(evolve, session)
        const write = { session: after, changes, wanted: () => !deadline.over }
        if (!(await this.store.close(write, session.version))) return undefined
        this.#report(after, changes, conditions)
        return null
      }),
    )
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

  /**
   * Loads the session, checks its version, and makes the change; loads again and decides anew where another process was
   * faster (`change` gives undefined). An answer that was given `earlier` goes before all: asked for after each load, it
   * cannot be missed when another process served the same request and so moved the session on.
   */
  #change<T>(
    session_id: string,
    { expected_versions: expected, excluded_versions: excluded }: Conditions,
    deadline: Deadline,
    earlier: () => Promise<T | undefined>,
    change: (session: Session, now: Timestamp) => Promise<T | undefined>,
  ): Promise<T> {
    return this.#lanes.take(session_id, deadline, async () => {
      for (let attempt = 1; ; attempt++) {
        const session = await this.get(session_id)
        const answered = await earlier()
        if (answered !== undefined) return answered
        deadline.check()
        const { version } = session
        if ((expected && !expected.includes(version)) || excluded === '*' || excluded?.includes(version)) {
          throw new DomainError('version_mismatch', { current_version: version })
        }
        const changed = await change(session, later(this.#now(), session.updated_at))
        if (changed !== undefined) return changed
        if (attempt === attempts) throw new DomainError('unavailable')
        await wait(Math.random() * 20 * 2 ** attempt)
      }
    })
  }

  /** Does work that asks for the answer of an earlier request under the same key, and keeps its own. */
  async #once(
    session_id: string | null,
    body: unknown,
    { idempotency_key: key }: Conditions,
    work: (
      keep: (answer: Answer) => { kept: KeptAnswer } | undefined,
      earlier: () => Promise<Answer | undefined>,
    ) => Promise<Answer>,
  ): Promise<Answer> {
    if (key === undefined) return work(() => undefined, nothing)
    if (key.length < 1 || key.length > 255) {
      const detail = 'must have 1 to 255 characters'
      throw new DomainError('invalid_request', { errors: [{ detail, header: 'Idempotency-Key' }] })
    }
    const request = digest(body)
    const place = JSON.stringify([session_id, key])
    if (this.#inFlight.has(place)) throw new DomainError('request_in_flight')
    this.#inFlight.add(place)
    try {
      return await work(
        ({ session, transitions }) => {
          return { kept: { key, request, at: this.#now(), session: snapshot(session), transitions } }
        },
        async () => {
          const kept = await this.store.kept(session_id, key, this.#now())
          return kept ? replay(kept, request) : undefined
        },
      )
    } finally {
      this.#inFlight.delete(place)
    }
  }

  #means(now: Timestamp): Means {
    return {
      now,
      calculate: this.calculator,
      newResultId: () => `calc_${randomBytes(4).toString('hex')}`,
      newToken: () => randomBytes(24).toString('base64url'),
    }
  }

  #report({ session_id }: Session, changes: Change[], { request_id }: Conditions): void {
    for (const { transition, failure } of changes) {
      const { event, from, to, sequence } = transition
      this.log.info({ request_id, session_id, event, from, to, sequence }, 'transition')
      if (failure) this.log.error({ request_id, session_id, err: failure }, 'the calculator failed')
    }
  }

  find(session_id: string): Promise<Session | null> {
    return this.store.read(session_id)
  }

  async get(session_id: string): Promise<Session> {
    const session = await this.find(session_id)
    if (!session) throw new DomainError('session_not_found')
    return session
  }

  list(filter: Filter, page: Page): Promise<Snapshot[]> {
    return this.#reads.get(`list ${keyOf(filter)} ${JSON.stringify(page)}`, () => this.store.list(filter, page))
  }

  count(filter: Filter): Promise<number> {
    return this.#reads.get(`count ${keyOf(filter)}`, () => this.store.count(filter))
  }

  /** What the sessions under a filter come to. */
  summary(filter: Filter): Promise<Summary> {
    return this.#reads.get(`summary ${keyOf(filter)}`, async () => {
      const now = this.#now()
      return summaryOf(await this.store.totals(filter, summarySince(now)), now)
    })
  }

  /** The transitions after the sequence `after`, which may not be beyond the session's version. */
  async transitions(session_id: string, after: number, limit: number): Promise<Transition[]> {
    const found = await this.#reads.get(`transitions ${after} ${limit} ${session_id}`, () =>
      this.store.transitions(session_id, after, limit),
    )
    if (!found || (found.length === 0 && after > 0)) await this.getFrom(session_id, after)
    return found ?? []
  }

  /** The session, if it has come as far as the sequence `after`. */
  async getFrom(session_id: string, after: number | undefined): Promise<Session> {
    const session = await this.get(session_id)
    if (after === undefined || after <= session.version) return session
    const detail = `must be at most the session's version, ${session.version}`
    throw new DomainError('invalid_query', { errors: [{ detail, parameter: 'after' }] })
  }

  /** Newest first; empty when there is no such session. */
  results(session_id: string): Promise<Result[]> {
    return this.#reads.get(`results ${session_id}`, () => this.store.results(session_id))
  }

  findResult(session_id: string, result_id: string): Promise<Result | null> {
    return this.#reads.get(`result ${JSON.stringify([session_id, result_id])}`, () =>
      this.store.result(session_id, result_id),
    )
  }

  async result(session_id: string, result_id: string): Promise<Result> {
    const found = await this.findResult(session_id, result_id)
    if (found) return found
    await this.get(session_id)
    throw new DomainError('result_not_found')
  }

  /** The live share of a session's current result; null where there is none, or no such session. */
  async findShare(session_id: string): Promise<Share | null> {
    const session = await this.#reads.get(`session ${session_id}`, () => this.find(session_id))
    return session && this.liveShare(session)
  }

  liveShare(session: Session): Share | null {
    return currentShare(session, this.#now()) ?? null
  }

  /** What a share's token shows, without naming whose it is. */
  async sharedResult(token: string): Promise<SharedResult> {
    const found = await this.store.shared(token)
    if (!found) throw new DomainError('share_not_found')
    if (!isLive(found.share, this.#now())) throw new DomainError('share_gone')
    const { result_id: _, ...result } = found.result
    return { ...result, expires_at: found.share.expires_at }
  }

  /** What the calculator gives for these inputs (inputsSchema). Nothing is stored. */
  calculate(inputs: unknown): Outputs {
    return this.calculator(valid(inputsSchema, inputs) as Inputs)
  }
}

const nothing = async (): Promise<undefined> => undefined

const keyOf = ({ mentor_id, organisation_id, state }: Filter): string =>
  JSON.stringify([mentor_id, organisation_id, state])

/** A clock that was set back does not turn a session's time back. */
const later = (a: Timestamp, b: Timestamp): Timestamp => (a > b ? a : b)

function snapshot(session: Snapshot): Snapshot {
  const { session_id, mentor_id, organisation_id, state, last_event, result_id, created_at, updated_at, version } =
    session
  return { session_id, mentor_id, organisation_id, state, last_event, result_id, created_at, updated_at, version }
}

function replay({ request, session, transitions }: KeptAnswer, repeated: string): Answer {
  if (request !== repeated) throw new DomainError('idempotency_key_reused')
  return { session, transitions, replayed: true }
}
