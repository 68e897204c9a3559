import { DomainError } from '../domain/errors'
import { Counts } from './counts'

export interface SlotLimits {
  atOnce: number
  /** Maximum number of slots that each principal can hold. */
  ofPrincipal: number
}

/** Slots that limit concurrent work, in total and per principal. */
export class Slots {
  #taken = 0
  readonly #takenBy = new Counts()

  constructor(readonly limits: SlotLimits) {}

  mayAcquire(principal: string): boolean {
    return this.#taken < this.limits.atOnce && this.#takenBy.of(principal) < this.limits.ofPrincipal
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
