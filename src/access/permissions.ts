import type { Caller } from '../domain/caller'
import { type Principal, roles } from './principal'

/** Returns why a principal has no permission here. The text quotes nothing of the token. */
export function whyForbidden({ role }: Principal): string {
  switch (role) {
    case undefined:
      return 'The token has no role. `AUTH_ROLE_CLAIM` names the claim.'
    case 'unknown':
      return `The role of the token is unknown. Known roles: ${roles.join(', ')}.`
    case 'mentor':
      return 'The token has no mentor, which its role requires. `AUTH_MENTOR_CLAIM` names the claim.'
    default:
      return 'The token has no organisation, which its role requires. `AUTH_ORGANISATION_CLAIM` names the claim.'
  }
}

/** Returns the scope and the permission of a principal. Undefined if it has no role here. */
export function permissionsOf({
  role,
  mentor_id,
  organisation_id,
}: Principal): Pick<Caller, 'scope' | 'may'> | undefined {
  switch (role ?? 'mentor') {
    case 'admin':
      return { scope: {}, may: 'administer' }
    case 'coordinator':
      return organisation_id === undefined ? undefined : { scope: { organisation_id }, may: 'change' }
    case 'reader':
      return organisation_id === undefined ? undefined : { scope: { organisation_id }, may: 'read' }
    case 'mentor':
      if (mentor_id === undefined) return undefined
      return { scope: { mentor_id, ...(organisation_id !== undefined && { organisation_id }) }, may: 'change' }
    case 'unknown':
      return undefined
  }
}
