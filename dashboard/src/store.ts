import { useEffect, useState } from 'preact/hooks'

/** A value that tells those who watch it when it is another. */
export class Store<T> {
  readonly #watchers = new Set<() => void>()

  constructor(public value: T) {}

  set(value: T): void {
    if (Object.is(value, this.value)) return
    this.value = value
    this.changed()
  }

  /** Tells of a change within the value. */
  changed(): void {
    for (const watcher of [...this.#watchers]) watcher()
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }
}

/** The store's value, and a new render whenever it changes. */
export function useStore<T>(store: Store<T>): T {
  const [, render] = useState(0)
  useEffect(() => {
    const again = () => render(count => count + 1)
    const stop = store.watch(again)
    again() // what changed between the render and this effect
    return stop
  }, [store])
  return store.value
}

/** The time, a second at a time. */
export const clock = new Store(Date.now())
setInterval(() => clock.set(Date.now()), 1_000)

/** Something is being typed that no server knows yet. */
export const unsaved = new Store(false)

/**
 * What a screen reader says next: what the reader asked for, the connection, and what comes of what he types. Rows that
 * move are not said.
 */
export const announcement = new Store('')
export const announce = (text: string): void => {
  announcement.set('')
  setTimeout(() => announcement.set(text), 50)
}

/** What changes by itself or while something is typed is said so often at most. */
const restMs = 4_000
let soon: ReturnType<typeof setTimeout> | undefined
let lastSoon = 0

/** Says the latest of what comes fast, once it rests for a moment, and seldom. */
export function announceSoon(text: string): void {
  clearTimeout(soon)
  const wait = Math.max(1_000, lastSoon + restMs - Date.now())
  soon = setTimeout(() => {
    lastSoon = Date.now()
    announce(text)
  }, wait)
}
