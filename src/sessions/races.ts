import { setTimeout as wait } from 'node:timers/promises'
import { DomainError } from '../domain/errors'
import { probe } from '../probe'

const attempts = 5

/**
 * Makes a change, and makes it anew where another process was faster (it gives undefined): at once, or after a while that
 * doubles, of `pauseMs` on average before the first time. Unavailable where others were faster each time.
 */
export async function untilWon<T>(change: () => Promise<T | undefined>, pauseMs = 0): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const made = await change()
    if (made !== undefined) return made
    if (attempt === attempts) {
      probe?.racesLost()
      throw new DomainError('unavailable')
    }
    if (pauseMs > 0) await wait(Math.random() * pauseMs * 2 ** attempt)
  }
}
