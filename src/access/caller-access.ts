import { runAt } from '../concurrency/scheduler'
import type { Access } from '../domain/caller'
import { type DomainError, TokenFault, unauthenticated } from '../domain/errors'

const revoked = 'The service key was revoked, or its rights have changed.'

/**
 * A caller's access, which ends when the token or key expires, or earlier if the key is revoked. All listeners share
 * one timer.
 */
export class CallerAccess implements Access {
  readonly #works = new Set<(reason: DomainError) => void>()
  #isRevoked = false
  #isTimed = false

  constructor(
    public expires_at: number | undefined,
    /** Error message for an expired token or key. */
    readonly expired: string,
  ) {}

  get hasEnded(): boolean {
    return this.#isRevoked || (this.expires_at !== undefined && Date.now() >= this.expires_at)
  }

  require(): void {
    if (this.hasEnded) throw this.#reason
  }

  onEnd(work: (reason: DomainError) => void): () => void {
    if (this.hasEnded) work(this.#reason)
    else this.#works.add(work)
    this.#awaitExpiry()
    return () => void this.#works.delete(work)
  }

  revoke(): void {
    this.#isRevoked = true
    this.#end()
  }

  get #reason(): DomainError {
    return unauthenticated(new TokenFault('invalid_token', this.#isRevoked ? revoked : this.expired))
  }

  /** Sets a timer for the expiry. When the timer fires, a change to the key file may have postponed the expiry. */
  #awaitExpiry(): void {
    if (this.#isTimed || this.#works.size === 0 || this.expires_at === undefined) return
    this.#isTimed = true
    runAt(this.expires_at, () => {
      this.#isTimed = false
      if (this.hasEnded) this.#end()
      else this.#awaitExpiry()
    })
  }

  #end(): void {
    const works = [...this.#works]
    this.#works.clear()
    for (const work of works) work(this.#reason)
  }
}
