import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { beginWait } from '../concurrency/waits'
import { DomainError } from '../domain/errors'

/** Initial and maximum delay in ms between two attempts to open the store. The delay doubles after each attempt. */
const firstDelayMs = 100
const longestDelayMs = 3_000
/**
 * Time in ms after which the process starts to listen even if the store has not opened yet, for example because an
 * index is being built.
 */
const patienceMs = 10_000

export interface Connecting {
  /**
   * Resolves as soon as the store has opened, an attempt has found it unavailable, or `patience` has passed. Rejects if
   * the store cannot be used at all.
   */
  tried: Promise<unknown>
  /** Resolves once the store has opened, or if the process stops first. Rejects if the store cannot be used at all. */
  opened: Promise<void>
}

interface ConnectOptions {
  log: Logger
  /** Aborted once the process stops. */
  stopping: AbortSignal
  /** Default: `patienceMs`. */
  patience?: number
}

/** Retries while `open` throws a DomainError, until the process stops. All other errors are final. */
export function connectWithRetry(
  open: () => Promise<void>,
  { log, stopping, patience = patienceMs }: ConnectOptions,
): Connecting {
  const began = performance.now()
  const { promise: absent, resolve: resolveAbsent } = Promise.withResolvers<void>()
  let endWait: (() => void) | undefined

  const noteAbsence = (error?: unknown): void => {
    if (endWait || stopping.aborted) return
    endWait = beginWait('store_retry')
    log.warn({ ...(error !== undefined && { err: error }) }, 'waiting for the store')
    resolveAbsent()
  }

  async function openWithRetry(): Promise<void> {
    for (let delay = firstDelayMs; !stopping.aborted; delay = Math.min(2 * delay, longestDelayMs)) {
      try {
        await open()
        if (endWait) log.info({ ms: Math.round(performance.now() - began) }, 'store available')
        return
      } catch (error) {
        if (stopping.aborted) return
        if (!(error instanceof DomainError)) throw error
        noteAbsence(error.cause ?? error)
      }
      await wait(delay * (0.5 + Math.random() / 2), undefined, { signal: stopping }).catch(() => {})
    }
  }

  const late = setTimeout(noteAbsence, patience).unref()
  const opened = openWithRetry().finally(() => {
    clearTimeout(late)
    endWait?.()
  })
  return { tried: Promise.race([opened, absent]), opened }
}
