import { z } from 'zod'
import type { Commit } from './commit'
import { withExample } from './example'
import { snapshotSchema } from './session'

/** Mentor id in the commits of erased mentors. No real id equals it, because ids are not empty. */
export const erasedMentor = ''

/** Maximum time in ms for which a process may hold commits in memory after they were erased. */
export const heldErasedMs = 500

/**
 * Reduces a commit of an erased mentor to what the log retains. Closes and reassignments stay, so that clients that
 * still hold the session learn of them. Their organisation stays too, so that they match the clients' filters and
 * scopes. Everything else about the session is removed.
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

/** Removes an erased mentor from the commit that moved a session to another mentor. */
export const withoutFormerMentor = (commit: Commit): Commit =>
  commit.former ? { ...commit, former: { ...commit.former, mentor_id: erasedMentor } } : commit

/** Outcome of one request to erase a mentor. */
export const erasureSchema = z.strictObject({
  mentor_id: snapshotSchema.shape.mentor_id,
  closed: withExample(z.int().min(0), 12).describe('Number of sessions that this request closed.'),
  remaining: z.int().min(0).describe('Number of sessions that remain.'),
  erased: z.boolean().describe('Whether nothing remains. If false, send the same request again.'),
})
export type ErasureProgress = z.infer<typeof erasureSchema>
