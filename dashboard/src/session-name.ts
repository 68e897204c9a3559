import type { ListedSession, Session } from './types'

/** Returns the name of a session: its label, otherwise its mentor and organisation. */
export const nameOf = ({
  result,
  mentorId,
  organisationId,
}: Pick<ListedSession, 'result' | 'mentorId' | 'organisationId'> | Session): string =>
  result?.inputs.label ?? [mentorId, organisationId].filter(Boolean).join(' · ')
