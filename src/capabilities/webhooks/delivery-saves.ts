import { type DeliveryContext, logFailure } from './delivery-context'
import { attemptsRecorded, type DeliveryState } from './model'
import type { RecordedAttempt } from './store'

/** How soon a failed save is repeated. */
const saveAgainMs = 1_000

/** Saves how far an endpoint's delivery has come, and records the attempts since the last save. */
export class DeliverySaves {
  #saving: Promise<void> | undefined
  #next: { timer: NodeJS.Timeout; due: number } | undefined
  #unrecorded: RecordedAttempt[] = []
  #isStopped = false

  constructor(
    readonly endpoint_id: string,
    readonly context: Pick<DeliveryContext, 'store' | 'owner' | 'log'>,
    /** Returns the state to save. */
    readonly current: () => DeliveryState,
  ) {}

  /** Records an attempt with the next save. */
  record(attempt: RecordedAttempt): void {
    this.#unrecorded.push(attempt)
    if (this.#unrecorded.length > attemptsRecorded) this.#unrecorded.shift()
  }

  /** Saves after a while, or sooner if that was asked for before. */
  after(ms: number): void {
    const due = performance.now() + ms
    if (this.#isStopped || (this.#next && this.#next.due <= due)) return
    clearTimeout(this.#next?.timer)
    const save = (): void => {
      this.#next = undefined
      void this.#save()
    }
    this.#next = { timer: setTimeout(save, ms), due }
  }

  /** Saves now, once more and for the last time. With `lapsed` it saves nothing: another process may have gone on. */
  async stop(isLapsed: boolean): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#next?.timer)
    if (!isLapsed) await this.#save()
  }

  async #save(): Promise<void> {
    await this.#saving
    this.#saving = this.#saveOnce().finally(() => {
      this.#saving = undefined
    })
    return this.#saving
  }

  /** Saves the state. Without a lease it changes nothing. */
  async #saveOnce(): Promise<void> {
    const { store, owner } = this.context
    const attempts = this.#unrecorded
    this.#unrecorded = []
    try {
      await store.webhooks.saveDelivery(owner, this.endpoint_id, this.current(), attempts)
    } catch (error) {
      this.#unrecorded = [...attempts, ...this.#unrecorded].slice(-attemptsRecorded)
      logFailure(this.context, this.endpoint_id, error, 'saving the delivery of a webhook failed, retrying')
      this.after(saveAgainMs)
    }
  }
}
