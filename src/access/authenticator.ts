// This folder authenticates callers: it checks tokens and service keys, fetches the issuer's keys, and derives each
// caller's role and scope. `domain/caller.ts` decides what a caller is allowed to do with a session.

import { hash } from 'node:crypto'
import type { JWTPayload } from 'jose'
import type { Logger } from 'pino'
import type { Caller } from '../domain/caller'
import { DomainError, StartupError, tokenExpired } from '../domain/errors'
import { printableText } from '../domain/text'
import { CallerAccess } from './caller-access'
import { Issuer } from './issuer'
import { type ClaimNames, nameCharacters, type Principal, permissionsOf, principalOf, whyForbidden } from './principal'
import { claimsOf, skewMs, tokenOf } from './tokens'
import { isUrl } from './urls'

/** Maximum number of cached token checks. */
export const cachedTokens = 10_000

/** Cap on expiry times, in ms since the Unix epoch: RFC 3339 has no years beyond 9999. */
export const latestMs = Date.parse('9999-12-31T23:59:59Z')

export interface AccessConfig {
  AUTH_ISSUER?: string | undefined
  AUTH_AUDIENCE?: string | undefined
  AUTH_JWKS?: string | undefined
  AUTH_KEYS?: string | undefined
  AUTH_ROLE_CLAIM: string
  AUTH_ORGANISATION_CLAIM: string
  AUTH_MENTOR_CLAIM: string
  AUTH_NAME_CLAIM: string
  AUTH_MENTORS_CHOOSE_ORGANISATION: boolean
}

/** If the token is valid but grants no role on this server, `caller` is the error message. */
interface TokenCheck {
  caller: Caller | string
  /** Caller for requests that arrive after the token has expired, but still within the tolerated clock skew. */
  lateCaller?: Caller
  expires_at: number
}

interface TokenAuthenticatorOptions {
  issuer: Issuer
  audience: string
  claimNames: ClaimNames
  clock?: () => number
  /** Whether mentors whose token names no organisation are allowed to start sessions in any organisation. */
  mentorsChoose?: boolean
}

/** As long as a token is cached, all requests with the token get the same `Caller` object. */
export class TokenAuthenticator {
  readonly issuer: Issuer
  readonly audience: string
  readonly claimNames: ClaimNames
  readonly clock: () => number
  readonly mentorsChoose: boolean
  readonly #checks = new Map<string, TokenCheck>()
  readonly #running = new Map<string, Promise<TokenCheck>>()
  #generation = 0

  constructor({ issuer, audience, claimNames, clock = Date.now, mentorsChoose = false }: TokenAuthenticatorOptions) {
    this.issuer = issuer
    this.audience = audience
    this.claimNames = claimNames
    this.clock = clock
    this.mentorsChoose = mentorsChoose
  }

  /** Throws StartupError if `AUTH_JWKS` names a file without a valid key set. */
  static async of(config: AccessConfig, log: Logger): Promise<TokenAuthenticator | undefined> {
    const { AUTH_ISSUER, AUTH_AUDIENCE, AUTH_JWKS } = config
    if (!AUTH_ISSUER || !AUTH_AUDIENCE) return undefined
    const issuer = new Issuer({ name: AUTH_ISSUER, jwks: AUTH_JWKS, log })
    if (AUTH_JWKS && !isUrl(AUTH_JWKS)) {
      await issuer.fetch().catch(({ message }) => {
        throw new StartupError(`AUTH_JWKS must be a readable file with a JSON Web Key Set: ${message}.`)
      })
    }
    const claimNames = {
      role: config.AUTH_ROLE_CLAIM,
      mentor_id: config.AUTH_MENTOR_CLAIM,
      organisation_id: config.AUTH_ORGANISATION_CLAIM,
      name: config.AUTH_NAME_CLAIM,
    }
    const mentorsChoose = config.AUTH_MENTORS_CHOOSE_ORGANISATION
    return new TokenAuthenticator({ issuer, audience: AUTH_AUDIENCE, claimNames, mentorsChoose })
  }

  /**
   * Throws `unauthenticated` if the token is missing or invalid, `forbidden` if it grants no role on this server, and
   * `unavailable` if checking the token requires a fetch of the issuer's keys that fails.
   */
  caller(authorization: string | undefined): Caller | Promise<Caller> {
    const token = tokenOf(authorization)
    this.issuer.refresh()
    if (this.#generation !== this.issuer.generation) {
      this.#generation = this.issuer.generation
      this.#checks.clear()
    }
    // The cache key is the token's digest, which is shorter than the token and keeps the token itself out of the cache.
    const key = hash('sha256', token, 'base64url')
    const cached = this.#checks.get(key)
    if (cached && this.clock() < cached.expires_at + skewMs) return this.#callerOf(cached)
    return this.#checkOnce(key, token).then(check => this.#callerOf(check))
  }

  #checkOnce(key: string, token: string): Promise<TokenCheck> {
    const running =
      this.#running.get(key) ??
      this.#check(key, token).finally(() => {
        this.#running.delete(key)
      })
    this.#running.set(key, running)
    return running
  }

  async #check(key: string, token: string): Promise<TokenCheck> {
    const claims = await this.#claimsOf(token)
    const expires_at = Math.min(Number(claims.exp) * 1_000, latestMs)
    const principal = principalOf(claims, this.claimNames)
    const permissions = permissionsOf(principal, this.mentorsChoose)
    const access = new CallerAccess(expires_at, tokenExpired)
    const caller = permissions ? { ...permissions, ...this.#signatureOf(principal), access } : whyForbidden(principal)
    const check = { caller, expires_at }
    this.#checks.set(key, check)
    const [oldest] = this.#checks.keys()
    if (oldest !== undefined && this.#checks.size > cachedTokens) this.#checks.delete(oldest)
    return check
  }

  #callerOf(check: TokenCheck): Caller {
    const { caller, expires_at } = check
    if (typeof caller === 'string') throw new DomainError('forbidden').withMessage(caller)
    if (this.clock() < expires_at) return caller
    const access = new CallerAccess(expires_at + skewMs, tokenExpired)
    const late = check.lateCaller ?? { ...caller, access, streamAccess: caller.access }
    check.lateCaller = late
    return late
  }

  /** Checks the token again if the issuer's keys change during the check, so that no outdated result is cached. */
  async #claimsOf(token: string): Promise<JWTPayload> {
    const { generation } = this.issuer
    const claims = await claimsOf(token, { issuer: this.issuer, audience: this.audience, now: new Date(this.clock()) })
    return generation === this.issuer.generation ? claims : this.#claimsOf(token)
  }

  /**
   * Returns the name that is stored with the caller's transitions, and the digest that identifies the caller in
   * idempotency records and in the log. A caller's digest must be the same on every instance and after every restart.
   * The digest is computed without a secret, because the instances share no secret. If a token has no subject (`sub`),
   * the caller's digest is computed from the token's role, mentor and organisation.
   */
  #signatureOf({ subject, name, ...claims }: Principal): Pick<Caller, 'digest' | 'by'> {
    const by = printableText(name ?? '', nameCharacters) || printableText(subject ?? '', nameCharacters)
    const digest = hash('sha256', JSON.stringify([this.issuer.name, subject ?? claims]), 'base64url')
    return { digest, ...(by && { by }) }
  }
}
