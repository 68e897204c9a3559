import { setTimeout as wait } from 'node:timers/promises'
import { DomainError } from '../domain/errors'
import { probe } from '../telemetry/probe'

const attempts = 5

/**
 * Makes a change, and repeats it if another process was faster (`change` gives undefined). Repeats at once, or after a
 * random pause: `pauseMs` on average the first time, then twice as long each time.
 * Throws unavailable if others were faster in all attempts.
 */
export async function retryOnConflict<T>(change: () => Promise<T | undefined>, pauseMs = 0): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const made = await change()
    if (made !== undefined) return made
    if (attempt === attempts) {
      probe?.conflictsExhausted()
      throw new DomainError('unavailable')
    }
    if (pauseMs > 0) await wait(Math.random() * pauseMs * 2 ** attempt)
  }
}
