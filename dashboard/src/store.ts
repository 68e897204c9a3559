import { useEffect, useState } from 'preact/hooks'

/** A value that notifies its watchers when it changes. */
export class Store<T> {
  readonly #watchers = new Set<() => void>()

  constructor(public value: T) {}

  set(value: T): void {
    if (Object.is(value, this.value)) return
    this.value = value
    this.notify()
  }

  /** Notifies the watchers of a change within the value. */
  notify(): void {
    for (const watcher of [...this.#watchers]) watcher()
  }

  subscribe(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }
}

/** Returns the store's value, and renders again when it changes. */
export function useStore<T>(store: Store<T>): T {
  const [, render] = useState(0)
  useEffect(() => {
    const again = () => render(count => count + 1)
    const stop = store.subscribe(again)
    again() // covers a change between the render and this effect
    return stop
  }, [store])
  return store.value
}

/** Current time in ms, updated every second. */
export const clock = new Store(Date.now())
setInterval(() => clock.set(Date.now()), 1_000)

/** Time in ms without a response from the server after which the page says so. */
export const slowMs = 5_000

export const isPrinting = new Store(false)
addEventListener('beforeprint', () => isPrinting.set(true))
addEventListener('afterprint', () => isPrinting.set(false))

/** Whether there is input that the server does not have yet. */
export const hasUnsavedInput = new Store(false)

/**
 * Text for screen readers: results of the user's actions and input, and the state of the connection. Moving rows are
 * not announced.
 */
export const announcement = new Store('')

/** Minimum time in ms for which an announcement stays. A screen reader may skip one that is replaced at once. */
const minAnnouncedMs = 1_000
/** Maximum number of waiting announcements. The oldest one is dropped. */
const maxWaiting = 3
const waiting: string[] = []
let isAnnouncing = false

/** Announces a text after the waiting ones. */
export function announce(text: string): void {
  waiting.push(text)
  if (waiting.length > maxWaiting) waiting.shift()
  if (!isAnnouncing) announceNext()
}

function announceNext(): void {
  const text = waiting.shift()
  isAnnouncing = text !== undefined
  if (text === undefined) return
  // A region whose text does not change is not read again.
  announcement.set('')
  setTimeout(() => {
    announcement.set(text)
    setTimeout(announceNext, minAnnouncedMs)
  }, 50)
}

/** Minimum time in ms between two announcements of `announceDebounced`. */
const minDebouncedGapMs = 4_000
let debounceTimer: ReturnType<typeof setTimeout> | undefined
let lastDebouncedAt = 0

/**
 * Announces the latest of several fast changes, after a second without another one, at most every 4 seconds. Returns a
 * function that drops the text if it still waits.
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
