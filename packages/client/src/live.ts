import { useMemo, useSyncExternalStore } from 'react'
import type { SessionsClient } from './client.js'

/** Status of the data that a hook returns. */
export interface LiveState {
  /** True until the first data or an error arrives. */
  isLoading: boolean
  /**
   * Whether the data is up to date. `isLive` is false while the data loads, while the connection is lost, and after an
   * error.
   */
  isLive: boolean
  /**
   * Error that stopped the updates, for example an ApiError. The error is null while the hook receives updates. To
   * retry after an error, render with a new client.
   */
  error: Error | null
}

/**
 * Follows data on the server until the signal is aborted. Calls `publish` after each change. While the data is
 * incomplete, passes null to `publish`.
 */
export type Follow<Data, Selection> = (
  client: SessionsClient,
  selection: Selection,
  signal: AbortSignal,
  publish: (read: (() => Data) | null) => void,
) => Promise<void>

/** Returns the data that `follow` publishes. Rerenders the component when the data changes, at most once per frame. */
export function useLive<Data, Selection>(
  client: SessionsClient,
  follow: Follow<Data, Selection>,
  initial: Data,
  selection: Selection,
): Data & LiveState {
  // Compare selections by their content, because components often create a new selection object for each rendering.
  const key = JSON.stringify(selection)
  const store = useMemo(() => new LiveStore(client, follow, initial, selection), [client, follow, key])
  return useSyncExternalStore(store.subscribe, store.snapshot, store.snapshot)
}

/** Stores data for the components that subscribe to it. Follows the data on the server while there are subscribers. */
class LiveStore<Data, Selection> {
  readonly #listeners = new Set<() => void>()
  #state: Data & LiveState
  /** Returns the data for the next state. Null if no data has arrived since the last state. */
  #read: (() => Data) | null = null
  #isWhole = false
  #isConnected = true
  #error: Error | null = null
  #stop = (): void => {}

  constructor(
    readonly client: SessionsClient,
    readonly follow: Follow<Data, Selection>,
    initial: Data,
    readonly selection: Selection,
  ) {
    this.#state = { ...initial, isLoading: true, isLive: false, error: null }
  }

  readonly snapshot = (): Data & LiveState => this.#state

  readonly subscribe = (listener: () => void): (() => void) => {
    if (this.#listeners.size === 0) this.#start()
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#stop()
    }
  }

  #start(): void {
    const controller = new AbortController()
    const stopListening = this.client.onConnectionChange(isConnected => {
      this.#isConnected = isConnected
      renderSoon(this)
    })
    this.#stop = () => {
      controller.abort()
      stopListening()
      // Mark the state as not live, because a component that subscribes again sees this state until the store has new
      // data.
      this.#isWhole = false
      this.#state = { ...this.#state, isLive: false }
    }
    this.#isConnected = true
    this.#error = null
    void this.#run(controller.signal)
  }

  async #run(signal: AbortSignal): Promise<void> {
    try {
      await this.follow(this.client, this.selection, signal, read => {
        if (signal.aborted) return
        this.#isWhole = read !== null
        this.#read = read ?? this.#read
        renderSoon(this)
      })
    } catch (error) {
      if (!signal.aborted) this.#error = error as Error
    }
    if (signal.aborted) return
    this.#isWhole = false
    renderSoon(this)
  }

  /** Computes the next state, and notifies the components if it differs from the previous state. */
  update(): void {
    const data = this.#read?.()
    this.#read = null
    const isLoading = this.#state.isLoading && data === undefined && this.#error === null
    const isLive = this.#isWhole && this.#isConnected
    const error = this.#error
    const { isLoading: wasLoading, isLive: wasLive, error: lastError } = this.#state
    if (data === undefined && isLoading === wasLoading && isLive === wasLive && error === lastError) return
    this.#state = { ...this.#state, ...data, isLoading, isLive, error }
    for (const listener of [...this.#listeners]) listener()
  }
}

/** The stores that will be updated in the next frame. */
const changed = new Set<{ update(): void }>()

/**
 * Updates a store in the next frame, together with all other changed stores, so that a page renders only once per
 * frame, however many changes arrive.
 */
function renderSoon(store: { update(): void }): void {
  if (changed.size === 0) nextFrame(updateChanged)
  changed.add(store)
}

function updateChanged(): void {
  const stores = [...changed]
  changed.clear()
  for (const store of stores) store.update()
}

/** Duration of a frame in ms if the runtime has no `requestAnimationFrame`, for example in a test without a browser. */
const frameMs = 16

function nextFrame(callback: () => void): void {
  if (typeof requestAnimationFrame === 'function') requestAnimationFrame(callback)
  else setTimeout(callback, frameMs)
}
