import type { Group } from '../../../../packages/client/src/index.js'
import { client } from '../../graphql/client'
import type { Filter } from '../../route'
import type { Caller } from '../../sign-in/caller'
import type { Inputs, Owner, Session } from '../../types'
import { findQuery, suggestionsQuery } from './documents'

/** A search result, which is either a filter for the list, or a calculation that was found by its name or id. */
export type SearchResult =
  | { kind: keyof Owner; id: string; sessions: number }
  | ({ kind: 'label'; label: string } & Pick<Session, 'id' | 'mentorId' | 'createdAt'>)
  | { kind: 'session'; id: string }

export interface SearchOutcome {
  text: string
  results: SearchResult[]
}

type FoundGroup = Pick<Group, 'id' | 'sessions'>

interface Found {
  organisations?: FoundGroup[]
  mentors?: FoundGroup[]
  sessions: (Pick<Session, 'id' | 'mentorId' | 'createdAt'> & { result: { inputs: Pick<Inputs, 'label'> } | null })[]
}

/** Returns the session id if the text is a session id or the URL of a session page. Otherwise, returns undefined. */
export const sessionIdIn = (text: string): string | undefined =>
  /^(?:https?:\/\/\S*\/sessions\/)?(session_[\w-]{1,100})(?:[?#]\S*)?$/.exec(text.trim())?.[1]

/**
 * If the text is a session id, returns the session with this id. Otherwise, returns organisations, mentors and
 * calculations with words that begin with the words of the text. Organisations and mentors come first, sorted by number of
 * sessions, highest first. Calculations follow, newest first. If the text is empty, suggests organisations and mentors.
 */
export async function search(entered: string, filter: Filter, caller: Caller): Promise<SearchOutcome> {
  const text = entered.trim()
  const session = sessionIdIn(text)
  if (session) return { text, results: [{ kind: 'session', id: session }] }
  const shown = { organisations: caller.organisationId === null, mentors: caller.mentorId === null }
  const { organisations, mentors, sessions } =
    text === '' ? await suggestions(filter, shown) : await find(text, filter, shown)
  const resultsOf = (kind: keyof Owner, groups: FoundGroup[] = []): SearchResult[] =>
    groups.flatMap(({ id, sessions }) => (id === null || id === filter[kind] ? [] : [{ kind, id, sessions }]))
  const labels = sessions.map(({ id, mentorId, createdAt, result }): SearchResult => {
    const label = result?.inputs.label ?? ''
    return { kind: 'label', id, label, mentorId, createdAt }
  })
  const results = [...resultsOf('organisationId', organisations), ...resultsOf('mentorId', mentors), ...labels]
  return { text, results }
}

async function find(text: string, filter: Filter, shown: object): Promise<Found> {
  const { find } = await client.request<{ find: Found }>(findQuery, { text, filter, ...shown }, { maxAttempts: 1 })
  return find
}

async function suggestions({ mentorId: _, ...ofMentors }: Filter, shown: object): Promise<Found> {
  const { organisations, mentors } = await client.request<Record<string, { nodes: FoundGroup[] } | undefined>>(
    suggestionsQuery,
    { ofMentors, ...shown },
    { maxAttempts: 1 },
  )
  return { organisations: organisations?.nodes ?? [], mentors: mentors?.nodes ?? [], sessions: [] }
}
