import { DomainError } from '../domain/errors'

/** Admits an operation of an address, or throws rate_limited. */
export type RateLimit = (address: string) => void

const windowMs = 1_000

/**
 * Addresses that are counted separately within a second. Operations of further addresses are refused, because nothing
 * would count them.
 */
export const trackedAddresses = 100_000

/** Returns a limit of `perSecond` operations per second and address. Without a number, everything is admitted. */
export function rateLimit(perSecond: number | undefined, clock = () => performance.now()): RateLimit {
  if (perSecond === undefined) return () => {}
  const counts = new Map<string, number>()
  let began = clock()
  return address => {
    const now = clock()
    if (now - began >= windowMs) {
      counts.clear()
      began = now
    }
    const count = counts.get(address) ?? 0
    if (count >= perSecond || (count === 0 && counts.size >= trackedAddresses)) throw new DomainError('rate_limited')
    counts.set(address, count + 1)
  }
}

/** Limits the slots that each address holds at the same time. */
export class ConnectionsPerAddress {
  readonly #held = new Map<string, number>()

  constructor(readonly limit: number) {}

  /**
   * Takes a slot and returns the function that releases it, to be called once; undefined if the address holds its
   * limit.
   */
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
