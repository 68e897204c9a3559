import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { DomainError } from './domain/errors'

/** The rest after a try that failed: at first, and at most. */
const firstRestMs = 100
const longestRestMs = 3_000
/** The process listens after this time even if the store is there and still opens, for example to make an index. */
const patienceMs = 10_000

export interface Opening {
  /** Resolves when the store is open, or is known not to be yet; rejects as `opened` does. */
  tried: Promise<unknown>
  /** Resolves when the store is open, or the process stops first; rejects where the store cannot be used at all. */
  opened: Promise<void>
}

/** Opens a store that may come later than this process: what is unavailable is tried again until `stopping`. */
export function opening(open: () => Promise<void>, log: Logger, stopping: AbortSignal, patience = patienceMs): Opening {
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
        if (isAbsent) log.info({ ms: Math.round(performance.now() - began) }, 'the store is there')
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
