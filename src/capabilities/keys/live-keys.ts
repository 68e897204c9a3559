import type { Logger } from 'pino'
import type { ServiceKeys } from '../../access/service-keys'
import { RepeatedJob } from '../../concurrency/repeated-job'
import { entriesOfKey, hourOf, type KeyStore, type ListedKey } from './model'

/** Pause in ms between two reads of the stored keys. Another process's revocation takes effect after this time. */
export const storedRereadMs = 500

interface LiveKeysOptions {
  store: KeyStore
  serviceKeys: ServiceKeys
  log: Logger
  clock: () => Date
}

/** Keeps the service keys that this process accepts equal to the stored ones, and records the use of keys. */
export class LiveKeys {
  readonly #reads: RepeatedJob
  /** A separate job, so that a slow write of the last use does not delay a read, and so a revocation. */
  readonly #uses: RepeatedJob
  #listed: ListedKey[] = []
  /** The entries at the last read, as text. */
  #known: string | undefined

  constructor(readonly options: LiveKeysOptions) {
    const failing = (message: string) => (err: unknown) => options.log.error({ err }, message)
    const everyMs = storedRereadMs
    this.#reads = new RepeatedJob({
      run: () => this.#read(),
      everyMs,
      failed: failing('stored keys not read, keeping the old keys'),
    })
    this.#uses = new RepeatedJob({
      run: () => this.#recordUse(),
      everyMs,
      failed: failing('last use of stored keys not recorded'),
    })
    void this.#reads.run()
  }

  /** Waits until a change of the stored keys is in effect in this process. Never rejects. */
  refresh(): Promise<void> {
    return this.#reads.runAgain()
  }

  async end(): Promise<void> {
    await Promise.all([this.#reads.end(), this.#uses.end()])
  }

  async #read(): Promise<void> {
    const { store, serviceKeys } = this.options
    this.#listed = await store.listKeys()
    const entries = this.#listed.flatMap(({ key }) => entriesOfKey(key))
    const text = JSON.stringify(entries)
    if (text !== this.#known) serviceKeys.setStored(entries)
    this.#known = text
  }

  /** Writes at most once per key and hour, and never while a request waits. */
  async #recordUse(): Promise<void> {
    const { store, serviceKeys, clock } = this.options
    const hour = hourOf(clock())
    const used = serviceKeys.takeUsed()
    const older = this.#listed.filter(({ key, last_used_at }) => used.has(key.key_id) && (last_used_at ?? '') < hour)
    if (older.length === 0) return
    await store.recordUse(
      older.map(({ key }) => key.key_id),
      hour,
    )
    // The next run needs the hours that this run has written.
    await this.refresh()
  }
}
