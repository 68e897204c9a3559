import { hash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Role } from '../domain/caller'
import { faultsOf } from '../domain/errors'
import { roleSchema } from '../domain/role'
import { identifierSchema, trimmedTextSchema } from '../domain/text'
import { jsonOf } from './json'
import { nameCharacters, permissionsOf, principalOf } from './principal'

/** Prefix that distinguishes service keys from the issuer's tokens. */
export const keyPrefix = 'bsk_'

const keyBytes = 32

/** Schemas of the members that describe a service key, without its digest. */
export const keyMembers = {
  name: trimmedTextSchema(nameCharacters).refine(name => !name.includes(keyPrefix), 'must not contain a key'),
  role: roleSchema,
  organisation_id: identifierSchema.nullish(),
  mentor_id: identifierSchema.nullish(),
  expires: z.iso.date({ error: 'must be a date such as 2027-03-31', abort: true }).nullish(),
}
const { name, ...scopeMembers } = keyMembers

/** Requires the organisation or the mentor that the key's role needs. */
export function requireOwner(entry: { role: Role }, context: z.RefinementCtx): void {
  if (permissionsOf(principalOfEntry(entry), false)) return
  const path = [entry.role === 'mentor' ? 'mentor_id' : 'organisation_id']
  context.addIssue({ code: 'custom', path, message: `is required for the role ${entry.role}` })
}

const entrySchema = z
  .strictObject({
    name,
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/i, 'must be the SHA-256 digest of a key, as 64 hexadecimal digits')
      .transform(digest => digest.toLowerCase()),
    ...scopeMembers,
  })
  .superRefine(requireOwner)

/** `expires` is the key's last valid day (UTC). */
export type ServiceKeyEntry = z.output<typeof entrySchema>

const memberNames = { role: 'role', organisation_id: 'organisation_id', mentor_id: 'mentor_id', name: 'name' }

export const principalOfEntry = (entry: object): ReturnType<typeof principalOf> => principalOf(entry, memberNames)

export const newKey = (): string => keyPrefix + randomBytes(keyBytes).toString('base64url')

export const keyDigest = (key: string): string => hash('sha256', key, 'hex')

/** Returns the day in UTC, such as 2027-03-31. */
export const dayOf = (date: Date): string => date.toISOString().slice(0, 'yyyy-mm-dd'.length)

/** Whether a key's last valid day (UTC) is over. */
export const isOver = (expires: string | null | undefined, now: Date): boolean =>
  expires != null && expires < dayOf(now)

/**
 * Parses the content of the key file. Throws an error that identifies the first invalid entry by position and name. The
 * error quotes nothing else from an invalid entry, because an operator may have entered the key itself by mistake.
 */
export function entriesOf(text: string): ServiceKeyEntry[] {
  const list = jsonOf(text)
  if (!Array.isArray(list)) throw new Error('the content is not a JSON array')
  const positions = new Map<string, number>()
  return list.map((value, i) => {
    const { data: entry, error } = entrySchema.safeParse(value, { reportInput: true })
    if (!entry) throw new Error(`${titleOf(value, i)}: ${faultOf(error)}`)
    const other = positions.get(entry.sha256)
    if (other !== undefined) throw new Error(`${titleOf(value, i)}: sha256 is the same as in entry ${other + 1}`)
    positions.set(entry.sha256, i)
    return entry
  })
}

function titleOf(value: unknown, i: number): string {
  const { data: name } = entrySchema.shape.name.safeParse(Object(value).name)
  return `entry ${i + 1}${name === undefined ? '' : ` ("${name}")`}`
}

/** Hides the name of an unknown field if that name may contain a key. */
function faultOf(error: z.ZodError): string {
  const [fault] = faultsOf(error)
  const member = fault?.pointer?.slice(1) ?? ''
  return `${member.includes(keyPrefix) ? 'a key' : member} ${fault?.detail}`.trim()
}

/** Maps each field of a key file entry to the option of the `key` command that sets it. */
export const keyOptions = {
  name: 'name',
  role: 'role',
  organisation_id: 'organisation',
  mentor_id: 'mentor',
  expires: 'expires',
} as const satisfies Partial<Record<keyof ServiceKeyEntry, string>>

/** If an option is invalid, throws an error that names the first invalid option. */
export function newServiceKey(
  options: { [option in (typeof keyOptions)[keyof typeof keyOptions]]?: string | undefined },
  now: Date,
): { key: string; entry: ServiceKeyEntry } {
  const key = newKey()
  const { name, role, organisation = null, mentor = null, expires = null } = options
  const stated = { name, sha256: keyDigest(key), role, organisation_id: organisation, mentor_id: mentor, expires }
  const { data: entry, error } = entrySchema.safeParse(stated, { reportInput: true })
  if (!entry)
    throw new Error(faultOf(error).replace(/^\w+/, member => `--${keyOptions[member as keyof typeof keyOptions]}`))
  if (isOver(entry.expires, now)) throw new Error('--expires must not be in the past')
  return { key, entry }
}
