import { runAt } from '../concurrency/scheduler'
import type { Access } from '../domain/caller'
import { type DomainError, TokenFault, unauthenticated } from '../domain/errors'

const revoked = 'The service key was revoked, or its rights have changed.'

/** Ends when the token or service key expires, or earlier if the key is revoked. All listeners share one timer. */
export class CallerAccess implements Access {
  readonly #works = new Set<(reason: DomainError) => void>()
  #isRevoked = false
  /** Time of the next timer, in ms since the Unix epoch. */
  #timedFor: number | undefined

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

  /** Changes the time at which the access ends. If that time has passed, the access ends now. */
  expireAt(expires_at: number | undefined): void {
    this.expires_at = expires_at
    this.#awaitExpiry()
  }

  revoke(): void {
    this.#isRevoked = true
    this.#end()
  }

  get #reason(): DomainError {
    return unauthenticated(new TokenFault('invalid_token', this.#isRevoked ? revoked : this.expired))
  }

  /** Sets a timer for the expiry, and sets it again if the expiry has been postponed meanwhile. */
  #awaitExpiry(): void {
    const at = this.expires_at
    if (this.#works.size === 0 || at === undefined || (this.#timedFor !== undefined && this.#timedFor <= at)) return
    this.#timedFor = at
    runAt(at, () => {
      if (this.#timedFor === at) this.#timedFor = undefined
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
