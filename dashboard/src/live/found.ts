import type { Filter } from '../address'
import { client } from '../graphql/client'
import { findQuery } from '../graphql/documents'
import type { Caller } from '../sign-in/caller'

/** A search result: a filter for the list, or one session. */
export type Found = { is: 'organisationId' | 'mentorId'; id: string; sessions: number } | { is: 'session'; id: string }

interface Groups {
  nodes: { id: string | null; sessions: number }[]
}

/** Returns the session id in a text that is either the id or the address of the session's page. */
export const sessionIn = (text: string): string | undefined =>
  /^(?:https?:\/\/\S*\/sessions\/)?(session_[\w-]{1,100})(?:[?#]\S*)?$/.exec(text.trim())?.[1]

/**
 * Returns the session with this id. Otherwise returns organisations and mentors with names that begin with the text,
 * those with the most sessions first.
 */
export async function find(text: string, filter: Filter, { organisation_id, mentor_id }: Caller): Promise<Found[]> {
  const session = sessionIn(text)
  if (session) return [{ is: 'session', id: session }]
  const { mentorId: _, ...ofMentors } = filter
  const { organisations, mentors } = await client.ask<{ organisations?: Groups; mentors?: Groups }>(
    findQuery,
    {
      search: text.trim(),
      ofMentors,
      organisations: organisation_id === null,
      mentors: mentor_id === null,
    },
    { attempts: 1 },
  )
  const named = (is: 'organisationId' | 'mentorId', groups: Groups | undefined): Found[] =>
    (groups?.nodes ?? []).flatMap(({ id, sessions }) =>
      id === null || id === filter[is] ? [] : [{ is, id, sessions }],
    )
  return [...named('organisationId', organisations), ...named('mentorId', mentors)]
}
