import { DomainError } from '../domain/errors'
import { Counts } from './counts'

export interface SlotLimits {
  /** Maximum number of slots in total. Default: no limit. */
  atOnce?: number
  /** Maximum number of slots that one principal can hold. */
  ofPrincipal: number
}

/** Slots that limit concurrent work, in total and per principal. */
export class Slots {
  #taken = 0
  readonly #takenBy = new Counts()

  constructor(readonly limits: SlotLimits) {}

  /** Number of slots that are taken. */
  get taken(): number {
    return this.#taken
  }

  mayAcquire(principal: string): boolean {
    const { atOnce = Number.POSITIVE_INFINITY, ofPrincipal } = this.limits
    return this.#taken < atOnce && this.#takenBy.of(principal) < ofPrincipal
  }

  /**
   * Acquires a slot, and returns the function that releases it. Call the function exactly once. Throws unavailable if
   * no slot is free, or if the principal already holds its maximum number of slots.
   */
  acquire(principal: string): () => void {
    if (!this.mayAcquire(principal)) throw new DomainError('unavailable')
    this.#taken++
    this.#takenBy.add(principal, 1)
    return () => {
      this.#taken--
      this.#takenBy.add(principal, -1)
    }
  }
}
