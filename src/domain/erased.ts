import type { Commit } from './session'

/** No name is empty: of this one are the commits of mentors that were erased. */
export const erasedMentor = ''

/**
 * What a log keeps of a commit of a mentor that was erased: that the session was closed, if it was, for those who still hold
 * it, and whose organisation's it was, so that those reach them. Nothing else of it is told any more.
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
  standing: { before: null, after: null },
})
