import { type Caller, managesOrganisation } from './caller'
import { DomainError } from './errors'

/**
 * Throws `forbidden` if the caller is not allowed to manage the caller's own organisation. The error message contains `action`, a verb
 * phrase.
 */
export function requireManager(caller: Caller, action: string): void {
  if (!managesOrganisation(caller))
    throw new DomainError('forbidden').withMessage(`Only the roles admin and coordinator can ${action}.`)
}

/** Null means objects without an organisation. */
export const includesOrganisation = ({ scope }: Caller, organisation_id: string | null): boolean =>
  scope.organisation_id === undefined || scope.organisation_id === organisation_id

/**
 * Returns the requested organisation or, by default, the one in the caller's scope. Null means no organisation. Throws
 * `forbidden` if the scope excludes the requested organisation.
 */
export function organisationFor(caller: Caller, requested: string | null | undefined, action: string): string | null {
  const organisation_id = requested ?? caller.scope.organisation_id ?? null
  if (includesOrganisation(caller, organisation_id)) return organisation_id
  throw new DomainError('forbidden').withMessage(`You can ${action} only for your own organisation.`)
}
