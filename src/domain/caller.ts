import { DomainError } from './errors'
import type { Origin } from './session'

/** Whose sessions somebody may see: anybody's where a member is missing. */
export interface Scope {
  mentor_id?: string
  organisation_id?: string
}

/** Who asks, and what he may do. */
export interface Caller {
  scope: Scope
  /** What he may do to what he sees: a reader changes nothing, and only an admin erases. */
  may: 'read' | 'change' | 'administer'
  /** Apart for each whom the issuer of tokens knows, and nothing that he can be known by. Missing where no tokens are asked for. */
  digest?: string
  /** How his changes are signed. */
  by?: string
  /** From when on nothing more is delivered to him, in ms of Date.now(). */
  expires_at?: number
}

/** Whoever asks, where no tokens are asked for. */
export const everyone: Caller = { scope: {}, may: 'administer' }

type Named = Pick<Origin, 'mentor_id' | 'organisation_id'>

/** Whether a session stands in a scope. */
export const isWithin = (scope: Scope, { mentor_id, organisation_id }: Named): boolean =>
  (scope.mentor_id === undefined || scope.mentor_id === mentor_id) &&
  (scope.organisation_id === undefined || scope.organisation_id === organisation_id)

/** No session is of this mentor: names have a character at least. */
const nobody = ''

/** A filter that lets through what both let through, the filter and the scope. */
export function narrowed<F extends Scope>(filter: F, scope: Scope): F {
  const contradicts = (name: keyof Scope): boolean =>
    filter[name] !== undefined && scope[name] !== undefined && filter[name] !== scope[name]
  const both = { ...filter, ...scope }
  return contradicts('mentor_id') || contradicts('organisation_id') ? { ...both, mentor_id: nobody } : both
}

/** Refuses a change by who may only read. */
export function requireChange({ may }: Caller): void {
  if (may === 'read') throw new DomainError('forbidden')
}

/** Refuses what is for admins. */
export function requireAdmin({ may }: Caller): void {
  if (may !== 'administer') throw new DomainError('forbidden')
}
