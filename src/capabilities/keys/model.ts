import { z } from 'zod'
import { keyMembers, requireOwner } from '../../access/service-key'
import type { StoredKeyEntry } from '../../access/service-keys'
import type { Limits } from '../../db/store'
import type { Role } from '../../domain/caller'
import { type FactsOf, row } from '../../domain/error-table'
import { addErrors } from '../../domain/errors'
import { withExample } from '../../domain/example'
import { roleSchema } from '../../domain/role'
import { snapshotSchema } from '../../domain/session'
import { hourMs, type Timestamp, timestamp, timestampSchema } from '../../domain/timestamp'

/** Maximum per organisation and in total, expired keys included. Keys without one count as one organisation's. */
export const keysOfOrganisation = 100
export const keysInTotal = 1_000
export const keyLimits: Limits = { total: keysInTotal, organisation: keysOfOrganisation }
/** Maximum number of hours for which a replaced secret stays valid. */
export const overlapHours = 168

const errors = addErrors({
  service_key_not_found: row({
    status: 404,
    message: () => 'No stored service key has this id.',
    title: 'No such service key',
    when: 'No stored service key has this id: it was revoked, or it never existed. Keys in the key file have no id.',
    remedy: 'List the service keys, or create a new one.',
  }),
  last_admin_key: row({
    status: 409,
    message: () =>
      'This is the last key with which an admin can sign in. Create another key with the role admin first, or replace the secret of this key.',
    title: 'The last key of an admin',
    when: 'Without this service key, no admin could sign in: there is no issuer, and no other valid key with the role admin.',
    remedy:
      'Create another key with the role `admin`, then revoke this one. If the key has leaked, replace its secret.',
  }),
})

declare module '../../domain/errors' {
  interface Facts extends FactsOf<typeof errors> {}
}

const name = withExample(keyMembers.name, 'BI export').describe('Author (`by`) of the changes made with the key.')
const expires = withExample(keyMembers.expires.unwrap().unwrap(), '2027-03-31')
const { organisation_id } = snapshotSchema.shape

/** A stored service key in the form that clients see. */
export const serviceKeySchema = z.strictObject({
  key_id: withExample(z.string(), 'key_5f0c7a9b21de'),
  name: withExample(z.string(), 'BI export').describe('Author (`by`) of the changes made with the key.'),
  role: withExample(roleSchema, 'reader'),
  organisation_id: withExample(organisation_id, 'org_42'),
  mentor_id: z.string().nullable(),
  expires: expires.nullable().describe('Last day on which the key is valid, in UTC. Null if the key does not expire.'),
  created_at: withExample(timestampSchema, '2026-03-26T09:15:00Z'),
  created_by: withExample(z.string().nullable(), 'Ada Admin').describe(
    'Name of the admin who created the key. Null if the key was created on the command line, or the admin has no name.',
  ),
  last_used_at: timestampSchema
    .nullable()
    .describe('Hour of the last request with the key, which includes opening a WebSocket. Null if there was none.'),
  former_ends_at: timestampSchema
    .nullable()
    .describe('Time until which the replaced secret stays valid. Null if no replaced secret is valid.'),
})
export type ShownKey = z.infer<typeof serviceKeySchema>

export const createSchema = z
  .strictObject({
    name,
    role: withExample(roleSchema, 'reader'),
    organisation_id: withExample(keyMembers.organisation_id, 'org_42').describe(
      'Organisation whose sessions the key can see. The roles coordinator and reader need one.',
    ),
    mentor_id: keyMembers.mentor_id.describe('Mentor whose sessions the key can see. The role mentor needs one.'),
    expires: withExample(keyMembers.expires, '2027-03-31').describe('Last day on which the key is valid, in UTC.'),
  })
  .superRefine(requireOwner)
  .superRefine(refuseUnused)

/** Refuses members that the role ignores, because they suggest that the key is limited to an organisation or a mentor. */
function refuseUnused(
  { role, ...key }: { role: Role; organisation_id?: string | null | undefined; mentor_id?: string | null | undefined },
  context: z.RefinementCtx,
): void {
  const refuse = (member: 'organisation_id' | 'mentor_id'): void => {
    if (key[member] == null) return
    context.addIssue({ code: 'custom', path: [member], message: `has no effect for the role ${role}` })
  }
  if (role === 'admin') refuse('organisation_id')
  if (role !== 'mentor') refuse('mentor_id')
}

export const rotateSchema = z.strictObject({
  overlap_hours: z
    .int()
    .min(0)
    .max(overlapHours)
    .nullish()
    .describe('Hours for which the replaced secret stays valid. By default, it ends at once.'),
})

/** A service key as stored. Contains digests of its secrets, but no secret. */
export interface StoredKey extends Omit<ShownKey, 'last_used_at' | 'former_ends_at'> {
  /** Incremented by every rotation. */
  revision: number
  /** Digests of the valid secrets, newest first. `ends_at` is null for the newest secret. */
  secrets: { sha256: string; ends_at: Timestamp | null }[]
}

/** The hour of the last use is stored beside the key, so that recording a use never overwrites a rotation. */
export interface ListedKey {
  key: StoredKey
  last_used_at: Timestamp | null
}

export function shownKey({ key, last_used_at }: ListedKey, now: Timestamp): ShownKey {
  const { revision: _, secrets, ...shown } = key
  const former = secrets.find(({ ends_at }) => ends_at !== null && ends_at > now)
  return { ...shown, last_used_at, former_ends_at: former?.ends_at ?? null }
}

/** Returns one entry for each secret of a key. */
export const entriesOfKey = ({ key_id, name, role, organisation_id, mentor_id, expires, secrets }: StoredKey) =>
  secrets.map((secret): StoredKeyEntry => ({ ...secret, key_id, name, role, organisation_id, mentor_id, expires }))

export const hourOf = (date: Date): Timestamp => timestamp(new Date(date.getTime() - (date.getTime() % hourMs)))

export type DeleteOutcome = 'deleted' | 'unknown' | 'last_admin'

export interface KeyStore {
  /**
   * Adds a key. If the organisation or the whole store already has the maximum number of keys, returns this maximum
   * instead. `begin` works like `Write.begin`.
   */
  addKey(key: StoredKey, begin?: () => void): Promise<number | undefined>

  readKey(key_id: string): Promise<ListedKey | null>

  /** Returns all keys, newest first. */
  listKeys(): Promise<ListedKey[]>

  /** Saves only if the stored revision directly precedes the new one. Otherwise, returns false. */
  saveKey(key: StoredKey): Promise<boolean>

  /**
   * Deletes a key. With `keepAdminOn`, keeps the key if no other key of an admin is valid on this day, even if concurrent
   * calls delete other keys.
   */
  deleteKey(key_id: string, keepAdminOn?: string): Promise<DeleteOutcome>

  /** Records the hour in which keys were used. Writes nothing for a key that already has this hour or a later one. */
  recordUse(key_ids: string[], hour: Timestamp): Promise<void>
}

declare module '../../db/store' {
  interface StoreParts {
    keys: KeyStore
  }
}
