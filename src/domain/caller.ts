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

/** No session is of this mentor, nor was one: names hold no control characters, and an erased one is empty. */
const noMentor = '\n'

/** Who has no token where tokens are asked for: what is open to all is open to him. */
export const nobody: Caller = { scope: { mentor_id: noMentor }, may: 'read' }

type Named = Pick<Origin, 'mentor_id' | 'organisation_id'>

/** Whether a session stands in a scope. */
export const isWithin = (scope: Scope, { mentor_id, organisation_id }: Named): boolean =>
  (scope.mentor_id === undefined || scope.mentor_id === mentor_id) &&
  (scope.organisation_id === undefined || scope.organisation_id === organisation_id)

/** Whether a scope is narrower than all. */
export const isNarrow = ({ mentor_id, organisation_id }: Scope): boolean =>
  mentor_id !== undefined || organisation_id !== undefined

/** A filter that lets through what both let through, the filter and the scope. */
export function narrowed<F extends { [name in keyof Scope]?: string | null | undefined }>(filter: F, scope: Scope): F {
  if (!isNarrow(scope)) return filter
  const both = { ...filter, ...scope }
  const contradicts = (name: keyof Scope): boolean => filter[name] !== undefined && filter[name] !== both[name]
  return contradicts('mentor_id') || contradicts('organisation_id') ? { ...both, mentor_id: noMentor } : both
}
