import { hash } from 'node:crypto'
import type { JWTPayload } from 'jose'
import type { Logger } from 'pino'
import type { Caller } from '../domain/caller'
import { CannotStart, DomainError } from '../domain/errors'
import { shown } from '../domain/text'
import { Issuer } from './issuer'
import { type ClaimNames, type Principal, principalOf } from './principal'
import { permissionsOf } from './scope'
import { claimsOf, skewMs, tokenOf } from './tokens'
import { isUrl } from './urls'

/** So many tokens that were found good are remembered. */
export const tokensRemembered = 10_000

/** How long a name is, at most, by which changes are signed. */
const nameCharacters = 200

/** No date is later. */
const latestMs = 8.64e15

export interface AccessConfig {
  AUTH_ISSUER?: string | undefined
  AUTH_AUDIENCE?: string | undefined
  AUTH_JWKS?: string | undefined
  AUTH_ROLE_CLAIM: string
  AUTH_ORGANISATION_CLAIM: string
  AUTH_MENTOR_CLAIM: string
  AUTH_NAME_CLAIM: string
}

/** Whom a token was found to be of: of nobody who may do anything here where there is no caller. */
interface Known {
  caller?: Caller
  until: number
}

/** Tells by a field Authorization who asks. One token has one caller, as long as it is remembered. */
export class Access {
  readonly #known = new Map<string, Known>()
  readonly #asked = new Map<string, Promise<Known>>()
  #generation = 0

  constructor(
    readonly issuer: Issuer,
    readonly audience: string,
    readonly claimNames: ClaimNames,
    readonly clock: () => number = Date.now,
  ) {}

  /** As it is configured: nothing where no tokens are asked for. A file of keys that is none is CannotStart. */
  static async of(config: AccessConfig, log: Logger): Promise<Access | undefined> {
    const { AUTH_ISSUER, AUTH_AUDIENCE, AUTH_JWKS } = config
    if (!AUTH_ISSUER || !AUTH_AUDIENCE) return undefined
    const issuer = new Issuer(AUTH_ISSUER, AUTH_JWKS, log)
    if (AUTH_JWKS && !isUrl(AUTH_JWKS)) {
      await issuer.fetch().catch(({ message }) => {
        throw new CannotStart(`AUTH_JWKS must be a file of a JSON Web Key Set that can be read: ${message}.`)
      })
    }
    return new Access(issuer, AUTH_AUDIENCE, {
      role: config.AUTH_ROLE_CLAIM,
      mentor_id: config.AUTH_MENTOR_CLAIM,
      organisation_id: config.AUTH_ORGANISATION_CLAIM,
      name: config.AUTH_NAME_CLAIM,
    })
  }

  /** Throws unauthenticated, forbidden where he has no role here, and unavailable where the issuer has to be asked and can't be. */
  caller(authorization: string | undefined): Caller | Promise<Caller> {
    const token = tokenOf(authorization)
    this.issuer.refresh()
    if (this.#generation !== this.issuer.generation) {
      this.#generation = this.issuer.generation
      this.#known.clear()
    }
    // By its digest: so much less is kept, and no token.
    const key = hash('sha256', token, 'base64url')
    const known = this.#known.get(key)
    if (known && this.clock() < known.until) return callerOf(known)
    return this.#ask(key, token).then(callerOf)
  }

  /** Checks a token, once for all who come with it meanwhile. */
  #ask(key: string, token: string): Promise<Known> {
    const asked =
      this.#asked.get(key) ??
      this.#check(key, token).finally(() => {
        this.#asked.delete(key)
      })
    this.#asked.set(key, asked)
    return asked
  }

  async #check(key: string, token: string): Promise<Known> {
    const claims = await this.#claimsOf(token)
    const expires_at = Math.min(Number(claims.exp) * 1_000, latestMs)
    const principal = principalOf(claims, this.claimNames)
    const permissions = permissionsOf(principal)
    const caller = permissions && { ...permissions, ...this.#signatureOf(principal), expires_at }
    const known = { ...(caller && { caller }), until: expires_at + skewMs }
    this.#known.set(key, known)
    const [oldest] = this.#known.keys()
    if (oldest !== undefined && this.#known.size > tokensRemembered) this.#known.delete(oldest)
    return known
  }

  /** What was found by keys that have become others meanwhile is found again: it would be remembered. */
  async #claimsOf(token: string): Promise<JWTPayload> {
    const { generation } = this.issuer
    const claims = await claimsOf(token, this.issuer, this.audience, new Date(this.clock()))
    return generation === this.issuer.generation ? claims : this.#claimsOf(token)
  }

  /**
   * His name for the sessions, and his digest for keys and log. The digest has no key: it is the same on every instance and
   * after every start, and there is no secret that all of them share. One without a subject is told apart by what he may see.
   */
  #signatureOf({ subject, name, ...who }: Principal): Pick<Caller, 'digest' | 'by'> {
    const by = shown(name ?? '', nameCharacters) || shown(subject ?? '', nameCharacters)
    const digest = hash('sha256', JSON.stringify([this.issuer.name, subject ?? who]), 'base64url')
    return { digest, ...(by && { by }) }
  }
}

function callerOf({ caller }: Known): Caller {
  if (!caller) throw new DomainError('forbidden')
  return caller
}
