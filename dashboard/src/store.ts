import { useEffect, useState } from 'preact/hooks'

/** Holds a value, and notifies watchers when the value changes. */
export class Store<T> {
  readonly #watchers = new Set<() => void>()

  constructor(public value: T) {}

  set(value: T): void {
    if (Object.is(value, this.value)) return
    this.value = value
    this.notify()
  }

  /** Notifies the watchers. Call `notify` after you mutate the value. */
  notify(): void {
    for (const watcher of [...this.#watchers]) watcher()
  }

  subscribe(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }
}

/** Returns the store's value, and rerenders the component whenever the value changes. */
export function useStore<T>(store: Store<T>): T {
  const [, render] = useState(0)
  useEffect(() => {
    const again = () => render(count => count + 1)
    const stop = store.subscribe(again)
    again() // The value may have changed between the render and this effect.
    return stop
  }, [store])
  return store.value
}

/** Current time in ms, updated every second. */
export const clock = new Store(Date.now())
setInterval(() => clock.set(Date.now()), 1_000)

/** Time in ms after which the page reports that the server has not responded. */
export const slowMs = 5_000

export const isPrinting = new Store(false)
addEventListener('beforeprint', () => isPrinting.set(true))
addEventListener('afterprint', () => isPrinting.set(false))

/** Whether the user has entered input that the server does not have yet. */
export const hasUnsavedInput = new Store(false)

/**
 * Announcement for screen readers: the outcome of the user's actions and input, or the state of the connection. Row
 * movements in the list are not announced.
 */
export const announcement = new Store('')

/**
 * Minimum time in ms that an announcement stays on the page. Screen readers can miss an announcement that is replaced
 * sooner.
 */
const minAnnouncedMs = 1_000
/** Maximum number of queued announcements. If the queue is full, the oldest announcement is dropped. */
const maxWaiting = 3
const waiting: string[] = []
let isAnnouncing = false

/** Queues an announcement for screen readers. */
export function announce(text: string): void {
  waiting.push(text)
  if (waiting.length > maxWaiting) waiting.shift()
  if (!isAnnouncing) announceNext()
}

function announceNext(): void {
  const text = waiting.shift()
  isAnnouncing = text !== undefined
  if (text === undefined) return
  // Clear the live region first, because screen readers don't announce a text that is the same as before.
  announcement.set('')
  setTimeout(() => {
    announcement.set(text)
    setTimeout(announceNext, minAnnouncedMs)
  }, 50)
}

/** Minimum time in ms between two announcements by `announceDebounced`. */
const minDebouncedGapMs = 4_000
let debounceTimer: ReturnType<typeof setTimeout> | undefined
let lastDebouncedAt = 0

/**
 * Announces only the latest of several rapid changes, after a second without changes. Makes at most one announcement
 * every 4 seconds. Returns a function that cancels the announcement if the announcement is still pending.
 */
export function announceDebounced(text: string): () => void {
  clearTimeout(debounceTimer)
  const wait = Math.max(1_000, lastDebouncedAt + minDebouncedGapMs - Date.now())
  const timer = setTimeout(() => {
    lastDebouncedAt = Date.now()
    announce(text)
  }, wait)
  debounceTimer = timer
  return () => clearTimeout(timer)
}
