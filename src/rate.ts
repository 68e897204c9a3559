import type { IncomingMessage } from 'node:http'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { DomainError } from './domain/errors'

/** Lets a request of an address in, or refuses it as rate_limited. */
export type Admit = (request: IncomingMessage) => Promise<void>

/** Admits so many requests a second of each address; all where no number is given. */
export function rateLimit(perSecond: number | undefined): Admit {
  if (perSecond === undefined) return async () => {}
  const limiter = new RateLimiterMemory({ points: perSecond, duration: 1 })
  return async ({ socket }) => {
    await limiter.consume(socket.remoteAddress ?? '').catch(() => {
      throw new DomainError('rate_limited')
    })
  }
}
