import { readFile } from 'node:fs/promises'
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import type { Logger } from 'pino'
import { waitingAt } from '../concurrency/waits'
import { unavailable } from '../domain/errors'
import { jsonOf } from './json'
import { isTrustworthy, isUrl } from './urls'

/** Time limit in ms for fetching the issuer's discovery document and keys. */
const fetchTimeoutMs = 5_000

/** Maximum size in bytes of the issuer's discovery document, and of its key set. */
export const documentBytes = 256 * 1024

/** Minimum time in ms between two fetches if a token names an unknown key or the last fetch failed. */
export const refetchMs = 30_000

/** Minimum time in ms between two fetches of the issuer's keys as long as no fetch has succeeded. */
export const retryMs = 1_000

/** Age in ms at which keys are refreshed in the background, so that withdrawn keys are eventually refused. */
export const refreshMs = 10 * 60_000

interface IssuerOptions {
  name: string
  /** URL or file path of the issuer's key set. If undefined, the discovery document names the URL. */
  jwks?: string | undefined
  log: Logger
  clock?: () => number
}

/** Token issuer, whose keys are fetched on demand and cached until a later fetch returns different keys. */
export class Issuer {
  readonly name: string
  readonly jwks: string | undefined
  readonly log: Logger
  readonly clock: () => number
  /** Counter that is incremented each time the issuer's keys change. */
  generation = 0
  #keys: { text: string; find: JWTVerifyGetKey } | undefined
  #fetching: Promise<void> | undefined
  #fetchedAt = Number.NEGATIVE_INFINITY
  #failure: unknown

  constructor({ name, jwks, log, clock = () => performance.now() }: IssuerOptions) {
    this.name = name
    this.jwks = jwks
    this.log = log
    this.clock = clock
  }

  /** Returns jose's key for verifying a token's signature. Throws `unavailable` if a necessary fetch fails. */
  readonly key: JWTVerifyGetKey = async (header, token) => {
    const age = this.clock() - this.#fetchedAt
    if (this.#keys) {
      try {
        return await this.#keys.find(header, token)
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
        if (!this.#fetching && age < refetchMs) throw this.#failure ? unavailable(this.#failure) : error
      }
    } else if (!this.#fetching && age < retryMs) throw unavailable(this.#failure)
    await waitingAt('issuer_keys', this.fetch()).catch(cause => {
      throw unavailable(cause)
    })
    return this.#fetchedKeys.find(header, token)
  }

  refresh(): void {
    if (!this.#keys || this.#fetching) return
    const age = this.clock() - this.#fetchedAt
    if (age >= (this.#failure ? refetchMs : refreshMs))
      this.fetch().catch(err => this.log.warn({ err }, 'issuer keys not refreshed, keeping the old keys'))
  }

  /** Concurrent calls share one request. */
  fetch(): Promise<void> {
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined
    })
    return this.#fetching
  }

  async #fetch(): Promise<void> {
    this.#fetchedAt = this.clock()
    try {
      const text = await this.#read(AbortSignal.timeout(fetchTimeoutMs))
      const set = jsonOf(text) as JSONWebKeySet
      this.#failure = undefined
      if (text === this.#keys?.text) return
      this.#keys = { text, find: createLocalJWKSet(set) }
      this.generation += 1
    } catch (error) {
      this.#failure = error
      throw error
    }
  }

  get #fetchedKeys() {
    if (!this.#keys) throw unavailable(this.#failure)
    return this.#keys
  }

  async #read(signal: AbortSignal): Promise<string> {
    if (this.jwks)
      return isUrl(this.jwks) ? fetched(this.jwks, signal) : readFile(this.jwks, { encoding: 'utf8', signal })
    const url = `${this.name.replace(/\/$/, '')}/.well-known/openid-configuration`
    const { issuer, jwks_uri } = Object(jsonOf(await fetched(url, signal)))
    // The issuer in the discovery document must be identical to the configured issuer (OpenID Connect Discovery 1.0
    // §4.3).
    if (issuer !== this.name) throw new Error(`${url} is the discovery document of another issuer`)
    if (typeof jwks_uri !== 'string' || !isTrustworthy(jwks_uri)) throw new Error(`${url} has no https URL in jwks_uri`)
    return fetched(jwks_uri, signal)
  }
}

async function fetched(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { headers: { Accept: 'application/json' }, redirect: 'manual', signal })
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > documentBytes) throw new Error(`${url} returned more than ${documentBytes} bytes`)
    chunks.push(chunk)
  }
  if (response.status !== 200) throw new Error(`${url} returned status ${response.status}`)
  return Buffer.concat(chunks).toString()
}
