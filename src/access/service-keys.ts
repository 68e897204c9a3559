import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import type { Caller } from '../domain/caller'
import { StartupError } from '../domain/errors'
import { type AccessConfig, latestMs, type TokenAuthenticator } from './authenticator'
import { CallerAccess } from './caller-access'
import { type Permissions, permissionsOf } from './principal'
import { entriesOf, keyDigest, keyPrefix, principalOfEntry, type ServiceKeyEntry } from './service-key'
import { refused, tokenOf } from './tokens'

/** Pause in ms between two reads of the key file. It delays the effect of a change to the key file. */
export const rereadMs = 2_000

const dayMs = 86_400_000

const keyExpired = 'The service key has expired.'

interface ServiceKey {
  caller: Caller
  access: CallerAccess
  /** Role, organisation and mentor as one string, used to detect that the key's rights have changed. */
  rights: string
}

interface ServiceKeysOptions {
  file: string
  log: Logger
  tokens: TokenAuthenticator | undefined
  /** Whether mentors whose key names no organisation are allowed to start sessions in any organisation. */
  mentorsChoose: boolean
  clock: () => number
}

/**
 * Authenticates callers by the service key in the Authorization header. If an issuer is configured, passes tokens that
 * are not service keys to the `TokenAuthenticator`. Rereads the key file every `rereadMs` instead of watching it,
 * because rereading also works if the key file is replaced or is a symbolic link.
 */
export class ServiceKeys {
  /** Service keys, by digest. */
  #keys = new Map<string, ServiceKey>()
  /** Content of the key file at the last read, even if that content was invalid. */
  #text: string | undefined
  #failure: string | undefined
  #timer: NodeJS.Timeout | undefined
  #isOver = false

  private constructor(readonly options: ServiceKeysOptions) {}

  /** Throws StartupError if the key file cannot be read or contains an invalid entry. */
  static async of(
    { AUTH_KEYS, AUTH_MENTORS_CHOOSE_ORGANISATION }: AccessConfig,
    { log, tokens, clock = Date.now }: Pick<ServiceKeysOptions, 'log'> & Partial<ServiceKeysOptions>,
  ): Promise<ServiceKeys | undefined> {
    if (!AUTH_KEYS) return undefined
    const mentorsChoose = AUTH_MENTORS_CHOOSE_ORGANISATION
    const keys = new ServiceKeys({ file: AUTH_KEYS, log, tokens, mentorsChoose, clock })
    await keys.#read().catch(({ message }) => {
      throw new StartupError(`AUTH_KEYS must be a readable file with a list of service keys: ${message}.`)
    })
    keys.#readAgain()
    return keys
  }

  /** Throws the same errors as `TokenAuthenticator.caller`. */
  caller(authorization: string | undefined): Caller | Promise<Caller> {
    const token = tokenOf(authorization)
    if (!token.startsWith(keyPrefix)) {
      const { tokens } = this.options
      if (tokens) return tokens.caller(authorization)
      throw refused('invalid_token', `The token is not a service key. Service keys begin with ${keyPrefix}.`)
    }
    const key = this.#keys.get(keyDigest(token))
    if (!key) throw refused('invalid_token', 'The service key is unknown.')
    if (this.options.clock() >= endOf(key.access)) throw refused('invalid_token', keyExpired)
    return key.caller
  }

  end(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
  }

  #readAgain(): void {
    this.#timer = setTimeout(async () => {
      await this.#read().catch(error => {
        // Log a failure only once, because later reads of the key file usually fail for the same reason. `RepeatedJob`
        // can't be used here: until a read succeeds, it logs only the first failure, even if a later failure has
        // another reason.
        if (error.message !== this.#failure)
          this.options.log.error({ err: error }, 'service keys not read, keeping the old keys')
        this.#failure = error.message
      })
      if (!this.#isOver) this.#readAgain()
    }, rereadMs).unref()
  }

  async #read(): Promise<void> {
    const text = await readFile(this.options.file, 'utf8')
    this.#failure = undefined
    if (text === this.#text) return
    const isFirst = this.#text === undefined
    this.#text = text
    this.#replace(entriesOf(text))
    if (!isFirst) this.options.log.info({ keys: this.#keys.size }, 'service keys changed')
  }

  /** Ends a caller's access if its key was removed, if the key's rights changed, or if the key now expires earlier. */
  #replace(entries: ServiceKeyEntry[]): void {
    const before = this.#keys
    this.#keys = new Map(entries.map(entry => [entry.sha256, this.#keyOf(entry, before.get(entry.sha256))]))
    for (const [digest, key] of before) if (this.#keys.get(digest) !== key) key.access.revoke()
  }

  /**
   * If the key has the same rights as before and does not expire earlier, updates and returns the existing
   * `ServiceKey`, so that the caller's open subscriptions adopt the new name and expiry.
   */
  #keyOf(entry: ServiceKeyEntry, before: ServiceKey | undefined): ServiceKey {
    const { sha256, name, role, organisation_id, mentor_id, expires } = entry
    // The permissions are never undefined, because `entriesOf` refuses entries without the organisation or mentor that
    // their role requires.
    const permissions = permissionsOf(principalOfEntry(entry), this.options.mentorsChoose) as Permissions
    const expires_at = expires ? Math.min(Date.parse(`${expires}T00:00:00Z`) + dayMs, latestMs) : undefined
    const rights = JSON.stringify([role, organisation_id ?? null, mentor_id ?? null])
    if (before?.rights === rights && (expires_at ?? Number.POSITIVE_INFINITY) >= endOf(before.access)) {
      before.caller.by = name
      before.access.expires_at = expires_at
      return before
    }
    const access = new CallerAccess(expires_at, keyExpired)
    const caller: Caller = {
      ...permissions,
      digest: hash('sha256', JSON.stringify(['service key', sha256]), 'base64url'),
      by: name,
      access,
    }
    return { caller, access, rights }
  }
}

const endOf = ({ expires_at = Number.POSITIVE_INFINITY }: CallerAccess): number => expires_at
