import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import { dayOf, isOver, keyDigest, newKey } from '../../access/service-key'
import type { ServiceKeys } from '../../access/service-keys'
import { type Deadline, withDeadline } from '../../concurrency/deadline'
import type { Store } from '../../db/store'
import type { Caller } from '../../domain/caller'
import { DomainError, valid } from '../../domain/errors'
import { addMs, hourMs, type Timestamp, timestamp } from '../../domain/timestamp'
import type { LiveKeys } from './live-keys'
import {
  createSchema,
  type KeyStore,
  type ListedKey,
  rotateSchema,
  type ShownKey,
  type StoredKey,
  shownKey,
} from './model'

const idBytes = 6
/** An attempt fails if a concurrent change is saved first. */
const rotateAttempts = 5

/** A service key with its secret, which is shown only once. */
export type KeyWithSecret = ShownKey & { key: string }

/** Returns a new key to store, and its secret. Throws `validation_failed`. */
export function createdKey(body: unknown, now: Date, created_by: string | null): { key: string; stored: StoredKey } {
  const { organisation_id = null, mentor_id = null, expires = null, ...named } = valid(createSchema, body)
  if (isOver(expires, now)) {
    const errors = [{ detail: 'must not be in the past', pointer: '/expires' }]
    throw new DomainError('validation_failed', { errors })
  }
  const key = newKey()
  const stored: StoredKey = {
    key_id: `key_${randomBytes(idBytes).toString('hex')}`,
    ...named,
    organisation_id,
    mentor_id,
    expires,
    created_at: timestamp(now),
    created_by,
    revision: 1,
    secrets: [{ sha256: keyDigest(key), ends_at: null }],
  }
  return { key, stored }
}

export const limitReached = (limit: number): DomainError =>
  new DomainError('limit_reached', { limit }).withMessage(
    `There are ${limit} service keys already, which is the maximum. Revoke one first.`,
  )

export interface KeysContext {
  store: Pick<Store, 'keys'>
  log: Logger
  clock: () => Date
  /** Undefined if this server does not accept stored keys. */
  serviceKeys: ServiceKeys | undefined
  live(): LiveKeys | undefined
}

export class Keys {
  constructor(
    readonly context: KeysContext,
    readonly caller: Caller,
  ) {}

  get #store(): KeyStore {
    return this.context.store.keys
  }

  #now(): Timestamp {
    return timestamp(this.context.clock())
  }

  /** Throws `forbidden` if this server does not accept stored keys, or if the caller is not an admin. */
  requireAccess(): ServiceKeys {
    const { serviceKeys } = this.context
    if (!serviceKeys)
      throw new DomainError('forbidden').withMessage(
        'This server does not accept stored service keys. `AUTH_KEYS=stored` lets admins manage them, and requires every client to sign in.',
      )
    if (this.caller.may !== 'administer')
      throw new DomainError('forbidden').withMessage('Only the role admin can manage service keys.')
    return serviceKeys
  }

  async list(): Promise<ShownKey[]> {
    this.requireAccess()
    const now = this.#now()
    return (await this.#store.listKeys()).map(listed => shownKey(listed, now))
  }

  async find(key_id: string): Promise<ShownKey | null> {
    this.requireAccess()
    const listed = await this.#store.readKey(key_id)
    return listed && shownKey(listed, this.#now())
  }

  async get(key_id: string): Promise<ShownKey> {
    this.requireAccess()
    return shownKey(await this.#read(key_id), this.#now())
  }

  /** Returns the new key with its secret. This process accepts the key at once. */
  async create(body: unknown): Promise<KeyWithSecret> {
    this.requireAccess()
    const { key, stored } = createdKey(body, this.context.clock(), this.caller.by ?? null)
    const limit = await this.#whilePermitted(deadline => this.#store.addKey(stored, () => deadline.beginWrite()))
    if (limit !== undefined) throw limitReached(limit)
    await this.#changed(stored.key_id, 'service key created')
    return { ...shownKey({ key: stored, last_used_at: null }, this.#now()), key }
  }

  /**
   * Replaces the secret. Of the former secrets, only the latest stays valid, for `overlap_hours`. The access of callers
   * with any other secret ends.
   */
  async rotate(key_id: string, body: unknown): Promise<KeyWithSecret> {
    this.requireAccess()
    const key = newKey()
    const listed = await this.#whilePermitted(deadline => this.#rotate(key_id, body, keyDigest(key), deadline))
    await this.#changed(key_id, 'service key rotated')
    return { ...shownKey(listed, this.#now()), key }
  }

  async #rotate(key_id: string, body: unknown, sha256: string, deadline: Deadline): Promise<ListedKey> {
    for (let attempt = 1; attempt <= rotateAttempts; attempt++) {
      const { key, last_used_at } = await this.#read(key_id)
      const overlap = valid(rotateSchema, body).overlap_hours ?? 0
      const ends_at = addMs(this.#now(), overlap * hourMs)
      const former = overlap > 0 ? key.secrets.slice(0, 1).map(secret => ({ ...secret, ends_at })) : []
      const rotated = { ...key, revision: key.revision + 1, secrets: [{ sha256, ends_at: null }, ...former] }
      deadline.beginWrite()
      if (await this.#store.saveKey(rotated)) return { key: rotated, last_used_at }
    }
    throw new DomainError('unavailable')
  }

  /** Throws `last_admin_key` if no admin could sign in without this key. */
  async revoke(key_id: string): Promise<void> {
    const serviceKeys = this.requireAccess()
    await this.#whilePermitted(async deadline => {
      const { key } = await this.#read(key_id)
      const now = this.context.clock()
      const isAdmin = key.role === 'admin' && !isOver(key.expires, now)
      const keepAdminOn = isAdmin && !serviceKeys.hasUnstoredAdmin() ? dayOf(now) : undefined
      deadline.beginWrite()
      const outcome = await this.#store.deleteKey(key_id, keepAdminOn)
      if (outcome === 'last_admin') throw new DomainError('last_admin_key')
      if (outcome === 'unknown') throw new DomainError('service_key_not_found')
    })
    await this.#changed(key_id, 'service key revoked')
  }

  async #read(key_id: string): Promise<ListedKey> {
    const listed = await this.#store.readKey(key_id)
    if (!listed) throw new DomainError('service_key_not_found')
    return listed
  }

  /** Throws `unauthenticated` if the caller's access ends before the work has written anything. */
  #whilePermitted<T>(work: (deadline: Deadline) => Promise<T>): Promise<T> {
    return withDeadline({ access: this.caller.access }, work)
  }

  /** Logs a change, and puts it into effect in this process. Not part of the work that the caller's access ends. */
  async #changed(key_id: string, message: string): Promise<void> {
    this.context.log.info({ subject: this.caller.digest, key_id }, message)
    await this.context.live()?.refresh()
  }
}
