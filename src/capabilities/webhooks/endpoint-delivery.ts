import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { newRequester, type Requester } from '../../concurrency/fair-queue'
import type { Store } from '../../db/store'
import { type Commit, commitMatches } from '../../domain/commit'
import { erasedMentor } from '../../domain/erasure'
import { type GapReason, isDomainError } from '../../domain/errors'
import { type Timestamp, timestamp } from '../../domain/timestamp'
import type { Feed } from '../../feed/feed'
import { type FeedFilter, type FeedPosition, type FeedTransition, feedPositionOf } from '../../feed/ring'
import {
  endsCalculation,
  feedFilterOf,
  gapMessage,
  gapType,
  messageId,
  testMessage,
  testType,
  transitionMessage,
} from './messages'
import {
  askedAtMostMs,
  attemptsRecorded,
  currentDelivery,
  currentHeld,
  type DeliveryState,
  type EndpointStatus,
  messageTypeOf,
  retryDelay,
  type StoredDelivery,
  statusOf,
  type WebhookEndpoint,
} from './model'
import {
  noSession,
  type PendingMessage,
  PendingMessages,
  type PendingSession,
  type WaitingMessages,
} from './pending-messages'
import type { Outcome, WebhookSender } from './sender'
import type { RecordedAttempt } from './store'

/** Maximum number of concurrent delivery attempts to one endpoint. */
export const attemptsAtOnce = 8
/** Without early retries, one every `tickMs`, a recovered receiver would wait up to a day for its messages. */
export const earlyOfSuccess = 10
/** Maximum number of items that one read of the feed returns. */
const itemsPerRead = 128
/** Delay in ms between a commit and the read that it triggers, so that one read can return several commits. */
const gatherMs = 20
/** Delay in ms before a failed read is repeated. */
const readAgainMs = 1_000
/** Interval in ms at which an endpoint without new messages advances its cursor, so that the cursor does not expire. */
const idleReadMs = 30_000
/** Delay in ms before the server repeats an attempt that could not be started, or whose outcome is unknown. */
const retrySoonMs = 1_000
/** Time in ms for which attempts reuse looked-up addresses. Bursts would exceed name servers' rate limits. */
export const addressesMs = 1_000

/** Dependencies and limits that all webhook deliveries of a process share. */
export interface DeliveryContext {
  store: Store
  feed: Feed
  sender: WebhookSender
  log: Logger
  /** Id under which this process has endpoint leases. */
  holder: string
  requiresTokens: boolean
  /** Delays in ms before a message's retries. Only tests set them. */
  retryDelaysMs?: readonly number[] | undefined
  /** Called at the end of each delivery attempt, with `succeeded` or the attempt's error. */
  onAttempt(outcome: string): void
  waiting: WaitingMessages
  /** Whether this process still holds its leases. */
  mayDeliver(): boolean
  /** Calls the delivery's `attempt` once, when the endpoint's turn comes. */
  requestTurn(delivery: EndpointDelivery): void
}

interface Sent {
  began: Date
  /** Start of the attempt, by performance.now(). */
  beganAt: number
  outcome: Outcome
}

interface Attempted extends Sent {
  /** Number of this attempt to deliver the message, starting at 1. */
  attempt: number
  next_attempt_at: Timestamp | null
}

/** Sessions were erased, this process has lost its leases, or it gives the endpoint to another process. */
export type StopReason = 'erased' | 'lapsed' | 'surplus'

const isAfter = (a: FeedPosition, b: FeedPosition): boolean =>
  a.position > b.position || (a.position === b.position && a.skip > b.skip)

/** Throws all other errors again. */
function gapOrThrow(error: unknown): GapReason {
  if (isDomainError(error, 'cursor_expired')) return 'expired'
  if (isDomainError(error, 'invalid_cursor')) return 'unknown'
  throw error
}

/**
 * Reads the feed ahead of the delivery, starting at the endpoint's cursor. Sends messages about the same session one at
 * a time, and messages about different sessions concurrently.
 */
export class EndpointDelivery {
  endpoint: WebhookEndpoint
  readonly requester: Requester
  #filter: FeedFilter
  /** The state without the positions, which `#current` adds. */
  #state: DeliveryState
  readonly #pending: PendingMessages
  /** Cursor up to which the feed has been read. */
  #readTo: string
  /** How far the feed was read before the takeover. Until then, messages that were not held have been delivered. */
  #heldTo: FeedPosition | undefined
  #isWoken = false
  #reading: Promise<void> | undefined
  #readAt = performance.now()
  /** Whether reading is paused because too many messages wait for delivery. */
  #isFull = false
  /** Addresses of the endpoint's host, and the time by performance.now() until which further attempts can use them. */
  #found: { addresses: string[]; until: number } | undefined
  #isLookingUp = false
  readonly #attempts = new Set<Promise<void>>()
  #testing: Promise<void> | undefined
  /** Start of the latest successful attempt, and the number of early retries that are still allowed after it. */
  #success = { beganAt: Number.NEGATIVE_INFINITY, earlyLeft: 0 }
  #saving: Promise<void> = Promise.resolve()
  #isChanged = false
  /** The held sessions in the store as JSON, by session id. Empty texts are unknown, because a save has failed. */
  #stored: Map<string, string>
  #unrecorded: RecordedAttempt[] = []
  /** Whether attempts that end after `stop` was called are still recorded. */
  #records = true
  /** Aborted by `stop`. Once the signal is aborted, attempts wait only briefly for a response. */
  readonly #ending = new AbortController()

  constructor(
    stored: StoredDelivery,
    readonly context: DeliveryContext,
  ) {
    this.endpoint = stored.endpoint
    this.requester = newRequester(`webhooks ${stored.endpoint.organisation_id ?? ''}`)
    this.#filter = feedFilterOf(stored.endpoint)
    this.#state = currentDelivery(stored)
    this.#readTo = this.#state.cursor
    this.#heldTo = feedPositionOf(context.store, this.#state.read_to)
    this.#pending = new PendingMessages(this.#heldTo ? currentHeld(stored) : [])
    this.#stored = new Map(stored.held.map(one => [one.session_id, JSON.stringify(one)]))
    if (this.isActive) this.#pushGap()
    this.wake()
  }

  get status(): EndpointStatus {
    const { isRetrying } = this.#pending
    return statusOf({ endpoint: this.endpoint, delivery: { ...this.#state, isRetrying } })
  }

  get waiting(): number {
    return this.#pending.size
  }

  get oldest(): Timestamp | undefined {
    return this.#pending.oldest?.at
  }

  get #isStopped(): boolean {
    return this.#ending.signal.aborted
  }

  get isActive(): boolean {
    return !this.#isStopped && !this.endpoint.paused && !this.#state.isDisabled
  }

  /** Returns false if the change requires the caller to restart the delivery. */
  adopt(endpoint: WebhookEndpoint): boolean {
    const { start, paused, url } = this.endpoint
    if (endpoint.start.number !== start.number || endpoint.paused !== paused) return false
    this.endpoint = endpoint
    this.#filter = feedFilterOf(endpoint)
    if (endpoint.url !== url) this.#found = undefined
    this.#pump()
    return true
  }

  /** Makes retries due. Called every `tickMs`. */
  tick(now: Timestamp): void {
    if (!this.isActive) return
    if (performance.now() > this.#readAt + idleReadMs) this.wake()
    this.#pending.makeDue(now)
    const { beganAt, earlyLeft } = this.#success
    if (earlyLeft > 0 && this.#pending.makeEarlyDue(beganAt)) this.#success.earlyLeft--
    this.#pump()
  }

  // Reading

  /** Schedules a read of the feed if the commit matches the endpoint's filter. */
  offer(commit: Commit): void {
    if (commitMatches(this.#filter, commit)) this.wake()
  }

  wake(): void {
    this.#isWoken = true
    if (this.isActive) this.#reading ??= this.#read()
  }

  /** Reads the feed to its end, or until too many messages wait for delivery. Reads again if `wake` is called meanwhile. */
  async #read(): Promise<void> {
    while (this.#isWoken && this.isActive) {
      await this.#pause(gatherMs)
      this.#isWoken = false
      try {
        while (this.isActive && (await this.#readPage()));
      } catch (error) {
        this.#logFailure(error, 'reading the feed for a webhook endpoint failed, retrying')
        this.#isWoken = true
        await this.#pause(readAgainMs)
      }
    }
    this.#reading = undefined
  }

  #pause(ms: number): Promise<void> {
    return wait(ms, undefined, { signal: this.#ending.signal }).catch(() => {})
  }

  /** Reads a page of the feed. Returns whether to read the next one. */
  async #readPage(): Promise<boolean> {
    const { feed, waiting } = this.context
    const { principal } = this.requester
    const limit = Math.min(itemsPerRead, waiting.roomFor(principal, this.#pending.size))
    this.#readAt = performance.now()
    this.#isFull = limit <= 0
    if (this.#isFull) return false
    const after = this.#readTo
    const { signal } = this.#ending
    // Until the read ends, `limit` messages count as waiting, to reserve room for the items.
    waiting.add(principal, limit)
    const read = feed.page({ after, limit, filter: this.#filter, signal, requester: this.requester })
    const page = await read.catch(gapOrThrow).finally(() => waiting.add(principal, -limit))
    if (typeof page === 'string') {
      const { next } = await feed.page({ limit: 1 })
      if (this.isActive) this.#lost(page, next)
      return true
    }
    // If the delivery has stopped, discard the items, because some of them may have been erased in the meantime.
    if (!this.isActive) return false
    for (const item of page.items) this.#take(item)
    this.#readTo = page.next
    this.#endRestoring()
    this.#pump()
    if (page.next === after) return false
    this.#isChanged = true
    return true
  }

  #take(item: FeedTransition): void {
    const before = this.#readTo
    const { cursor, commit, transition } = item
    this.#readTo = cursor
    // Skip transitions into `loading`, because a session is in this state only during a write.
    if (transition.to === 'loading') return
    const { session_id, mentor_id } = commit
    const { sequence, at } = transition
    const wasRead = this.#wasRead(cursor)
    if (wasRead && !this.#pending.holds(session_id, sequence)) return
    const message = {
      id: messageId(this.endpoint.endpoint_id, cursor),
      ...{ type: messageTypeOf(transition.event), session_id, sequence, mentor_id, at, before, cursor },
      body: () => this.#bodyOf(item),
    }
    this.#push(message, wasRead)
  }

  /** Whether the feed had been read up to this cursor before this process took over. */
  #wasRead(cursor: string): boolean {
    const position = feedPositionOf(this.context.store, cursor)
    return this.#heldTo !== undefined && position !== undefined && !isAfter(position, this.#heldTo)
  }

  #push(message: PendingMessage, isHeld: boolean): void {
    this.#pending.push(message, isHeld)
    this.context.waiting.add(this.requester.principal, 1)
  }

  async #bodyOf(item: FeedTransition): Promise<string> {
    const { store, requiresTokens } = this.context
    const { transition, commit } = item
    const { result_id, to } = transition
    const hasResult = endsCalculation(transition) && to === 'loaded' && result_id !== null
    const result = hasResult ? await store.sessions.result(commit.session_id, result_id) : null
    return transitionMessage(item, requiresTokens, result)
  }

  #endRestoring(): void {
    const position = this.#heldTo && feedPositionOf(this.context.store, this.#readTo)
    if (!this.#heldTo || !position || isAfter(this.#heldTo, position)) return
    this.#heldTo = undefined
    this.#pending.endRestoring()
  }

  /** Continues at the current end of the feed, `next`, because the feed no longer contains what follows `#readTo`. */
  #lost(reason: GapReason, next: string): void {
    const gap = { after: this.#readTo, reason, at: timestamp(new Date()) }
    this.#heldTo = undefined
    this.#pending.endRestoring()
    this.#readTo = next
    this.#state = { ...this.#state, gap }
    this.#isChanged = true
    this.#pushGap()
  }

  /** Adds a message about a gap in the feed, if the gap has not been reported yet. */
  #pushGap(): void {
    const { gap } = this.#state
    if (!gap) return
    const { after, reason, at } = gap
    const message = {
      id: messageId(this.endpoint.endpoint_id, `${gapType} ${after} ${at}`),
      ...{ type: gapType, session_id: noSession, sequence: 0, mentor_id: erasedMentor },
      ...{ at, before: this.#readTo, cursor: null },
      body: () => gapMessage(after, reason, at),
    }
    this.#push(message, this.#pending.holds(noSession, 0))
    this.#pump()
  }

  // Attempts

  get #owesTest(): boolean {
    return this.#state.tests < this.endpoint.tests && !this.#testing
  }

  get #isDue(): boolean {
    return this.isActive && (this.#owesTest || (this.#pending.hasDue && this.#attempts.size < attemptsAtOnce))
  }

  /** Requests a turn if an attempt is due. Looks up the host name first, so that no turn waits for a name server. */
  #pump(): void {
    if (!this.#isDue) return
    if (this.#found && performance.now() < this.#found.until) this.context.requestTurn(this)
    else if (!this.#isLookingUp) void this.#lookUp()
  }

  async #lookUp(): Promise<void> {
    const { url } = this.endpoint
    this.#isLookingUp = true
    const addresses = await this.context.sender.find(url)
    this.#isLookingUp = false
    if (url !== this.endpoint.url) return this.#pump()
    this.#found = { addresses, until: performance.now() + addressesMs }
    this.#pump()
  }

  /** Makes the attempt that is due next, if there is one. Never rejects. */
  async attempt(): Promise<void> {
    if (!this.#isDue || !this.#found || !this.context.mayDeliver()) return
    const { addresses } = this.#found
    const isTest = this.#owesTest
    const attempting = isTest ? this.#attemptTest(addresses) : this.#attemptNext(addresses)
    if (isTest) this.#testing = attempting
    else this.#attempts.add(attempting)
    this.#pump()
    await attempting
    if (isTest) this.#testing = undefined
    else this.#attempts.delete(attempting)
    this.#pump()
  }

  /** Attempts to deliver the first message of the session whose message is due next. */
  async #attemptNext(addresses: string[]): Promise<void> {
    const session = this.#pending.next()
    const [message] = session?.messages ?? []
    if (!session || !message) return
    // The attempt is an early retry if the session's scheduled retry is not due yet.
    const isEarly = session.next_at !== null
    const sent = await this.#send(message, addresses)
    if (!sent) return this.#retrySoon(session, isEarly)
    this.#pending.attempted(session)
    const attempt = session.attempts + session.earlyAttempts + 1
    const isSuccess = sent.outcome.error === null
    const next_attempt_at = isSuccess ? this.#succeeded(session, message) : this.#failed(session, sent.outcome, isEarly)
    this.#record(message, { ...sent, attempt, next_attempt_at })
  }

  /** Sends a test message, without retries. */
  async #attemptTest(addresses: string[]): Promise<void> {
    const { endpoint_id } = this.endpoint
    const tests = this.#state.tests + 1
    const message = {
      id: messageId(endpoint_id, `${testType} ${tests}`),
      ...{ type: testType, session_id: noSession, sequence: 0, mentor_id: erasedMentor, cursor: null },
      body: () => testMessage(endpoint_id, timestamp(new Date())),
    }
    const sent = await this.#send(message, addresses)
    if (!sent) return
    this.#state = { ...this.#state, tests }
    this.#record(message, { ...sent, attempt: 1, next_attempt_at: null })
  }

  /** Returns undefined if the attempt was not made, or if its outcome is unknown. */
  async #send({ id, body }: Pick<PendingMessage, 'id' | 'body'>, addresses: string[]): Promise<Sent | undefined> {
    const { endpoint, context } = this
    let text: string
    try {
      text = await body()
    } catch (error) {
      this.#logFailure(error, 'reading the result for a webhook failed, retrying')
      return undefined
    }
    // Meanwhile, the lease may have expired, or the session may have been erased.
    if (!this.isActive || !context.mayDeliver()) return undefined
    const [began, beganAt] = [new Date(), performance.now()]
    const { signal } = this.#ending
    const outcome = await context.sender.send(endpoint, { id, body: text }, { addresses, signal })
    return outcome && { began, beganAt, outcome }
  }

  /**
   * Schedules a retry soon after an attempt that was not made or whose outcome is unknown. Such an attempt does not
   * count as a failure. After an early retry, the message waits for its scheduled retry instead.
   */
  #retrySoon(session: PendingSession, isEarly: boolean): void {
    if (isEarly) session.isSending = false
    else this.#pending.retry(session, timestamp(new Date(Date.now() + retrySoonMs)))
  }

  #succeeded(session: PendingSession, { type }: PendingMessage): null {
    this.#pending.delivered(session)
    if (!this.#isStopped) this.context.waiting.add(this.requester.principal, -1)
    if (type === gapType) this.#state = { ...this.#state, gap: null }
    if (this.#isFull) this.wake()
    return null
  }

  /** Returns the time of the next attempt, or null if the failure has disabled the endpoint. */
  #failed(session: PendingSession, { status, error, retryAfterMs }: Outcome, isEarly: boolean): Timestamp | null {
    session.isSending = false
    if (isEarly) session.earlyAttempts++
    else session.attempts++
    const next_at = status === 410 ? undefined : this.#retryLater(session, retryAfterMs, isEarly)
    if (next_at !== undefined) return next_at
    this.#state = { ...this.#state, isDisabled: true }
    const { endpoint_id } = this.endpoint
    this.context.log.warn({ endpoint_id, status, error, attempts: session.attempts }, 'webhook endpoint disabled')
    return null
  }

  /** Returns the time of the next attempt, or undefined if no retries are left. */
  #retryLater(session: PendingSession, askedMs: number, isEarly: boolean): Timestamp | undefined {
    const now = Date.now()
    const scheduled = session.next_at ?? timestamp(new Date(now))
    // A failed early retry does not change the scheduled time, unless the receiver requests a delay.
    if (isEarly && askedMs === 0) return scheduled
    const delay = isEarly
      ? Math.max(Date.parse(scheduled) - now, Math.min(askedMs, askedAtMostMs))
      : retryDelay({
          attempts: session.attempts,
          askedMs,
          random: Math.random(),
          delays: this.context.retryDelaysMs,
        })
    if (delay === undefined) return undefined
    const next_at = timestamp(new Date(now + delay))
    this.#pending.retry(session, next_at, askedMs > 0)
    return next_at
  }

  #record(message: Omit<PendingMessage, 'at' | 'before' | 'body'>, attempted: Attempted): void {
    const { began, beganAt, outcome, attempt, next_attempt_at } = attempted
    const { id, type, session_id, sequence, mentor_id, cursor } = message
    const { status, error } = outcome
    const at = timestamp(new Date())
    const last = error === null ? { last_success_at: at } : { last_failure: { at, status, error } }
    if (error === null) this.#success = { beganAt: Math.max(beganAt, this.#success.beganAt), earlyLeft: earlyOfSuccess }
    this.#state = { ...this.#state, ...last, attempts: this.#state.attempts + 1 }
    this.#isChanged = true
    this.context.onAttempt(error ?? 'succeeded')
    if (!this.#records) return
    const isOfSession = session_id !== noSession
    this.#unrecorded.push({
      number: this.#state.attempts,
      mentor_id,
      position: cursor === null ? null : (feedPositionOf(this.context.store, cursor)?.position ?? null),
      message_id: id,
      type,
      session_id: isOfSession ? session_id : null,
      sequence: isOfSession ? sequence : null,
      attempt,
      at: timestamp(began),
      duration_ms: Math.round(performance.now() - beganAt),
      status,
      error,
      next_attempt_at,
    })
    if (this.#unrecorded.length > attemptsRecorded) this.#unrecorded.shift()
  }

  // Saving

  get needsSave(): boolean {
    return this.#isChanged && !this.#isStopped
  }

  /** Saves the progress, with the held sessions that have changed and the new attempts. Never rejects. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#save())
    return this.#saving
  }

  /** Writes the state to the store. The store ignores the write if this process does not hold the endpoint's lease. */
  async #save(): Promise<void> {
    const { endpoint_id } = this.endpoint
    const { store, holder } = this.context
    const held = this.#pending.held()
    const texts = new Map(held.map(one => [one.session_id, JSON.stringify(one)]))
    const changed = held.filter(({ session_id }) => texts.get(session_id) !== this.#stored.get(session_id))
    const ended = [...this.#stored.keys()].filter(session_id => !texts.has(session_id))
    const attempts = this.#unrecorded
    this.#unrecorded = []
    this.#isChanged = false
    try {
      const save = { state: this.#current(), held: { changed, ended }, attempts }
      await store.webhooks.saveDelivery(holder, endpoint_id, save)
      this.#stored = texts
    } catch (error) {
      for (const { session_id } of changed) this.#stored.set(session_id, '')
      for (const session_id of ended) this.#stored.set(session_id, '')
      if (this.#records) this.#unrecorded = [...attempts, ...this.#unrecorded].slice(-attemptsRecorded)
      this.#isChanged = true
      this.#logFailure(error, 'saving a webhook delivery failed, retrying')
    }
  }

  /** After a takeover, `pending` is at least the stored number until all held messages have been read again. */
  #current(): DeliveryState {
    const { size, oldest, unattempted, isRetrying } = this.#pending
    const state = { ...this.#state, isRetrying, cursor: oldest?.before ?? this.#readTo }
    if (this.#heldTo) return { ...state, pending: Math.max(size, state.pending) }
    return { ...state, read_to: unattempted?.before ?? this.#readTo, pending: size }
  }

  /** Resolves once no save can still write the discarded attempts. Must be called after `stop`. */
  forgetAttempts(): Promise<void> {
    this.#unrecorded = []
    return this.#saving
  }

  /**
   * Starts no new attempts, waits for the read in progress and briefly for the attempts in progress, and saves the
   * progress. If `why` is `erased`, does not record attempts that end after this call, because their sessions may have
   * been erased. If `why` is `lapsed`, saves nothing, because another process may have taken over the delivery.
   */
  async stop(why?: StopReason): Promise<void> {
    this.#ending.abort()
    this.#records = why !== 'erased' && why !== 'lapsed'
    this.context.waiting.add(this.requester.principal, -this.#pending.size)
    await Promise.all([this.#reading, this.#testing, ...this.#attempts])
    await this.#saving
    if (this.#isChanged && why !== 'lapsed') await this.save()
  }

  /** Does not log that the store is unavailable, because the store itself logs that. */
  #logFailure(err: unknown, message: string): void {
    if (isDomainError(err, 'unavailable')) return
    this.context.log.warn({ endpoint_id: this.endpoint.endpoint_id, err }, message)
  }
}
