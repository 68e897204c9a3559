import { z } from 'zod'
import type { Commit } from './commit'
import { withExample } from './example'
import { snapshotSchema } from './session'

/** Replaces the mentor id in an erased mentor's commits. No real mentor id equals it: ids are never empty. */
export const erasedMentor = ''

/** Maximum time in ms for which a process still holds erased commits in memory. */
export const erasedInMemoryMs = 500

/**
 * Keeps what the log retains of an erased mentor's commit: closes and reassignments, to notify clients that still show
 * the session, and the organisation id, so that the commit still matches the clients' filters and scopes.
 */
export const erasedCommit = ({ session_id, organisation_id, created_at, former, transitions }: Commit): Commit => ({
  session_id,
  mentor_id: erasedMentor,
  organisation_id,
  created_at,
  last_event: null,
  ...(former && { former }),
  transitions: transitions
    .filter(({ event }) => event === 'SessionClosed' || event === 'ReassignRequested')
    .map(({ event, from, to, sequence, at }) => ({ event, from, to, sequence, at, result_id: null })),
  contribution: { before: null, after: null },
})

/** Removes the id of an erased mentor from a commit that moved a session to another mentor. */
export const withoutFormerMentor = (commit: Commit): Commit =>
  commit.former ? { ...commit, former: { ...commit.former, mentor_id: erasedMentor } } : commit

/** Outcome of one erasure request. */
export const erasureSchema = z.strictObject({
  mentor_id: snapshotSchema.shape.mentor_id,
  closed: withExample(z.int().min(0), 12).describe('Number of sessions that this request closed.'),
  remaining: z.int().min(0).describe("Number of the mentor's sessions that are still open."),
  erased: z.boolean().describe("Whether all of the mentor's data is erased. If false, send the same request again."),
})
export type ErasureProgress = z.infer<typeof erasureSchema>
