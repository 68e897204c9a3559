import { runAt } from '../concurrency/scheduler'
import type { Access } from '../domain/caller'
import { type DomainError, TokenFault, unauthenticated } from '../domain/errors'

const revoked = 'The service key was revoked, or its rights have changed.'

/** Ends when the token or service key expires, or earlier if the key is revoked. All listeners share one timer. */
export class CallerAccess implements Access {
  readonly #works = new Set<(reason: DomainError) => void>()
  #isRevoked = false
  #isTimed = false

  constructor(
    public expires_at: number | undefined,
    /** Message of the error that the caller gets once the token or service key has expired. */
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

  /** Sets a timer for the expiry, and sets it again if a change to the key file has postponed the expiry meanwhile. */
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
