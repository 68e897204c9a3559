import type { Owner } from './session'

// The dashboard imports this file. The dashboard's bundle must not contain the zod schemas of `session.ts`.

/** Selects sessions by mentor and organisation. An empty filter selects all sessions. */
export interface OwnerFilter {
  mentor_id?: string | undefined
  /** The organisation to select by. Null selects sessions without an organisation. */
  organisation_id?: string | null | undefined
}

/** Whether a filter selects an owner's sessions. */
export const ownerMatches = ({ mentor_id, organisation_id }: OwnerFilter, owner: Owner): boolean =>
  (mentor_id === undefined || owner.mentor_id === mentor_id) &&
  (organisation_id === undefined || owner.organisation_id === organisation_id)
