import type { Logger } from 'pino'
import { probe } from './probe'

/**
 * Places where work may wait: the values of the metrics' label `place`, so the set is closed. What each means:
 * docs/operations/troubleshooting.md.
 */
export const waitPlaces = [
  'connection',
  'fair_queue',
  'graphql_queue',
  'session_queue',
  'write_conflict',
  'deep_read',
  'long_answer',
  'own_writes',
  'store_read',
  'store_write',
  'issuer_keys',
  'log_start',
  'catch_up',
  'store_retry',
  'slow_reader',
  'long_poll',
  'name_lookup',
] as const
export type WaitPlace = (typeof waitPlaces)[number]

/** A wait that lasts this long is logged at `debug`. */
export const slowWaitMs = 1_000

interface Wait {
  place: WaitPlace
  began: number
  facts: object
  isLogged: boolean
}

/** Module state, because the metric counts who waits in the whole process. */
const waits = new Set<Wait>()

/**
 * Registers a wait. The facts go into its log line. Call the returned function when the wait ends, also after an error.
 * Call this only if something has to wait, not for work that starts at once.
 */
export function beginWait(place: WaitPlace, facts: object = {}): () => void {
  const wait = { place, began: performance.now(), facts, isLogged: false }
  waits.add(wait)
  return () => {
    if (waits.delete(wait)) probe?.waited(place, performance.now() - wait.began)
  }
}

/** Registers the time until the work settles as a wait, and returns the work. */
export async function waitingAt<T>(place: WaitPlace, work: Promise<T>, facts?: object): Promise<T> {
  const end = beginWait(place, facts)
  try {
    return await work
  } finally {
    end()
  }
}

/** Returns the number of waits at each place. */
export function waitsByPlace(): Record<WaitPlace, number> {
  const counts = Object.fromEntries(waitPlaces.map(place => [place, 0])) as Record<WaitPlace, number>
  for (const { place } of waits) counts[place]++
  return counts
}

/** Logs each wait of a second or more once, at `debug`. Returns a function that stops it. */
export function logSlowWaits(log: Logger): () => void {
  if (!log.isLevelEnabled('debug')) return () => {}
  const looking = setInterval(() => {
    const now = performance.now()
    // In the order in which they began, so the rest are younger.
    for (const wait of waits) {
      const ms = Math.round(now - wait.began)
      if (ms < slowWaitMs) return
      if (!wait.isLogged) log.debug({ place: wait.place, ms, ...wait.facts }, 'waiting')
      wait.isLogged = true
    }
  }, slowWaitMs / 2)
  looking.unref()
  return () => clearInterval(looking)
}
