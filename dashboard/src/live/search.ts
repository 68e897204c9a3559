import { client } from '../graphql/client'
import { searchQuery } from '../graphql/documents'
import type { Filter } from '../route'
import type { Caller } from '../sign-in/caller'

/** A search result: a filter for the list, or one session. */
export type SearchResult =
  | { kind: 'organisationId' | 'mentorId'; id: string; sessions: number }
  | { kind: 'session'; id: string }

interface Groups {
  nodes: { id: string | null; sessions: number }[]
}

/** Returns the session id in a text that is either the id or the address of the session's page. */
export const sessionIdIn = (text: string): string | undefined =>
  /^(?:https?:\/\/\S*\/sessions\/)?(session_[\w-]{1,100})(?:[?#]\S*)?$/.exec(text.trim())?.[1]

/**
 * Returns the session with this id. Otherwise returns organisations and mentors with names that begin with the text,
 * those with the most sessions first.
 */
export async function search(
  text: string,
  filter: Filter,
  { organisation_id, mentor_id }: Caller,
): Promise<SearchResult[]> {
  const session = sessionIdIn(text)
  if (session) return [{ kind: 'session', id: session }]
  const { mentorId: _, ...ofMentors } = filter
  const { organisations, mentors } = await client.request<{ organisations?: Groups; mentors?: Groups }>(
    searchQuery,
    {
      search: text.trim(),
      ofMentors,
      organisations: organisation_id === null,
      mentors: mentor_id === null,
    },
    { maxAttempts: 1 },
  )
  const resultsOf = (kind: 'organisationId' | 'mentorId', groups: Groups | undefined): SearchResult[] =>
    (groups?.nodes ?? []).flatMap(({ id, sessions }) =>
      id === null || id === filter[kind] ? [] : [{ kind, id, sessions }],
    )
  return [...resultsOf('organisationId', organisations), ...resultsOf('mentorId', mentors)]
}
