/** Hooks for React that keep a component up to date: `import { useSessions } from 'benefit-sessions-client/react'` */
import { useMemo, useSyncExternalStore } from 'react'
import { checkOptions } from './check-options.js'
import type { SessionsClient } from './client.js'
import type { Session } from './documents.js'
import type { FollowSessionsFilter } from './options.js'
import type { SessionFilter, Summary } from './schema.js'

/** State of the data that a hook returns. */
export interface LiveState {
  /** True until there is data or an error. */
  isLoading: boolean
  /** Whether the data follows the server. False while it loads, while the connection is lost, and after an error. */
  isLive: boolean
  /** Why the hook stopped following, for example an ApiError. Null if it follows. Render with another client to retry. */
  error: Error | null
}

/** What `useSessions` returns. */
export interface UseSessionsResult extends LiveState {
  /** All sessions under the filter, newest first. */
  sessions: readonly Session[]
}

/** What `useSession` returns. */
export interface UseSessionResult extends LiveState {
  /** The session. Its state is `CLOSED` after it was closed. Null while it loads, and if there is none with this id. */
  session: Session | null
}

/** What `useSummary` returns. */
export interface UseSummaryResult extends LiveState {
  /** Counts and sums of the sessions under the filter. Null while it loads. */
  summary: Summary | null
}

/** Returns all sessions under a filter, and renders again when they change, at most once per frame. */
export function useSessions(
  client: SessionsClient,
  options: { filter?: FollowSessionsFilter | undefined } = {},
): UseSessionsResult {
  checkOptions('useSessions', options)
  return useLive(client, followAll, { sessions: [] }, options.filter)
}

/** Returns one session, and renders again when it changes, at most once per frame. */
export function useSession(client: SessionsClient, id: string): UseSessionResult {
  return useLive(client, followOne, { session: null }, id)
}

/** Returns the summary of the sessions under a filter, and renders again when it changes, at most once per frame. */
export function useSummary(
  client: SessionsClient,
  options: { filter?: SessionFilter | undefined } = {},
): UseSummaryResult {
  checkOptions('useSummary', options)
  return useLive(client, followTotals, { summary: null }, options.filter)
}

/** Follows until the signal is aborted. Calls `publish` after each change, with null while there is no whole copy. */
type Follow<Data, Selection> = (
  client: SessionsClient,
  selection: Selection,
  signal: AbortSignal,
  publish: (read: (() => Data) | null) => void,
) => Promise<void>

const followAll: Follow<Pick<UseSessionsResult, 'sessions'>, FollowSessionsFilter | undefined> = async (
  client,
  filter,
  signal,
  publish,
) => {
  let copy = new Map<string, Session>()
  let isWhole = false
  for await (const change of client.followSessions({ filter, signal })) {
    if (change.type === 'reset') {
      // The old copy may not be rendered yet.
      copy = new Map()
      isWhole = false
    } else if (change.type === 'synced') isWhole = true
    else if (change.type === 'closed') copy.delete(change.session.id)
    else copy.set(change.session.id, change.session)
    const sessions = copy
    publish(isWhole ? () => ({ sessions: [...sessions.values()].sort(newestFirst) }) : null)
  }
}

const newestFirst = (a: Session, b: Session): number => {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? 1 : -1
  return a.id < b.id ? 1 : -1
}

const followOne: Follow<Pick<UseSessionResult, 'session'>, string> = async (client, id, signal, publish) => {
  for await (const { session } of client.followSession(id, { signal })) publish(() => ({ session }))
}

const followTotals: Follow<Pick<UseSummaryResult, 'summary'>, SessionFilter | undefined> = async (
  client,
  filter,
  signal,
  publish,
) => {
  for await (const { summary } of client.followSummary({ filter, signal })) publish(() => ({ summary }))
}

function useLive<Data, Selection>(
  client: SessionsClient,
  follow: Follow<Data, Selection>,
  initial: Data,
  selection: Selection,
): Data & LiveState {
  // A new object with the same content selects the same.
  const key = JSON.stringify(selection)
  const store = useMemo(() => new LiveStore(client, follow, initial, selection), [client, follow, key])
  return useSyncExternalStore(store.subscribe, store.snapshot, store.snapshot)
}

/** Data for the components that subscribe to it. Follows the server while there are any. */
class LiveStore<Data, Selection> {
  readonly #listeners = new Set<() => void>()
  #state: Data & LiveState
  /** Returns the data of the next state. Null if it is that of the last one. */
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
      // It may be shown again before it follows again.
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

  /** Makes the next state, and renders it if it differs. */
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

/** Stores to update in the next frame. */
const changed = new Set<{ update(): void }>()

/** Updates a store in the next frame, together with all others: a page renders once per frame, however much changes. */
function renderSoon(store: { update(): void }): void {
  if (changed.size === 0) nextFrame(updateChanged)
  changed.add(store)
}

function updateChanged(): void {
  const stores = [...changed]
  changed.clear()
  for (const store of stores) store.update()
}

/** Duration of a frame where nothing is drawn, such as in a test without a browser, in ms. */
const frameMs = 16

function nextFrame(callback: () => void): void {
  if (typeof requestAnimationFrame === 'function') requestAnimationFrame(callback)
  else setTimeout(callback, frameMs)
}
