import { isApiError } from '../../../packages/client/src/index.js'
import { managesOrganisation } from '../../../src/domain/caller'
import { basePath } from '../base-path'
import { Store } from '../store'

/** The caller and its permissions, as the server reports them. */
export interface Caller {
  by: string | null
  may: 'read' | 'change' | 'administer'
  mentor_id: string | null
  organisation_id: string | null
  expires_at: string | null
}

/** Current caller. Without authentication, everybody may do everything. */
export const caller = new Store<Caller>({
  by: null,
  may: 'administer',
  mentor_id: null,
  organisation_id: null,
  expires_at: null,
})

/** Asks the server for the caller of a token. Resolves to null if the server does not respond. */
export const requestCaller = (token: string): Promise<Response | null> =>
  fetch(`${basePath}/api/v1/benefit-caller`, { headers: { Authorization: `Bearer ${token}` } }).catch(() => null)

/**
 * Whether the server refuses a start because of the organisation that it names. A mentor without an organisation may
 * name none, unless the operator allows it.
 */
export function isOrganisationRefused(error: unknown, organisationId: string | null): boolean {
  const { mentor_id, organisation_id } = caller.value
  return isApiError(error, 'FORBIDDEN') && Boolean(organisationId) && mentor_id !== null && organisation_id === null
}

export const mayChange = ({ may }: Caller): boolean => may !== 'read'

const permissionOf = ({ may, mentor_id }: Caller) => ({ may, scope: mentor_id === null ? {} : { mentor_id } })

/** Whether the caller may manage what is shared or sent on behalf of an organisation. */
export const mayManage = (caller: Caller): boolean => managesOrganisation(permissionOf(caller))
