import { newRequester, type Requester } from '../../concurrency/fair-queue'
import { type Commit, commitMatches } from '../../domain/commit'
import { erasedMentor } from '../../domain/erasure'
import type { GapReason } from '../../domain/errors'
import { type Timestamp, timestamp } from '../../domain/timestamp'
import { type FeedFilter, type FeedPosition, type FeedTransition, feedPositionOf } from '../../feed/ring'
import { type DeliveryContext, logFailure } from './delivery-context'
import { DeliverySaves } from './delivery-saves'
import { EarlyRetries } from './early-retries'
import { FeedReading, feedFilterOf } from './feed-reading'
import { endsCalculation, gapMessage, gapType, messageId, testMessage, testType, transitionMessage } from './messages'
import {
  askedAtMostMs,
  currentDelivery,
  currentHeld,
  type DeliveryState,
  type EndpointStatus,
  type HeldSession,
  messageTypeOf,
  retryDelay,
  type StoredDelivery,
  statusOf,
  type WebhookEndpoint,
} from './model'
import type { Found } from './name-lookups'
import { noSession, type PendingMessage, PendingMessages, type Retry } from './pending-messages'
import type { Outcome } from './sender'

/** Maximum number of concurrent delivery attempts to one endpoint. */
export const attemptsAtOnce = 8
/** Interval in ms at which an endpoint without new messages advances its cursor, so that the cursor does not expire. */
export const idleReadMs = 30_000
/** Delay in ms before the server repeats an attempt that could not be started, or whose outcome is unknown. */
const retrySoonMs = 1_000

interface DueMessage {
  message: PendingMessage
  /** Whether the attempt is an early retry. */
  isEarly: boolean
  /** The endpoint as it was when its host name was looked up. */
  endpoint: WebhookEndpoint
}

interface Attempt {
  /** Number of this attempt to deliver the message, starting at 1. */
  attempt: number
  began: Date
  outcome: Outcome
  next_attempt_at: Timestamp | null
}

const retryOf = ({ next_at: at, isAsked }: HeldSession): Retry | undefined =>
  at === null ? undefined : { at, ...(isAsked && { isAsked }) }

const isAfter = (a: FeedPosition, b: FeedPosition): boolean =>
  a.position > b.position || (a.position === b.position && a.skip > b.skip)

/**
 * Delivers messages to one endpoint while this process holds the endpoint's lease. Reads the feed ahead of the
 * delivery, starting at the endpoint's cursor. Sends messages about the same session one at a time, and messages about
 * different sessions concurrently.
 */
export class EndpointDelivery {
  endpoint: WebhookEndpoint
  #state: DeliveryState
  #filter: FeedFilter
  readonly requester: Requester
  readonly #pending: PendingMessages
  readonly #early: EarlyRetries
  readonly #reading: FeedReading
  readonly #saves: DeliverySaves
  readonly #inFlight = new Map<string, Promise<void>>()
  /**
   * Progress made before this process took over the delivery. All messages up to the log position `to` were
   * delivered, except those about sessions in `held`. For each session in `held`, the messages from its
   * `sequence` on are still undelivered.
   */
  #restored: { to: FeedPosition; held: Map<string, HeldSession> } | undefined
  #testing: Promise<unknown> | undefined
  #isStopped = false
  /** Aborted by `stop`. Once the signal is aborted, attempts wait only briefly for a response. */
  readonly #ending = new AbortController()
  /** Whether attempts that end after `stop` was called are still recorded. */
  #records = true

  constructor(
    stored: StoredDelivery,
    readonly context: DeliveryContext,
  ) {
    const { organisation_id } = stored.endpoint
    this.endpoint = stored.endpoint
    this.#filter = feedFilterOf(stored.endpoint)
    this.#state = currentDelivery(stored)
    const { cursor, read_to } = this.#state
    this.requester = newRequester(`webhooks ${organisation_id ?? ''}`)
    this.#pending = new PendingMessages(context.messages, this.requester.principal, () => this.#pump())
    this.#early = new EarlyRetries(this.#pending)
    this.#reading = new FeedReading(context, this, cursor)
    this.#saves = new DeliverySaves(stored, context, this)
    const to = feedPositionOf(context.store, read_to)
    if (to) this.#restored = { to, held: new Map(currentHeld(stored).map(one => [one.session_id, one])) }
    if (this.isActive) this.#pushGap(this.#restored?.held.get(noSession))
    this.wake()
  }

  get status(): EndpointStatus {
    return statusOf({ endpoint: this.endpoint, delivery: this.current().state })
  }

  get waiting(): number {
    return this.#pending.size
  }

  /** Time stamp of the oldest pending message. */
  get oldest(): Timestamp | undefined {
    return this.#pending.oldest?.at
  }

  get isActive(): boolean {
    return !this.#isStopped && !this.endpoint.paused && !this.#state.isDisabled
  }

  /**
   * Adopts a changed endpoint configuration. Returns false if the change requires the caller to restart the delivery.
   */
  adopt(endpoint: WebhookEndpoint): boolean {
    const { start, paused } = this.endpoint
    if (endpoint.start.number !== start.number || endpoint.paused !== paused) return false
    this.endpoint = endpoint
    this.#filter = feedFilterOf(endpoint)
    this.#pump()
    return true
  }

  /** Schedules a read of the feed if the commit matches the endpoint's filter. */
  offer(commit: Commit): void {
    if (commitMatches(this.#filter, commit)) this.wake()
  }

  /** Schedules a read of the feed. */
  wake(): void {
    this.#reading.wake()
  }

  wasRead(): void {
    this.#endRestoring()
    this.#pump()
    this.#saves.soonAfterRead(this.#position, idleReadMs)
  }

  lost(after: string, reason: GapReason): void {
    this.#restored = undefined
    this.#state = { ...this.#state, gap: { after, reason, at: timestamp(new Date()) } }
    this.#pushGap()
    this.#saves.soon()
  }

  /** Queues a message about a gap in the feed, if the gap has not been reported yet. */
  #pushGap(held?: HeldSession): void {
    const { gap } = this.#state
    if (!gap) return
    const { after, reason, at } = gap
    const message = {
      id: messageId(this.endpoint.endpoint_id, `${gapType} ${after} ${at}`),
      ...{ type: gapType, session_id: noSession, sequence: 0, mentor_id: erasedMentor },
      ...{ at, before: this.#reading.readTo, cursor: null, attempts: held?.attempts ?? 0, earlyAttempts: 0 },
      body: () => gapMessage(after, reason, at),
    }
    this.#pending.push(message, held && retryOf(held))
    if (held) this.#pending.attempted(message)
    this.#pump()
  }

  take(item: FeedTransition, before: string): void {
    const { cursor, commit, transition } = item
    const { session_id, mentor_id } = commit
    const { sequence, at } = transition
    const held = this.#restoredHold(cursor, session_id)
    if (held && held.sequence > sequence) return
    const isSame = held?.sequence === sequence
    const message = {
      id: messageId(this.endpoint.endpoint_id, cursor),
      ...{ type: messageTypeOf(transition.event), session_id, sequence, mentor_id, at, before, cursor },
      attempts: isSame ? held.attempts : 0,
      earlyAttempts: 0,
      body: () => this.#bodyOf(item),
    }
    this.#pending.push(message, isSame ? retryOf(held) : undefined)
    if (held) this.#pending.attempted(message)
  }

  /**
   * Returns the `sequence` from which a session's messages were undelivered when this process took over. Returns
   * undefined if the feed had not yet been read up to this cursor at that time, because all messages after the cursor
   * are then undelivered.
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

  /**
   * Discards the restored progress once the log has been read up to the restored position, because all messages after
   * that position are new.
   */
  #endRestoring(): void {
    const position = this.#restored && feedPositionOf(this.context.store, this.#reading.readTo)
    if (position && this.#restored && !isAfter(this.#restored.to, position)) this.#restored = undefined
  }

  async #bodyOf(item: FeedTransition): Promise<string> {
    const { store, requiresTokens } = this.context
    const { transition, commit } = item
    const { result_id, to } = transition
    const hasResult = endsCalculation(transition) && to === 'loaded' && result_id !== null
    const result = hasResult ? await store.sessions.result(commit.session_id, result_id) : null
    return transitionMessage(item, requiresTokens, result)
  }

  /** Starts all delivery attempts that are due, and sends the next requested test message. */
  #pump(): void {
    if (!this.context.mayDeliver()) return
    for (let session_id = this.#nextDue(); session_id !== undefined; session_id = this.#nextDue()) {
      this.#begin(session_id)
    }
    if (this.#hasTest) this.#beginTest()
  }

  /**
   * Returns the id of the session whose message is attempted next. Returns undefined if no attempt is allowed to start
   * now.
   */
  #nextDue(): string | undefined {
    if (!this.isActive || this.#inFlight.size >= attemptsAtOnce) return undefined
    for (const session_id of this.#pending.due) {
      // Skip a session whose previous attempt has not ended yet, because `#pump` is called again after that attempt.
      if (!this.#inFlight.has(session_id)) return session_id
    }
    return undefined
  }

  #begin(session_id: string): void {
    this.#pending.due.delete(session_id)
    const attempt = this.#attempt(session_id).finally(() => {
      this.#inFlight.delete(session_id)
      this.#pump()
    })
    this.#inFlight.set(session_id, attempt)
  }

  /** Attempts to deliver a session's first pending message. */
  async #attempt(session_id: string): Promise<void> {
    const message = this.#pending.firstOf(session_id)
    if (!message) return
    // The attempt is an early retry if the session's scheduled retry is not due yet.
    const isEarly = this.#pending.retryOf(session_id) !== undefined
    const { endpoint } = this
    const found = await this.context.sender.find(endpoint, this.#ending.signal)
    if (!found) return this.#retrySoon(session_id)
    await this.#inTurn(found, found => this.#send({ message, isEarly, endpoint }, found))
  }

  /**
   * Queues the rest of an attempt, and runs it when the endpoint's turn comes. The host name is resolved earlier, so
   * that no attempt occupies a slot while it waits for a name server. The attempt's time limit does not include time in
   * the queue.
   */
  #inTurn<T>(found: Found, attempt: (found: Found) => Promise<T>): Promise<T | undefined> {
    const foundAt = performance.now()
    return this.context.attempts.run(this.requester, this.#ending.signal, () => {
      const waitedMs = performance.now() - foundAt
      return attempt({ ...found, began: new Date(found.began.getTime() + waitedMs) })
    })
  }

  /**
   * Whether an attempt is still allowed to begin. Since the name look-up, the endpoint's URL may have changed, the
   * lease may have expired, or the session may have been erased.
   */
  #mayBegin({ url }: WebhookEndpoint): boolean {
    return this.isActive && this.context.mayDeliver() && this.endpoint.url === url
  }

  async #send({ message, isEarly, endpoint }: DueMessage, found: Found): Promise<void> {
    const { session_id } = message
    if (!this.#mayBegin(endpoint)) return void this.#pending.due.add(session_id)
    let body: string
    try {
      body = await message.body()
    } catch (err) {
      const { endpoint_id } = endpoint
      logFailure(this.context, { endpoint_id, err }, 'reading the result for a webhook failed, retrying')
      return this.#retrySoon(session_id)
    }
    if (!this.#mayBegin(endpoint)) return void this.#pending.due.add(session_id)
    const beganAt = performance.now()
    const outgoing = { id: message.id, body }
    const outcome = await this.context.sender.send(this.endpoint, outgoing, { ...found, signal: this.#ending.signal })
    if (!outcome) return this.#retrySoon(session_id)
    const attempt = message.attempts + message.earlyAttempts + 1
    const isSuccess = outcome.error === null
    this.#pending.attempted(message)
    const next_attempt_at = isSuccess ? this.#succeeded(message, beganAt) : this.#failed(message, outcome, isEarly)
    this.#record(message, { attempt, began: found.began, outcome, next_attempt_at })
    this.#saves.soon()
  }

  /**
   * Schedules a retry soon after an attempt that was not made or whose outcome is unknown. An attempt without a known
   * outcome does not count as a failure. After an early retry, the message waits for its scheduled retry instead.
   */
  #retrySoon(session_id: string): void {
    if (this.#pending.retryOf(session_id)) return
    const at = timestamp(new Date(Date.now() + retrySoonMs))
    this.#pending.retry(session_id, { at }, performance.now())
  }

  #succeeded(message: PendingMessage, beganAt: number): null {
    const { session_id, sequence } = message
    this.#pending.shift(message)
    this.#restored?.held.set(session_id, { session_id, sequence: sequence + 1, attempts: 0, next_at: null })
    const { gap } = this.#state
    this.#state = {
      ...this.#state,
      gap: message.type === gapType ? null : gap,
      last_success_at: timestamp(new Date()),
    }
    this.#reading.madeRoom()
    this.#early.succeeded(beganAt)
    return null
  }

  /**
   * Handles a failed attempt. Returns the time of the next attempt, or null if the failure has disabled the endpoint.
   */
  #failed(message: PendingMessage, { status, error, retryAfterMs }: Outcome, isEarly: boolean): Timestamp | null {
    if (isEarly) message.earlyAttempts++
    else message.attempts++
    const at = timestamp(new Date())
    this.#state = { ...this.#state, last_failure: error && { at, status, error } }
    const next_at = status === 410 ? undefined : this.#retryLater(message, retryAfterMs, isEarly)
    if (next_at !== undefined) return next_at
    this.#state = { ...this.#state, isDisabled: true }
    const { endpoint_id } = this.endpoint
    this.context.log.warn({ endpoint_id, status, error, attempts: message.attempts }, 'webhook endpoint disabled')
    return null
  }

  /**
   * Ensures that a failed message's next attempt is scheduled, and returns the time of that attempt. Returns undefined
   * if no retries are left.
   */
  #retryLater({ session_id, attempts }: PendingMessage, askedMs: number, isEarly: boolean): Timestamp | undefined {
    const now = Date.now()
    const scheduled = this.#pending.retryOf(session_id)?.at ?? timestamp(new Date(now))
    // A failed early retry does not change the scheduled time, unless the receiver requests a delay. The scheduled time
    // may have passed during the attempt.
    if (isEarly && askedMs === 0) return scheduled
    const delay = isEarly
      ? Math.max(Date.parse(scheduled) - now, Math.min(askedMs, askedAtMostMs))
      : retryDelay({ attempts, askedMs, random: Math.random(), delays: this.context.retryDelaysMs })
    if (delay === undefined) return undefined
    const at = timestamp(new Date(now + delay))
    this.#pending.retry(session_id, { at, ...(askedMs > 0 && { isAsked: true }) }, performance.now())
    return at
  }

  #record(
    {
      id,
      type,
      session_id,
      sequence,
      mentor_id,
      cursor,
    }: Omit<PendingMessage, 'at' | 'before' | 'attempts' | 'earlyAttempts' | 'body'>,
    { attempt, began, outcome, next_attempt_at }: Attempt,
  ): void {
    const { status, error } = outcome
    this.context.onAttempt(error ?? 'succeeded')
    const isOfSession = session_id !== noSession
    this.#state = { ...this.#state, attempts: this.#state.attempts + 1 }
    if (!this.#records) return
    this.#saves.record({
      number: this.#state.attempts,
      mentor_id,
      position: cursor === null ? null : (feedPositionOf(this.context.store, cursor)?.position ?? null),
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
  }

  get #hasTest(): boolean {
    return this.isActive && this.#state.tests < this.endpoint.tests && !this.#testing
  }

  #beginTest(): void {
    this.#testing = this.#test().then(isSent => {
      this.#testing = undefined
      // If the test message was not sent, the next poll for endpoints tries again.
      if (isSent) this.#pump()
    })
  }

  async #test(): Promise<boolean> {
    const { endpoint } = this
    const found = await this.context.sender.find(endpoint, this.#ending.signal)
    if (!found) return false
    return (await this.#inTurn(found, found => this.#sendTest(endpoint, found))) ?? false
  }

  /** Sends a test message, without retries. Returns false if the attempt was not made or has no known outcome. */
  async #sendTest(endpoint: WebhookEndpoint, found: Found): Promise<boolean> {
    if (!this.#mayBegin(endpoint)) return false
    const { endpoint_id } = endpoint
    const tests = this.#state.tests + 1
    const id = messageId(endpoint_id, `${testType} ${tests}`)
    const { began } = found
    const beganAt = performance.now()
    const body = testMessage(endpoint_id, timestamp(began))
    const outcome = await this.context.sender.send(
      this.endpoint,
      { id, body },
      { ...found, signal: this.#ending.signal },
    )
    if (!outcome) return false
    const { status, error } = outcome
    const at = timestamp(new Date())
    this.#state = error
      ? { ...this.#state, tests, last_failure: { at, status, error } }
      : { ...this.#state, tests, last_success_at: at }
    const message = { id, type: testType, session_id: noSession, sequence: 0, mentor_id: erasedMentor, cursor: null }
    this.#record(message, { attempt: 1, began, outcome, next_attempt_at: null })
    if (!error) this.#early.succeeded(beganAt)
    this.#saves.soon()
    return true
  }

  /**
   * Position of the delivery in the log, and number of messages to show as pending. After a takeover, this number is at
   * least the saved number until all messages about held sessions have been read again.
   */
  get #position(): Pick<DeliveryState, 'cursor' | 'read_to' | 'pending'> {
    const { size, oldest, unattempted } = this.#pending
    const { readTo } = this.#reading
    const cursor = oldest?.before ?? readTo
    if (this.#restored) return { cursor, read_to: this.#state.read_to, pending: Math.max(size, this.#state.pending) }
    return { cursor, read_to: unattempted?.before ?? readTo, pending: size }
  }

  /** Returns the present progress. */
  current(): { state: DeliveryState; held: Map<string, HeldSession> } {
    const held = new Map(this.#restored?.held)
    for (const session of this.#pending.held()) held.set(session.session_id, session)
    const state = {
      ...this.#state,
      ...this.#position,
      isRetrying: [...held.values()].some(({ attempts }) => attempts > 0),
    }
    return { state, held }
  }

  /**
   * Discards the unsaved attempts. Resolves once no save can still write the discarded attempts. Must be called after
   * `stop`.
   */
  forgetAttempts(): Promise<void> {
    return this.#saves.forgetAttempts()
  }

  /**
   * Stops the delivery: starts no new attempts, waits briefly for the attempts in progress, and saves the progress. If
   * `why` is `erased`, does not record attempts that end after this call, because their sessions may have been erased.
   * If `why` is `lapsed`, saves nothing, because another process may have taken over the delivery.
   */
  async stop(why?: 'erased' | 'lapsed'): Promise<void> {
    this.#isStopped = true
    this.#ending.abort()
    this.#records = why === undefined
    this.#reading.stop()
    this.#early.stop()
    this.#pending.stop()
    await Promise.all([...this.#inFlight.values(), this.#testing])
    await this.#saves.stop(why === 'lapsed')
  }
}
