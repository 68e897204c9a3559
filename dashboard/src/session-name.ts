import type { ListedSession, Session } from './types'

/** Returns the label of a session's result. Without a label, returns the session's mentor and organisation. */
export const nameOf = ({
  result,
  mentorId,
  organisationId,
}: Pick<ListedSession, 'result' | 'mentorId' | 'organisationId'> | Session): string =>
  result?.inputs.label ?? [mentorId, organisationId].filter(Boolean).join(' · ')
