import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { DomainError } from '../domain/errors'

/** First and longest delay between two attempts. The delay doubles in between. */
const firstRestMs = 100
const longestRestMs = 3_000
/** After this time the process listens even if the store is still opening, for example while it builds an index. */
const patienceMs = 10_000

export interface Connecting {
  /**
   * Resolves when the store is open, when an attempt has found it unavailable, or after `patience`. Rejects like
   * `opened`.
   */
  tried: Promise<unknown>
  /** Resolves when the store is open, or when the process stops first. Rejects if the store cannot be used at all. */
  opened: Promise<void>
}

/**
 * Opens a store with retries until `stopping`. Only a DomainError (the store is unavailable) leads to another attempt.
 * `patience` is in ms.
 */
export function connectWithRetry(
  open: () => Promise<void>,
  log: Logger,
  stopping: AbortSignal,
  patience = patienceMs,
): Connecting {
  const began = performance.now()
  let isAbsent = false
  const { promise: absent, resolve: tellAbsent } = latch()

  const waitsFor = (error?: unknown): void => {
    if (isAbsent || stopping.aborted) return
    isAbsent = true
    log.warn({ ...(error !== undefined && { err: error }) }, 'waiting for the store')
    tellAbsent()
  }
  const late = setTimeout(waitsFor, patience).unref()

  async function opened(): Promise<void> {
    for (let rest = firstRestMs; !stopping.aborted; rest = Math.min(2 * rest, longestRestMs)) {
      try {
        await open()
        if (isAbsent) log.info({ ms: Math.round(performance.now() - began) }, 'store available')
        return
      } catch (error) {
        if (stopping.aborted) return
        if (!(error instanceof DomainError)) throw error
        waitsFor(error.cause ?? error)
      }
      await wait(rest * (0.5 + Math.random() / 2), undefined, { signal: stopping }).catch(() => {})
    }
  }

  const done = opened().finally(() => clearTimeout(late))
  return { tried: Promise.race([done, absent]), opened: done }
}

function latch(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>(resolved => {
    resolve = resolved
  })
  return { promise, resolve }
}
