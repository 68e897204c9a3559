import type { ListedSession, Owner, Session } from './types'

/**
 * Returns the label of a session's result. If the result has no label, returns the session's mentor and organisation.
 */
export const nameOf = ({
  result,
  mentorId,
  organisationId,
}: (Owner & Pick<ListedSession, 'result'>) | Session): string =>
  result?.inputs.label ?? [mentorId, organisationId].filter(Boolean).join(' · ')
