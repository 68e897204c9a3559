import { isApiError } from '../../../packages/client/src/index.js'
import { managesOrganisation } from '../../../src/domain/caller'
import { basePath } from '../base-path'
import { Store } from '../store'

/** The user and the user's permissions, as reported by the server. */
export interface Caller {
  by: string | null
  may: 'read' | 'change' | 'administer'
  mentor_id: string | null
  organisation_id: string | null
  expires_at: string | null
}

/** The current caller. Without authentication, everyone has all permissions. */
export const caller = new Store<Caller>({
  by: null,
  may: 'administer',
  mentor_id: null,
  organisation_id: null,
  expires_at: null,
})

/** Requests the caller that belongs to a token. Resolves to null if the server does not respond. */
export const requestCaller = (token: string): Promise<Response | null> =>
  fetch(`${basePath}/api/v1/benefit-caller`, { headers: { Authorization: `Bearer ${token}` } }).catch(() => null)

/**
 * Whether the server refused to start a session because of its organisation. A mentor who belongs to no organisation is
 * not allowed to name one, unless the operator allows it.
 */
export function isOrganisationRefused(error: unknown, organisationId: string | null): boolean {
  const { mentor_id, organisation_id } = caller.value
  return isApiError(error, 'FORBIDDEN') && Boolean(organisationId) && mentor_id !== null && organisation_id === null
}

export const mayChange = ({ may }: Caller): boolean => may !== 'read'

const permissionOf = ({ may, mentor_id }: Caller) => ({ may, scope: mentor_id === null ? {} : { mentor_id } })

/** Whether the caller is allowed to manage an organisation's shared items and webhooks. */
export const mayManage = (caller: Caller): boolean => managesOrganisation(permissionOf(caller))
