import { DomainError } from '../domain/errors'
import { Counts } from './counts'

export interface SlotLimits {
  /** Maximum number of slots in total. Default: no limit. */
  atOnce?: number
  /** Maximum number of slots that one principal can hold. */
  ofPrincipal: number
  /** Maximum number of slots that the principals of one organisation can hold. Default: no limit. */
  ofOrganisation?: number
}

/** Slots that limit concurrent work, in total, per principal and per organisation. */
export class Slots {
  #taken = 0
  readonly #takenBy = new Counts()
  readonly #takenByOrganisation = new Counts()

  constructor(readonly limits: SlotLimits) {}

  /** Number of slots that are taken. */
  get taken(): number {
    return this.#taken
  }

  /** Whether a slot is free. Without `organisation`, no organisation's limit applies. */
  mayAcquire(principal: string, organisation?: string): boolean {
    const { atOnce = Number.POSITIVE_INFINITY, ofPrincipal, ofOrganisation = Number.POSITIVE_INFINITY } = this.limits
    return (
      this.#taken < atOnce &&
      this.#takenBy.of(principal) < ofPrincipal &&
      (organisation === undefined || this.#takenByOrganisation.of(organisation) < ofOrganisation)
    )
  }

  /**
   * Acquires a slot, and returns the function that releases it. Call the function exactly once. Throws unavailable if
   * no slot is free, or if the principal or the organisation already holds its maximum number of slots.
   */
  acquire(principal: string, organisation?: string): () => void {
    if (!this.mayAcquire(principal, organisation)) throw new DomainError('unavailable')
    this.#count(1, principal, organisation)
    return () => this.#count(-1, principal, organisation)
  }

  #count(change: 1 | -1, principal: string, organisation: string | undefined): void {
    this.#taken += change
    this.#takenBy.add(principal, change)
    if (organisation !== undefined) this.#takenByOrganisation.add(organisation, change)
  }
}
