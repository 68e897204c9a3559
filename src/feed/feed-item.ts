import type { Caller } from '../domain/caller'
import type { StoredTransition, Transition } from '../domain/session'
import { shownTime } from '../domain/timestamp'
import type { FeedTransition } from './ring'

/**
 * Returns a transition as clients see it: without owners, and with an author (`by`) only if the server requires tokens.
 */
export const transitionBody = (
  { by, owners: _, ...transition }: StoredTransition,
  { digest }: Pick<Caller, 'digest'>,
): Transition => ({
  ...transition,
  at: shownTime(transition.at),
  ...(digest !== undefined && by !== undefined && { by }),
})

/**
 * Returns a feed item as clients see it: the transition, its cursor, and the ids of its session, mentor and
 * organisation.
 */
export const feedItemBody = ({ cursor, left, commit, transition }: FeedTransition, caller: Pick<Caller, 'digest'>) => {
  const { session_id, mentor_id, organisation_id } = commit
  const body = { ...transitionBody(transition, caller), cursor, session_id, mentor_id, organisation_id }
  return left ? { ...body, left } : body
}
