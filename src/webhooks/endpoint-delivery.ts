import type { Logger } from 'pino'
import { newRequester } from '../concurrency/fair-queue'
import type { RecordedAttempt, Store } from '../db/store'
import { DomainError, type GapReason } from '../domain/errors'
import { type Commit, commitMatches, erasedMentor } from '../domain/session'
import { type Timestamp, timestamp } from '../domain/timestamp'
import {
  attemptsRecorded,
  currentDelivery,
  type DeliveryState,
  type EndpointStatus,
  type HeldSession,
  messagesWaiting,
  messageTypeOf,
  receives,
  retryDelay,
  type StoredEndpoint,
  statusOf,
  type WebhookEndpoint,
} from '../domain/webhook-endpoint'
import type { Feed } from '../feed/feed'
import { type FeedFilter, type FeedPosition, type FeedTransition, feedPositionOf } from '../feed/ring'
import { probe } from '../telemetry/probe'
import { endsCalculation, gapMessage, gapType, messageId, testMessage, testType, transitionMessage } from './messages'
import type { Outcome, WebhookSender } from './sender'

/** Maximum number of concurrent attempts of one endpoint. */
export const attemptsAtOnce = 8
/** Number of items that one read of the feed returns at most. */
const itemsARead = 128
/** How long commits gather before an endpoint reads them. */
const gatherMs = 20
/** How often an endpoint without news moves its cursor on, so that the history after it is not lost. */
export const idleReadMs = 30_000
/** How soon progress is saved, and how soon a failed read or save is repeated. */
const saveMs = 500
const storeRetryMs = 1_000
/** The session of messages that belong to no session. Ids of sessions are not empty. */
const noSession = ''

/** A message that has not succeeded. */
interface PendingMessage {
  id: string
  type: string
  session_id: string
  sequence: number
  mentor_id: string
  at: Timestamp
  /** The feed cursor before it. */
  before: string
  attempts: number
  /** Makes the body. Reads a calculation's result. */
  body(): string | Promise<string>
}

/** What deliveries share. */
export interface DeliveryContext {
  store: Store
  feed: Feed
  sender: WebhookSender
  log: Logger
  /** Id of this process, which holds the leases. */
  owner: string
  requiresTokens: boolean
  /** Waits before retries; those of the domain unless a test sets them. */
  retryDelaysMs?: readonly number[] | undefined
  /** Whether the leases of this process are valid now. */
  mayDeliver(): boolean
}

/** Returns the filter of the feed that an endpoint's members state. */
export const filterOf = ({ mentor_id, organisation_id }: WebhookEndpoint): FeedFilter => ({
  mentor_id: mentor_id ?? undefined,
  organisation_id: organisation_id ?? undefined,
})

const isUnavailable = (error: unknown): boolean => error instanceof DomainError && error.code === 'unavailable'

const isAfter = (a: FeedPosition, b: FeedPosition): boolean =>
  a.position > b.position || (a.position === b.position && a.skip > b.skip)

/**
 * Delivers the messages of one endpoint, while this process holds its lease. It reads the feed from the endpoint's cursor
 * on, up to `messagesWaiting` messages ahead of those that succeeded. Each session's messages go out one by one, those of
 * different sessions side by side.
 */
export class EndpointDelivery {
  #endpoint: WebhookEndpoint
  #state: DeliveryState
  /** All pending messages, in the order of the log. */
  readonly #pending = new Set<PendingMessage>()
  /** The same by session. No list is empty. */
  readonly #sessions = new Map<string, PendingMessage[]>()
  /** Sessions whose next message is due. */
  readonly #due = new Set<string>()
  readonly #retries = new Map<string, { timer: NodeJS.Timeout | undefined; at: Timestamp }>()
  readonly #inFlight = new Map<string, Promise<void>>()
  /** How far the log is read, as a cursor. */
  #readTo: string
  /** Up to this position, only messages of these sessions are pending, from these sequences on. */
  #restored: { to: FeedPosition; held: Map<string, HeldSession> } | undefined
  #reading: Promise<void> | undefined
  #readTimer: NodeJS.Timeout | undefined
  #isReadWanted = false
  #saving: Promise<void> | undefined
  #saveTimer: { timer: NodeJS.Timeout; due: number } | undefined
  #testing: Promise<void> | undefined
  #unrecorded: RecordedAttempt[] = []
  /** Whether reading waits until fewer messages are pending. */
  #isFull = false
  #isStopped = false
  /** Whether attempts are recorded that end after the stop. */
  #records = true
  /** A client can't change it. */
  readonly #filter: FeedFilter
  readonly #requester = newRequester('webhooks')

  constructor(
    stored: StoredEndpoint,
    readonly context: DeliveryContext,
  ) {
    this.#endpoint = stored.endpoint
    this.#filter = filterOf(stored.endpoint)
    this.#state = currentDelivery(stored)
    const { cursor, read_to, held } = this.#state
    this.#readTo = cursor
    const to = feedPositionOf(context.store, read_to)
    if (to) this.#restored = { to, held: new Map(held.map(session => [session.session_id, session])) }
    if (this.#isActive) this.#pushGap(this.#restored?.held.get(noSession))
    this.wake()
  }

  get status(): EndpointStatus {
    return statusOf({ endpoint: this.#endpoint, delivery: this.#current() })
  }

  get waiting(): number {
    return this.#pending.size
  }

  /** Time of the oldest pending message. */
  get oldest(): Timestamp | undefined {
    const [first] = this.#pending
    return first?.at
  }

  get #isActive(): boolean {
    return !this.#isStopped && !this.#endpoint.paused && !this.#state.isDisabled
  }

  /** Adopts a changed endpoint. Returns false if the delivery has to be stopped and begun anew for it. */
  adopt(endpoint: WebhookEndpoint): boolean {
    const { start, paused } = this.#endpoint
    if (endpoint.start.number !== start.number || endpoint.paused !== paused) return false
    this.#endpoint = endpoint
    this.#pump()
    return true
  }

  /** Reads on soon if a commit concerns the endpoint. */
  offer(commit: Commit): void {
    if (commitMatches(this.#filter, commit)) this.wake()
  }

  /** Reads on soon. */
  wake(): void {
    this.#readAfter(gatherMs)
  }

  #readAfter(ms: number): void {
    if (!this.#isActive) return
    this.#isReadWanted = true
    if (this.#reading || this.#readTimer) return
    this.#readTimer = setTimeout(() => {
      this.#readTimer = undefined
      this.#isReadWanted = false
      this.#reading = this.#read().finally(() => {
        this.#reading = undefined
        if (this.#isReadWanted) this.wake()
      })
    }, ms)
  }

  /** Reads the feed until nothing is left, or too many messages wait. */
  async #read(): Promise<void> {
    try {
      while (this.#isActive && this.#pending.size < messagesWaiting) {
        const after = this.#readTo
        const limit = Math.min(itemsARead, messagesWaiting - this.#pending.size)
        const { feed } = this.context
        const { items, next } = await feed.page(after, limit, this.#filter, () => !this.#isStopped, this.#requester)
        // Some of the items may have been erased meanwhile.
        if (this.#isStopped) return
        for (const item of items) this.#add(item)
        this.#readTo = next
        this.#endRestoring()
        this.#pump()
        if (next === after) break
        this.#saveAfter(idleReadMs)
      }
      this.#isFull = this.#pending.size >= messagesWaiting
    } catch (error) {
      await this.#readFailed(error)
    }
  }

  async #readFailed(error: unknown): Promise<void> {
    const code = error instanceof DomainError ? error.code : undefined
    if (code === 'cursor_expired') return this.#addGap('expired')
    if (code === 'invalid_cursor') return this.#addGap('unknown')
    if (!isUnavailable(error)) this.#logFailure(error, 'reading the feed for a webhook endpoint failed, retrying')
    this.#retryRead()
  }

  #retryRead(): void {
    setTimeout(() => this.wake(), storeRetryMs).unref()
  }

  #logFailure(error: unknown, message: string): void {
    this.context.log.warn({ endpoint_id: this.#endpoint.endpoint_id, err: error }, message)
  }

  /** Goes on from the present, with a message about the gap. */
  async #addGap(reason: GapReason): Promise<void> {
    const after = this.#readTo
    let next: string
    try {
      next = (await this.context.feed.page(undefined, 1)).next
    } catch {
      return this.#retryRead()
    }
    if (this.#isStopped) return
    this.#restored = undefined
    this.#readTo = next
    this.#state = { ...this.#state, gap: { after, reason, at: timestamp(new Date()) } }
    this.#pushGap()
    this.#saveAfter(0)
    this.#isReadWanted = true
  }

  /** Adds the message about the gap of the state, if there is one. */
  #pushGap(held?: HeldSession): void {
    const { gap } = this.#state
    if (!gap) return
    const { after, reason, at } = gap
    const message = {
      id: messageId(this.#endpoint.endpoint_id, `${gapType} ${after} ${at}`),
      ...{ type: gapType, session_id: noSession, sequence: 0, mentor_id: erasedMentor },
      ...{ at, before: this.#readTo, attempts: held?.attempts ?? 0 },
      body: () => gapMessage(after, reason, at),
    }
    this.#push(message, held?.next_at)
    this.#pump()
  }

  #add(item: FeedTransition): void {
    const { cursor, commit, transition } = item
    const before = this.#readTo
    this.#readTo = cursor
    if (!receives(this.#endpoint, transition)) return
    const { session_id, mentor_id } = commit
    const { sequence, at } = transition
    const held = this.#restoredHold(cursor, session_id)
    if (held && held.sequence > sequence) return
    const isSame = held?.sequence === sequence
    this.#push(
      {
        id: messageId(this.#endpoint.endpoint_id, cursor),
        type: messageTypeOf(transition.event),
        ...{ session_id, sequence, mentor_id, at, before, attempts: isSame ? held.attempts : 0 },
        body: () => this.#bodyOf(item),
      },
      isSame ? held.next_at : null,
    )
  }

  /**
   * Returns from which sequence on a session's messages are not delivered, if the delivery has read up to this cursor
   * before. Undefined if all are new.
   */
  #restoredHold(cursor: string, session_id: string): HeldSession | undefined {
    if (!this.#restored) return undefined
    const position = feedPositionOf(this.context.store, cursor)
    if (!position || isAfter(position, this.#restored.to)) {
      this.#restored = undefined
      return undefined
    }
    const delivered = { session_id, sequence: Number.POSITIVE_INFINITY, attempts: 0, next_at: null }
    return this.#restored.held.get(session_id) ?? delivered
  }

  /** Everything is new once the log is read as far as before. */
  #endRestoring(): void {
    const position = this.#restored && feedPositionOf(this.context.store, this.#readTo)
    if (position && this.#restored && !isAfter(this.#restored.to, position)) this.#restored = undefined
  }

  async #bodyOf(item: FeedTransition): Promise<string> {
    const { store, requiresTokens } = this.context
    const { transition, commit } = item
    const { result_id, to } = transition
    const hasResult = endsCalculation(transition) && to === 'loaded' && result_id !== null
    const result = hasResult ? await store.result(commit.session_id, result_id) : null
    return transitionMessage(item, requiresTokens, result)
  }

  #push(message: PendingMessage, next_at: Timestamp | null = null): void {
    const { session_id } = message
    this.#pending.add(message)
    const waiting = this.#sessions.get(session_id)
    if (waiting) {
      waiting.push(message)
      return
    }
    this.#sessions.set(session_id, [message])
    if (next_at === null) this.#due.add(session_id)
    else this.#retryAt(session_id, next_at)
  }

  #retryAt(session_id: string, at: Timestamp): void {
    const retry = (): void => {
      this.#retries.delete(session_id)
      this.#due.add(session_id)
      this.#pump()
    }
    const ms = Math.max(0, Date.parse(at) - Date.now())
    // An attempt may end after the stop. Its retry is only saved.
    this.#retries.set(session_id, { timer: this.#isStopped ? undefined : setTimeout(retry, ms), at })
  }

  /** Begins the attempts that are due, and the tests. */
  #pump(): void {
    for (const session_id of this.#due) {
      if (!this.#isActive || this.#inFlight.size >= attemptsAtOnce || !this.context.mayDeliver()) break
      // The attempt before is about to end, and pumps then.
      if (this.#inFlight.has(session_id)) continue
      this.#due.delete(session_id)
      const attempt = this.#attempt(session_id).finally(() => {
        this.#inFlight.delete(session_id)
        this.#pump()
      })
      this.#inFlight.set(session_id, attempt)
    }
    if (this.#isActive && this.#state.tests < this.#endpoint.tests && !this.#testing) {
      this.#testing = this.#sendTests().finally(() => {
        this.#testing = undefined
      })
    }
  }

  /** Makes an attempt to deliver the next message of a session. */
  async #attempt(session_id: string): Promise<void> {
    const [message] = this.#sessions.get(session_id) ?? []
    if (!message) return
    let body: string
    try {
      body = await message.body()
    } catch (error) {
      if (!isUnavailable(error)) this.#logFailure(error, 'reading the result for a webhook failed, retrying')
      return this.#retryAt(session_id, timestamp(new Date(Date.now() + storeRetryMs)))
    }
    // The lease may have ended, or the session may have been erased, while the body was read.
    if (!this.#isActive || !this.context.mayDeliver()) return void this.#due.add(session_id)
    const began = new Date()
    const outcome = await this.context.sender.send(this.#endpoint, { id: message.id, body })
    const next_at = outcome.error === null ? this.#succeeded(message) : this.#failed(message, outcome)
    const attempt = outcome.error === null ? message.attempts + 1 : message.attempts
    this.#record(message, attempt, began, outcome, next_at)
    this.#saveAfter(outcome.error === null ? saveMs : 0)
  }

  #succeeded(message: PendingMessage): null {
    const { session_id, sequence } = message
    const waiting = this.#sessions.get(session_id) ?? []
    waiting.shift()
    this.#pending.delete(message)
    if (waiting.length > 0) this.#due.add(session_id)
    else this.#sessions.delete(session_id)
    this.#restored?.held.set(session_id, { session_id, sequence: sequence + 1, attempts: 0, next_at: null })
    const { gap } = this.#state
    this.#state = {
      ...this.#state,
      gap: message.type === gapType ? null : gap,
      last_success_at: timestamp(new Date()),
    }
    if (this.#isFull) this.wake()
    this.#isFull = false
    return null
  }

  /** Returns the time of the next attempt, or null if the endpoint is disabled now. */
  #failed(message: PendingMessage, { status, error, retryAfterMs }: Outcome): Timestamp | null {
    message.attempts++
    const at = timestamp(new Date())
    this.#state = { ...this.#state, last_failure: error && { at, status, error } }
    const { retryDelaysMs } = this.context
    const delay = status === 410 ? undefined : retryDelay(message.attempts, retryAfterMs, Math.random(), retryDelaysMs)
    if (delay === undefined) {
      this.#state = { ...this.#state, isDisabled: true }
      const { endpoint_id } = this.#endpoint
      this.context.log.warn({ endpoint_id, status, error, attempts: message.attempts }, 'webhook endpoint disabled')
      return null
    }
    const next_at = timestamp(new Date(Date.now() + delay))
    this.#retryAt(message.session_id, next_at)
    return next_at
  }

  #record(
    {
      id,
      type,
      session_id,
      sequence,
      mentor_id,
    }: Pick<PendingMessage, 'id' | 'type' | 'session_id' | 'sequence' | 'mentor_id'>,
    attempt: number,
    began: Date,
    { status, error }: Outcome,
    next_attempt_at: Timestamp | null,
  ): void {
    probe?.webhookAttempted(error ?? 'succeeded')
    const isOfSession = session_id !== noSession
    this.#state = { ...this.#state, attempts: this.#state.attempts + 1 }
    if (!this.#records) return
    this.#unrecorded.push({
      number: this.#state.attempts,
      mentor_id,
      message_id: id,
      type,
      session_id: isOfSession ? session_id : null,
      sequence: isOfSession ? sequence : null,
      attempt,
      at: timestamp(began),
      duration_ms: Date.now() - began.getTime(),
      status,
      error,
      next_attempt_at,
    })
    if (this.#unrecorded.length > attemptsRecorded) this.#unrecorded.shift()
  }

  /** Sends each requested test message once. */
  async #sendTests(): Promise<void> {
    const { endpoint_id } = this.#endpoint
    while (this.#isActive && this.#state.tests < this.#endpoint.tests && this.context.mayDeliver()) {
      const tests = this.#state.tests + 1
      const began = new Date()
      const id = messageId(endpoint_id, `${testType} ${tests}`)
      const body = testMessage(endpoint_id, timestamp(began))
      const outcome = await this.context.sender.send(this.#endpoint, { id, body })
      this.#state = { ...this.#state, tests }
      const { status, error } = outcome
      const at = timestamp(new Date())
      this.#state = error
        ? { ...this.#state, last_failure: { at, status, error } }
        : { ...this.#state, last_success_at: at }
      const message = { id, type: testType, session_id: noSession, sequence: 0, mentor_id: erasedMentor }
      this.#record(message, 1, began, outcome, null)
      this.#saveAfter(0)
    }
  }

  /** Returns the state to save. */
  #current(): DeliveryState {
    const [oldest] = this.#pending
    const held = new Map(this.#restored?.held)
    for (const [session_id, [next]] of this.#sessions) {
      if (!next) continue
      const { sequence, attempts } = next
      held.set(session_id, { session_id, sequence, attempts, next_at: this.#retries.get(session_id)?.at ?? null })
    }
    return {
      ...this.#state,
      cursor: oldest ? oldest.before : this.#readTo,
      read_to: this.#restored ? this.#state.read_to : this.#readTo,
      held: [...held.values()],
      pending: this.#restored ? Math.max(this.#pending.size, this.#state.pending) : this.#pending.size,
    }
  }

  /** Saves after a while, or sooner if that was asked for before. */
  #saveAfter(ms: number): void {
    const due = performance.now() + ms
    if (this.#saveTimer && this.#saveTimer.due <= due) return
    clearTimeout(this.#saveTimer?.timer)
    const save = (): void => {
      this.#saveTimer = undefined
      this.#save()
    }
    this.#saveTimer = { timer: setTimeout(save, ms), due }
  }

  /** Saves the state. Without a lease it changes nothing. */
  async #save(): Promise<void> {
    await this.#saving
    this.#saving = this.#saveOnce().finally(() => {
      this.#saving = undefined
    })
    return this.#saving
  }

  async #saveOnce(): Promise<void> {
    const { store, owner } = this.context
    const attempts = this.#unrecorded
    this.#unrecorded = []
    try {
      await store.saveDelivery(owner, this.#endpoint.endpoint_id, this.#current(), attempts)
    } catch (error) {
      this.#unrecorded = [...attempts, ...this.#unrecorded].slice(-attemptsRecorded)
      if (!isUnavailable(error)) this.#logFailure(error, 'saving the delivery of a webhook failed, retrying')
      if (!this.#isStopped) this.#saveAfter(storeRetryMs)
    }
  }

  /**
   * Begins nothing new, waits for the attempts under way, and saves. With `erased`, attempts that end now are not
   * recorded, because their sessions may be erased. With `lapsed`, nothing is saved: another process may have gone on.
   */
  async stop(why?: 'erased' | 'lapsed'): Promise<void> {
    this.#isStopped = true
    this.#records = why === undefined
    clearTimeout(this.#readTimer)
    for (const { timer } of this.#retries.values()) clearTimeout(timer)
    await Promise.all([...this.#inFlight.values(), this.#testing])
    clearTimeout(this.#saveTimer?.timer)
    if (why !== 'lapsed') await this.#save()
  }
}
