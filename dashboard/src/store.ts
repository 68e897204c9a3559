import { useEffect, useState } from 'preact/hooks'

/** A value that notifies its watchers when it changes. */
export class Store<T> {
  readonly #watchers = new Set<() => void>()

  constructor(public value: T) {}

  set(value: T): void {
    if (Object.is(value, this.value)) return
    this.value = value
    this.changed()
  }

  /** Notifies the watchers of a change within the value. */
  changed(): void {
    for (const watcher of [...this.#watchers]) watcher()
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }
}

/** Returns the store's value, and renders again when it changes. */
export function useStore<T>(store: Store<T>): T {
  const [, render] = useState(0)
  useEffect(() => {
    const again = () => render(count => count + 1)
    const stop = store.watch(again)
    again() // covers a change between the render and this effect
    return stop
  }, [store])
  return store.value
}

/** Current time in ms, updated every second. */
export const clock = new Store(Date.now())
setInterval(() => clock.set(Date.now()), 1_000)

/** Whether there is input that the server does not have yet. */
export const unsaved = new Store(false)

/**
 * Text for screen readers: results of the user's actions and input, and the state of the connection. Rows that move are
 * not announced.
 */
export const announcement = new Store('')
export const announce = (text: string): void => {
  announcement.set('')
  setTimeout(() => announcement.set(text), 50)
}

/** Minimum time between two announcements of `announceSoon`, in ms. */
const restMs = 4_000
let soon: ReturnType<typeof setTimeout> | undefined
let lastSoon = 0

/** Announces the latest of several fast changes, after a second without another one, at most every 4 seconds. */
export function announceSoon(text: string): void {
  clearTimeout(soon)
  const wait = Math.max(1_000, lastSoon + restMs - Date.now())
  soon = setTimeout(() => {
    lastSoon = Date.now()
    announce(text)
  }, wait)
}
