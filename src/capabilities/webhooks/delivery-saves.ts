import type { Requester } from '../../concurrency/fair-queue'
import { type DeliveryContext, logFailure } from './delivery-context'
import { attemptsRecorded, type DeliveryState, type HeldSession, type StoredEndpoint } from './model'
import type { DeliverySave, RecordedAttempt } from './store'

/**
 * Delay in ms before a change is saved, and minimum interval in ms between two saves of one endpoint. If the process
 * crashes, the changes since the last save are lost.
 */
const saveSoonMs = 100
export const saveEveryMs = 1_000

interface SavedDelivery {
  requester: Requester
  /** Returns the present progress. */
  current(): { state: DeliveryState; held: Map<string, HeldSession> }
}

/** Saves the delivery progress of one webhook endpoint, and the attempts made since the last save. */
export class DeliverySaves {
  #saving: Promise<void> = Promise.resolve()
  #next: { timer: NodeJS.Timeout; due: number } | undefined
  #savedAt = Number.NEGATIVE_INFINITY
  /** Whether a save is queued. A queued save includes all changes made before the save starts. */
  #isQueued = false
  /**
   * The held sessions as last saved to the store, by session id. Undefined if it is unknown which held sessions the
   * store contains.
   */
  #held: Map<string, HeldSession> | undefined
  #unrecorded: RecordedAttempt[] = []
  #isStopped = false
  readonly endpoint_id: string
  /** Number of pending messages as of the last save. */
  pending: number
  readonly #queuedSave = (): Promise<void> => this.#save()

  constructor(
    { endpoint, delivery }: StoredEndpoint,
    readonly context: Pick<DeliveryContext, 'store' | 'owner' | 'log' | 'saves'>,
    readonly saved: SavedDelivery,
  ) {
    this.endpoint_id = endpoint.endpoint_id
    this.pending = delivery.pending
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

  /** Schedules a save in `saveSoonMs`. Saves the progress at most once per `saveEveryMs`. */
  soon(): void {
    this.within(saveSoonMs)
  }

  /**
   * Schedules a save in `ms`, unless an earlier save is already scheduled. Saves the progress at most once per
   * `saveEveryMs`.
   */
  within(ms: number): void {
    const due = Math.max(performance.now() + ms, this.#savedAt + saveEveryMs)
    if (this.#isStopped || this.#isQueued || (this.#next && this.#next.due <= due)) return
    clearTimeout(this.#next?.timer)
    const save = (): void => {
      this.#next = undefined
      this.#isQueued = true
      this.context.saves.request(this.saved.requester, this.#queuedSave)
    }
    this.#next = { timer: setTimeout(save, due - performance.now()), due }
  }

  /**
   * Makes a final save. Saves nothing if the lease has lapsed, because another process may have taken over the
   * delivery.
   */
  async stop(isLapsed: boolean): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#next?.timer)
    this.context.saves.cancel(this.saved.requester, this.#queuedSave)
    if (!isLapsed) await this.#save()
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
    const save = { state, held: changesOf(held, this.#held), attempts }
    this.#savedAt = performance.now()
    this.#isQueued = false
    this.pending = state.pending
    this.#unrecorded = []
    this.#held = undefined
    try {
      if (await store.webhooks.saveDelivery(owner, endpoint_id, save)) this.#held = held
    } catch (err) {
      this.#unrecorded = [...attempts, ...this.#unrecorded].slice(-attemptsRecorded)
      logFailure(this.context, { endpoint_id, err }, 'saving a webhook delivery failed, retrying')
      this.within(saveEveryMs)
    }
  }
}

/** Returns how the held sessions differ from the `stored` ones, or all held sessions if `stored` is undefined. */
function changesOf(held: Map<string, HeldSession>, stored?: Map<string, HeldSession>): DeliverySave['held'] {
  if (!stored) return { isWhole: true, changed: [...held.values()], ended: [] }
  const changed = [...held.values()].filter(one => !isSame(one, stored.get(one.session_id)))
  const ended = [...stored.keys()].filter(session_id => !held.has(session_id))
  return { isWhole: false, changed, ended }
}

const isSame = (one: HeldSession, other: HeldSession | undefined): boolean =>
  one.sequence === other?.sequence &&
  one.attempts === other.attempts &&
  one.next_at === other.next_at &&
  one.isAsked === other.isAsked
