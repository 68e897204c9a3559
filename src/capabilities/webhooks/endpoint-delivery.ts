import { type Commit, commitMatches } from '../../domain/commit'
import { erasedMentor } from '../../domain/erasure'
import type { GapReason } from '../../domain/errors'
import { type Timestamp, timestamp } from '../../domain/timestamp'
import { type FeedFilter, type FeedPosition, type FeedTransition, feedPositionOf } from '../../feed/ring'
import { type DeliveryContext, logFailure } from './delivery-context'
import { DeliverySaves } from './delivery-saves'
import { FeedReading, filterOf } from './feed-reading'
import { endsCalculation, gapMessage, gapType, messageId, testMessage, testType, transitionMessage } from './messages'
import {
  currentDelivery,
  type DeliveryState,
  type EndpointStatus,
  type HeldSession,
  messageTypeOf,
  retryDelay,
  type StoredEndpoint,
  statusOf,
  type WebhookEndpoint,
} from './model'
import { noSession, type PendingMessage, PendingMessages } from './pending-messages'
import type { Outcome } from './sender'

/** Maximum number of concurrent attempts of one endpoint. */
export const attemptsAtOnce = 8
/** How often an endpoint without news moves its cursor on, so that the history after it is not lost. */
export const idleReadMs = 30_000
/** How soon progress is saved, and how soon an attempt that could not be made is repeated. */
const saveMs = 500
const retrySoonMs = 1_000

interface Attempt {
  /** 1 for the first one of its message. */
  attempt: number
  began: Date
  outcome: Outcome
  next_attempt_at: Timestamp | null
}

const isAfter = (a: FeedPosition, b: FeedPosition): boolean =>
  a.position > b.position || (a.position === b.position && a.skip > b.skip)

/**
 * Delivers the messages of one endpoint, while this process holds its lease. It reads the feed from the endpoint's cursor
 * on, ahead of the messages that succeeded. Each session's messages go out one by one, those of different sessions side
 * by side.
 */
export class EndpointDelivery {
  endpoint: WebhookEndpoint
  #state: DeliveryState
  #filter: FeedFilter
  readonly #pending: PendingMessages
  readonly #reading: FeedReading
  readonly #saves: DeliverySaves
  readonly #inFlight = new Map<string, Promise<void>>()
  /** Up to this position, only messages of these sessions are pending, from these sequences on. */
  #restored: { to: FeedPosition; held: Map<string, HeldSession> } | undefined
  #testing: Promise<void> | undefined
  #isStopped = false
  /** Aborted by the stop. Then no attempt waits for its receiver for long. */
  readonly #ending = new AbortController()
  /** Whether attempts are recorded that end after the stop. */
  #records = true

  constructor(
    stored: StoredEndpoint,
    readonly context: DeliveryContext,
  ) {
    this.endpoint = stored.endpoint
    this.#filter = filterOf(stored.endpoint)
    this.#state = currentDelivery(stored)
    const { cursor, read_to, held } = this.#state
    this.#pending = new PendingMessages(context.messages, () => this.#pump())
    this.#reading = new FeedReading(context, this, cursor)
    this.#saves = new DeliverySaves(stored.endpoint.endpoint_id, context, () => this.#current())
    const to = feedPositionOf(context.store, read_to)
    if (to) this.#restored = { to, held: new Map(held.map(session => [session.session_id, session])) }
    if (this.isActive) this.#pushGap(this.#restored?.held.get(noSession))
    this.wake()
  }

  get status(): EndpointStatus {
    return statusOf({ endpoint: this.endpoint, delivery: this.#current() })
  }

  get waiting(): number {
    return this.#pending.size
  }

  /** Time of the oldest pending message. */
  get oldest(): Timestamp | undefined {
    return this.#pending.oldest?.at
  }

  get isActive(): boolean {
    return !this.#isStopped && !this.endpoint.paused && !this.#state.isDisabled
  }

  /** Adopts a changed endpoint. Returns false if the delivery has to be stopped and begun anew for it. */
  adopt(endpoint: WebhookEndpoint): boolean {
    const { start, paused } = this.endpoint
    if (endpoint.start.number !== start.number || endpoint.paused !== paused) return false
    this.endpoint = endpoint
    this.#filter = filterOf(endpoint)
    this.#pump()
    return true
  }

  /** Reads on soon if a commit concerns the endpoint. */
  offer(commit: Commit): void {
    if (commitMatches(this.#filter, commit)) this.wake()
  }

  /** Reads on soon. */
  wake(): void {
    this.#reading.wake()
  }

  wasRead(hasMoved: boolean): void {
    this.#endRestoring()
    this.#pump()
    if (hasMoved) this.#saves.after(idleReadMs)
  }

  lost(after: string, reason: GapReason): void {
    this.#restored = undefined
    this.#state = { ...this.#state, gap: { after, reason, at: timestamp(new Date()) } }
    this.#pushGap()
    this.#saves.after(0)
  }

  /** Adds the message about the gap of the state, if there is one. */
  #pushGap(held?: HeldSession): void {
    const { gap } = this.#state
    if (!gap) return
    const { after, reason, at } = gap
    const message = {
      id: messageId(this.endpoint.endpoint_id, `${gapType} ${after} ${at}`),
      ...{ type: gapType, session_id: noSession, sequence: 0, mentor_id: erasedMentor },
      ...{ at, before: this.#reading.readTo, attempts: held?.attempts ?? 0 },
      body: () => gapMessage(after, reason, at),
    }
    this.#pending.push(message, held?.next_at ?? null)
    this.#pump()
  }

  take(item: FeedTransition, before: string): void {
    const { cursor, commit, transition } = item
    const { session_id, mentor_id } = commit
    const { sequence, at } = transition
    const held = this.#restoredHold(cursor, session_id)
    if (held && held.sequence > sequence) return
    const isSame = held?.sequence === sequence
    this.#pending.push(
      {
        id: messageId(this.endpoint.endpoint_id, cursor),
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

  /** Begins the attempts that are due, and the tests. */
  #pump(): void {
    const { due } = this.#pending
    for (const session_id of due) {
      if (!this.isActive || this.#inFlight.size >= attemptsAtOnce || !this.context.mayDeliver()) break
      // The attempt before is about to end, and pumps then.
      if (this.#inFlight.has(session_id)) continue
      due.delete(session_id)
      const attempt = this.#attempt(session_id).finally(() => {
        this.#inFlight.delete(session_id)
        this.#pump()
      })
      this.#inFlight.set(session_id, attempt)
    }
    if (this.isActive && this.#state.tests < this.endpoint.tests && !this.#testing) {
      this.#testing = this.#sendTests().finally(() => {
        this.#testing = undefined
      })
    }
  }

  /** Makes an attempt to deliver the next message of a session. */
  async #attempt(session_id: string): Promise<void> {
    const message = this.#pending.firstOf(session_id)
    if (!message) return
    const { endpoint } = this
    const { signal } = this.#ending
    const found = await this.context.sender.find(endpoint, signal)
    if (!found) return this.#retrySoon(session_id)
    let body: string
    try {
      body = await message.body()
    } catch (error) {
      logFailure(this.context, endpoint.endpoint_id, error, 'reading the result for a webhook failed, retrying')
      return this.#retrySoon(session_id)
    }
    // The lease may have ended, or the session may have been erased, meanwhile.
    if (!this.isActive || !this.context.mayDeliver()) return void this.#pending.due.add(session_id)
    const outcome = await this.context.sender.send(endpoint, { id: message.id, body }, found, signal)
    if (!outcome) return this.#retrySoon(session_id)
    const next_at = outcome.error === null ? this.#succeeded(message) : this.#failed(message, outcome)
    const attempt = outcome.error === null ? message.attempts + 1 : message.attempts
    this.#record(message, { attempt, began: found.began, outcome, next_attempt_at: next_at })
    this.#saves.after(outcome.error === null ? saveMs : 0)
  }

  /** Makes a message due again soon that was not attempted, or whose attempt has no outcome. It did not fail. */
  #retrySoon(session_id: string): void {
    this.#pending.retryAt(session_id, timestamp(new Date(Date.now() + retrySoonMs)))
  }

  #succeeded(message: PendingMessage): null {
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
      const { endpoint_id } = this.endpoint
      this.context.log.warn({ endpoint_id, status, error, attempts: message.attempts }, 'webhook endpoint disabled')
      return null
    }
    const next_at = timestamp(new Date(Date.now() + delay))
    this.#pending.retryAt(message.session_id, next_at)
    return next_at
  }

  /** Records an attempt with the next save. */
  #record(
    { id, type, session_id, sequence, mentor_id }: Omit<PendingMessage, 'at' | 'before' | 'attempts' | 'body'>,
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

  /** Sends each requested test message once. */
  async #sendTests(): Promise<void> {
    const { endpoint } = this
    const { endpoint_id } = endpoint
    const { signal } = this.#ending
    while (this.isActive && this.#state.tests < this.endpoint.tests && this.context.mayDeliver()) {
      const tests = this.#state.tests + 1
      const id = messageId(endpoint_id, `${testType} ${tests}`)
      const found = await this.context.sender.find(endpoint, signal)
      // Once the endpoint is looked at again, tests begin again.
      if (!found || !this.isActive || !this.context.mayDeliver()) return
      const { began } = found
      const body = testMessage(endpoint_id, timestamp(began))
      const outcome = await this.context.sender.send(endpoint, { id, body }, found, signal)
      if (!outcome) return
      this.#state = { ...this.#state, tests }
      const { status, error } = outcome
      const at = timestamp(new Date())
      this.#state = error
        ? { ...this.#state, last_failure: { at, status, error } }
        : { ...this.#state, last_success_at: at }
      const message = { id, type: testType, session_id: noSession, sequence: 0, mentor_id: erasedMentor }
      this.#record(message, { attempt: 1, began, outcome, next_attempt_at: null })
      this.#saves.after(0)
    }
  }

  /** Returns the state to save. */
  #current(): DeliveryState {
    const { oldest, size } = this.#pending
    const { readTo } = this.#reading
    const held = new Map(this.#restored?.held)
    for (const session of this.#pending.held()) held.set(session.session_id, session)
    return {
      ...this.#state,
      cursor: oldest ? oldest.before : readTo,
      read_to: this.#restored ? this.#state.read_to : readTo,
      held: [...held.values()],
      pending: this.#restored ? Math.max(size, this.#state.pending) : size,
    }
  }

  /**
   * Begins nothing new, waits a little for the attempts under way, and saves. With `erased`, attempts that end now are not
   * recorded, because their sessions may be erased. With `lapsed`, nothing is saved: another process may have gone on.
   */
  async stop(why?: 'erased' | 'lapsed'): Promise<void> {
    this.#isStopped = true
    this.#ending.abort()
    this.#records = why === undefined
    this.#reading.stop()
    this.#pending.stop()
    await Promise.all([...this.#inFlight.values(), this.#testing])
    this.#pending.end()
    await this.#saves.stop(why === 'lapsed')
  }
}
