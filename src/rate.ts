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

/** The places that each address may hold at once. */
export class Places {
  readonly #held = new Map<string, number>()

  constructor(readonly limit: number) {}

  /** Takes a place, to be given back by calling what it returns, once; undefined where the address holds its limit. */
  take(address = ''): (() => void) | undefined {
    const held = this.#held.get(address) ?? 0
    if (held >= this.limit) return undefined
    this.#held.set(address, held + 1)
    return () => {
      const left = (this.#held.get(address) ?? 1) - 1
      if (left === 0) this.#held.delete(address)
      else this.#held.set(address, left)
    }
  }
}
