import type { Logger } from 'pino'
import { probe } from './probe'

/**
 * All places where work can wait. The set of places is closed, because the places are the values of the metric label
 * `place`. docs/operations/troubleshooting.md explains each place.
 */
export const waitPlaces = [
  'fair_queue',
  'graphql_queue',
  'session_queue',
  'write_conflict',
  'deep_read',
  'long_answer',
  'totals',
  'search',
  'store_read',
  'store_write',
  'issuer_keys',
  'log_start',
  'catch_up',
  'store_retry',
  'slow_reader',
  'long_poll',
] as const
export type WaitPlace = (typeof waitPlaces)[number]

/** Minimum duration in ms of a wait that is logged at level `debug`. */
export const slowWaitMs = 1_000

interface Wait {
  place: WaitPlace
  began: number
  facts: object
  isLogged: boolean
}

/**
 * Waits in progress. The set of waits is module state, because the `waiting` metric counts all waits of the process.
 */
const waits = new Set<Wait>()

/**
 * Registers a wait. Call the returned function when the wait ends, even if it ends with an error. If the wait is
 * logged, its log line includes `facts`. Do not register a wait for work that can start immediately.
 */
export function beginWait(place: WaitPlace, facts: object = {}): () => void {
  const wait = { place, began: performance.now(), facts, isLogged: false }
  waits.add(wait)
  return () => {
    if (waits.delete(wait)) probe?.waited(place, performance.now() - wait.began)
  }
}

/** Registers a wait that lasts until `work` settles. Returns the outcome of `work`. */
export async function waitingAt<T>(place: WaitPlace, work: Promise<T>, facts?: object): Promise<T> {
  const end = beginWait(place, facts)
  try {
    return await work
  } finally {
    end()
  }
}

export function waitsByPlace(): Record<WaitPlace, number> {
  const counts = Object.fromEntries(waitPlaces.map(place => [place, 0])) as Record<WaitPlace, number>
  for (const { place } of waits) counts[place]++
  return counts
}

/** Logs each wait of at least `slowWaitMs` once, at level `debug`. Returns a function that stops the logging. */
export function logSlowWaits(log: Logger): () => void {
  if (!log.isLevelEnabled('debug')) return () => {}
  const looking = setInterval(() => {
    const now = performance.now()
    // Waits are ordered by their start time. If one wait is too short to be logged, all later waits are too short as
    // well.
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
