import type { Owner } from './session'

// The dashboard imports this file. The dashboard's bundle must not contain the zod schemas of `session.ts`.

/** An empty filter selects all sessions. */
export interface OwnerFilter {
  mentor_id?: string | undefined
  /** Null selects sessions without an organisation. */
  organisation_id?: string | null | undefined
}

export const ownerMatches = ({ mentor_id, organisation_id }: OwnerFilter, owner: Owner): boolean =>
  (mentor_id === undefined || owner.mentor_id === mentor_id) &&
  (organisation_id === undefined || owner.organisation_id === organisation_id)
