import type { Caller } from '../domain/caller'
import type { Principal } from './principal'

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
