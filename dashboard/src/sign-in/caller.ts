import { isApiError } from '../../../packages/client/src/index.js'
import type { Caller } from '../../../packages/client/src/rest.js'
import { managesOrganisation } from '../../../src/domain/caller'
import { Store } from '../store'

export type { Caller } from '../../../packages/client/src/rest.js'

/** The current caller. Without authentication, everyone has all permissions. */
export const caller = new Store<Caller>({
  by: null,
  may: 'administer',
  mentorId: null,
  organisationId: null,
  expiresAt: null,
  role: null,
  rate: null,
})

/**
 * Whether the server refused to start a session because of its organisation. A mentor without an organisation is not
 * allowed to specify one, unless the operator allows it.
 */
export function isOrganisationRefused(error: unknown, organisationId: string | null): boolean {
  const own = caller.value
  return (
    isApiError(error, 'FORBIDDEN') && Boolean(organisationId) && own.mentorId !== null && own.organisationId === null
  )
}

export const mayChange = ({ may }: Caller): boolean => may !== 'read'

const permissionOf = ({ may, mentorId }: Caller) => ({ may, scope: mentorId === null ? {} : { mentor_id: mentorId } })

/** Whether the caller is allowed to manage an organisation's shared items and webhooks. */
export const mayManage = (caller: Caller): boolean => managesOrganisation(permissionOf(caller))
