import { type DeliveryContext, logFailure } from './delivery-context'
import { attemptsRecorded, type DeliveryState, type HeldSession, type StoredDelivery } from './model'
import type { DeliverySave, RecordedAttempt } from './store'

interface SavedDelivery {
  /** Returns the present progress. */
  current(): { state: DeliveryState; held: Map<string, HeldSession> }
}

/** Saves the delivery progress of one webhook endpoint, and the attempts made since the last save. */
export class DeliverySaves {
  #saving: Promise<void> = Promise.resolve()
  #savedAt = performance.now()
  /** The delivery state as of the last save. */
  #state: DeliveryState
  /** The held sessions in the store, by session id. Undefined values are unknown, because a save has failed. */
  #held: Map<string, HeldSession | undefined>
  #unrecorded: RecordedAttempt[] = []
  #isStopped = false
  readonly endpoint_id: string

  constructor(
    { endpoint, delivery, held }: StoredDelivery,
    readonly context: Pick<DeliveryContext, 'store' | 'owner' | 'log' | 'saves'>,
    readonly saved: SavedDelivery,
  ) {
    this.endpoint_id = endpoint.endpoint_id
    this.#state = delivery
    this.#held = new Map(held.map(one => [one.session_id, one]))
  }

  record(attempt: RecordedAttempt): void {
    this.#unrecorded.push(attempt)
    if (this.#unrecorded.length > attemptsRecorded) this.#unrecorded.shift()
  }

  /**
   * Discards the attempts that have not been saved yet. Resolves once no save in progress can still write the discarded
   * attempts.
   */
  async forgetAttempts(): Promise<void> {
    this.#unrecorded = []
    await this.#saving
  }

  /** Saves the progress in the next round. */
  soon(): void {
    if (!this.#isStopped) this.context.saves.request(this)
  }

  /**
   * Saves the progress in the next round if the number of pending messages has changed, or if the last save was more
   * than `ms` ago and the feed has been read further since.
   */
  soonAfterRead({ pending, read_to }: Pick<DeliveryState, 'pending' | 'read_to'>, ms: number): void {
    const isOld = performance.now() > this.#savedAt + ms
    if (pending !== this.#state.pending || (isOld && read_to !== this.#state.read_to)) this.soon()
  }

  /**
   * Makes a final save. Saves nothing if the lease has lapsed, because another process may have taken over the
   * delivery.
   */
  async stop(isLapsed: boolean): Promise<void> {
    this.#isStopped = true
    this.context.saves.cancel(this)
    if (!isLapsed) await this.#save()
  }

  async saveInRound(): Promise<void> {
    if (!this.#isStopped) await this.#save()
  }

  #save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#saveOnce())
    return this.#saving
  }

  /** Writes the state to the store. The store ignores the write if this process does not hold the endpoint's lease. */
  async #saveOnce(): Promise<void> {
    const { endpoint_id } = this
    const { store, owner } = this.context
    const { state, held } = this.saved.current()
    const attempts = this.#unrecorded
    const changes = changesOf(held, this.#held)
    this.#savedAt = performance.now()
    this.#state = state
    this.#unrecorded = []
    try {
      await store.webhooks.saveDelivery(owner, endpoint_id, { state, held: changes, attempts })
      this.#held = held
    } catch (err) {
      for (const session_id of [...changes.changed.map(one => one.session_id), ...changes.ended])
        this.#held.set(session_id, undefined)
      this.#unrecorded = [...attempts, ...this.#unrecorded].slice(-attemptsRecorded)
      logFailure(this.context, { endpoint_id, err }, 'saving a webhook delivery failed, retrying')
      this.soon()
    }
  }
}

/** Returns how the held sessions differ from the `stored` ones. */
function changesOf(held: Map<string, HeldSession>, stored: Map<string, HeldSession | undefined>): DeliverySave['held'] {
  const changed = [...held.values()].filter(one => !isSame(one, stored.get(one.session_id)))
  const ended = [...stored.keys()].filter(session_id => !held.has(session_id))
  return { changed, ended }
}

const isSame = (one: HeldSession, other: HeldSession | undefined): boolean =>
  one.sequence === other?.sequence &&
  one.attempts === other.attempts &&
  one.next_at === other.next_at &&
  one.isAsked === other.isAsked
