import { DomainError } from '../domain/errors'

/** Lets an operation of an address in, or refuses it as rate_limited. */
export type RateLimit = (address: string) => void

const windowMs = 1_000

/** How many addresses are told apart within a second. What comes from more of them is refused, not let by uncounted. */
export const addressesToldApart = 100_000

/** Admits so many operations a second of each address; all where no number is given. */
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
    if (count >= perSecond || (count === 0 && counts.size >= addressesToldApart)) throw new DomainError('rate_limited')
    counts.set(address, count + 1)
  }
}

/** The slots that each address may hold at once. */
export class AddressSlots {
  readonly #held = new Map<string, number>()

  constructor(readonly limit: number) {}

  /** Takes a slot, to be given back by calling what it returns, once; undefined where the address holds its limit. */
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
