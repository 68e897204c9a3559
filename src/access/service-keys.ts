import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import type { Caller } from '../domain/caller'
import { StartupError, unavailable } from '../domain/errors'
import type { Timestamp } from '../domain/timestamp'
import { type AccessConfig, latestMs, type TokenAuthenticator } from './authenticator'
import { CallerAccess } from './caller-access'
import { type Permissions, permissionsOf } from './principal'
import { entriesOf, isOver, keyDigest, keyPrefix, principalOfEntry, type ServiceKeyEntry } from './service-key'
import { refused, tokenOf } from './tokens'

/** Pause in ms between two reads of the key file. It delays the effect of a change to the key file. */
export const rereadMs = 2_000

const dayMs = 86_400_000

const keyExpired = 'The service key has expired.'

/** Matches an `AUTH_KEYS` that accepts stored keys: `stored`, or `stored,FILE` with a key file as well. */
const storedPattern = /^stored(?:,|$)/

export const acceptsStored = (AUTH_KEYS: string | undefined): boolean => storedPattern.test(AUTH_KEYS ?? '')

/** A service key that administrators manage over the API, with one of its secrets. */
export interface StoredKeyEntry extends ServiceKeyEntry {
  key_id: string
  /** Time at which a replaced secret stops being valid, or null for the key's current secret. */
  ends_at: Timestamp | null
}

interface ServiceKey {
  caller: Caller
  access: CallerAccess
  /** Role, organisation and mentor as one string, used to detect that the key's rights have changed. */
  rights: string
  /** Id of a stored key. */
  key_id: string | undefined
  /** Whether a stored key was used since the last `takeUsed`. */
  isUsed: boolean
}

interface ServiceKeysOptions {
  /** Path of the key file, or an empty string. */
  file: string
  /** Whether keys from the store are accepted. */
  isStored: boolean
  log: Logger
  tokens: TokenAuthenticator | undefined
  /** Whether mentors whose key names no organisation are allowed to start sessions in any organisation. */
  mentorsChoose: boolean
  clock: () => number
}

/**
 * Authenticates callers by the service key in the Authorization header. If an issuer is configured, passes tokens that
 * are not service keys to the `TokenAuthenticator`. If the key file and the store have the same key, the entry in the key
 * file applies. Rereads the key file every `rereadMs` instead of watching it, because rereading also works if the key file
 * is replaced or is a symbolic link.
 */
export class ServiceKeys {
  /** Service keys, by digest. */
  #keys = new Map<string, ServiceKey>()
  #listed: ServiceKeyEntry[] = []
  /** Entries from the store. Undefined until they have been read for the first time. */
  #stored: StoredKeyEntry[] | undefined
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
    const file = AUTH_KEYS.replace(storedPattern, '')
    const keys = new ServiceKeys({ file, isStored: acceptsStored(AUTH_KEYS), log, tokens, mentorsChoose, clock })
    if (file === '') return keys
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
    if (!key && this.options.isStored && !this.#stored) throw unavailable(new Error('the stored keys are not read yet'))
    if (!key) throw refused('invalid_token', 'The service key is unknown.')
    if (this.options.clock() >= endOf(key.access)) throw refused('invalid_token', keyExpired)
    key.isUsed = true
    return key.caller
  }

  /** Replaces the entries from the store. Ends the access of callers whose key was revoked or whose secret has ended. */
  setStored(entries: StoredKeyEntry[]): void {
    this.#stored = entries
    this.#replace()
  }

  /** Returns the ids of the stored keys that were used since the last call. */
  takeUsed(): Set<string> {
    const used = new Set<string>()
    for (const key of this.#keys.values()) {
      if (key.isUsed && key.key_id !== undefined) used.add(key.key_id)
      key.isUsed = false
    }
    return used
  }

  /** Whether an admin could sign in without any stored key. Assumes that the issuer, if any, has an admin. */
  hasUnstoredAdmin(): boolean {
    const now = new Date(this.options.clock())
    return (
      this.options.tokens !== undefined ||
      this.#listed.some(({ role, expires }) => role === 'admin' && !isOver(expires, now))
    )
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
    this.#listed = entriesOf(text)
    this.#replace()
    if (!isFirst) this.options.log.info({ keys: this.#keys.size }, 'service keys changed')
  }

  /** Ends a caller's access if its key was removed, if the key's rights changed, or if the key now expires earlier. */
  #replace(): void {
    const before = this.#keys
    const entries: (ServiceKeyEntry | StoredKeyEntry)[] = [...(this.#stored ?? []), ...this.#listed]
    this.#keys = new Map(entries.map(entry => [entry.sha256, this.#keyOf(entry, before.get(entry.sha256))]))
    for (const [digest, key] of before) if (this.#keys.get(digest) !== key) key.access.revoke()
  }

  /**
   * If the key has the same rights as before and does not expire earlier, updates and returns the existing
   * `ServiceKey`, so that the caller's open subscriptions adopt the new name and expiry. A stored key can expire earlier,
   * because subscriptions stay open while a replaced secret is still valid.
   */
  #keyOf(entry: ServiceKeyEntry | StoredKeyEntry, before: ServiceKey | undefined): ServiceKey {
    const { sha256, name, role, organisation_id, mentor_id, expires } = entry
    const { key_id, ends_at } = 'key_id' in entry ? entry : { key_id: undefined, ends_at: null }
    // The permissions are never undefined, because `entriesOf` refuses entries without the organisation or mentor that
    // their role requires.
    const permissions = permissionsOf(principalOfEntry(entry), this.options.mentorsChoose) as Permissions
    const ends = [
      ...(expires ? [Date.parse(`${expires}T00:00:00Z`) + dayMs, latestMs] : []),
      ...(ends_at ? [Date.parse(ends_at)] : []),
    ]
    const expires_at = ends.length > 0 ? Math.min(...ends) : undefined
    const rights = JSON.stringify([role, organisation_id ?? null, mentor_id ?? null, key_id])
    const isEarlier = before && (expires_at ?? Number.POSITIVE_INFINITY) < endOf(before.access)
    if (before?.rights === rights && (key_id !== undefined || !isEarlier)) {
      before.caller.by = name
      before.access.expireAt(expires_at)
      return before
    }
    const access = new CallerAccess(expires_at, keyExpired)
    const caller: Caller = {
      ...permissions,
      digest: hash('sha256', JSON.stringify(['service key', key_id ?? sha256]), 'base64url'),
      by: name,
      access,
    }
    return { caller, access, rights, key_id, isUsed: false }
  }
}

const endOf = ({ expires_at = Number.POSITIVE_INFINITY }: CallerAccess): number => expires_at
