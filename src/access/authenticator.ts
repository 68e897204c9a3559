// This folder authenticates callers: tokens, the issuer's keys, service keys, roles and scopes. It does not decide what
// a caller may do with a session: `domain/caller.ts` does.

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

/** Latest expiry, in ms. Later expiries are reduced to it, because years have at most four digits in RFC 3339. */
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

/** Cached result of a token check. If the token is valid but grants no role here, `caller` is the reason as text. */
interface TokenCheck {
  caller: Caller | string
  /** Caller for requests that arrive after the token has expired, but within the tolerated clock skew. */
  lateCaller?: Caller
  expires_at: number
}

/** Authenticates callers by the Authorization header. Returns the same Caller object while the token is cached. */
export class TokenAuthenticator {
  readonly #checks = new Map<string, TokenCheck>()
  readonly #running = new Map<string, Promise<TokenCheck>>()
  #generation = 0

  constructor(
    readonly issuer: Issuer,
    readonly audience: string,
    readonly claimNames: ClaimNames,
    readonly clock: () => number = Date.now,
    /** Whether a mentor without an organisation may start sessions in any organisation. */
    readonly mentorsChoose = false,
  ) {}

  /** Returns undefined if the configuration has no issuer. Throws StartupError if the key file is invalid. */
  static async of(config: AccessConfig, log: Logger): Promise<TokenAuthenticator | undefined> {
    const { AUTH_ISSUER, AUTH_AUDIENCE, AUTH_JWKS } = config
    if (!AUTH_ISSUER || !AUTH_AUDIENCE) return undefined
    const issuer = new Issuer(AUTH_ISSUER, AUTH_JWKS, log)
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
    return new TokenAuthenticator(issuer, AUTH_AUDIENCE, claimNames, Date.now, mentorsChoose)
  }

  /**
   * Throws unauthenticated, forbidden if the token grants no role here, or unavailable if the issuer's keys are needed
   * but cannot be fetched.
   */
  caller(authorization: string | undefined): Caller | Promise<Caller> {
    const token = tokenOf(authorization)
    this.issuer.refresh()
    if (this.#generation !== this.issuer.generation) {
      this.#generation = this.issuer.generation
      this.#checks.clear()
    }
    // The cache key is a digest, because it is shorter and keeps the token itself out of memory.
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

  /** Repeats the check if the issuer's keys changed meanwhile, so that no outdated result is cached. */
  async #claimsOf(token: string): Promise<JWTPayload> {
    const { generation } = this.issuer
    const claims = await claimsOf(token, this.issuer, this.audience, new Date(this.clock()))
    return generation === this.issuer.generation ? claims : this.#claimsOf(token)
  }

  /**
   * Returns the name that signs transitions, and the digest for idempotency keys and the log. The digest must be the
   * same on every instance and after every restart. It therefore uses no secret, because the instances share none.
   * Without a subject, it is computed from role, mentor and organisation.
   */
  #signatureOf({ subject, name, ...claims }: Principal): Pick<Caller, 'digest' | 'by'> {
    const by = printableText(name ?? '', nameCharacters) || printableText(subject ?? '', nameCharacters)
    const digest = hash('sha256', JSON.stringify([this.issuer.name, subject ?? claims]), 'base64url')
    return { digest, ...(by && { by }) }
  }
}
