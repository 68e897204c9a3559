import type { Commit } from './session'

/** Mentor id in the commits of erased mentors. It is no real id: ids are not empty. */
export const erasedMentor = ''

/**
 * Reduces a commit of an erased mentor to what the log retains. A close stays, so that clients that still hold the
 * session learn of it. The organisation stays, so that the close passes their filters and scopes. Everything else about
 * the session is removed.
 */
export const erasedCommit = ({ session_id, organisation_id, created_at, transitions }: Commit): Commit => ({
  session_id,
  mentor_id: erasedMentor,
  organisation_id,
  created_at,
  last_event: null,
  transitions: transitions
    .filter(({ event }) => event === 'SessionClosed')
    .map(({ event, from, to, sequence, at }) => ({ event, from, to, sequence, at, result_id: null })),
  contribution: { before: null, after: null },
})
