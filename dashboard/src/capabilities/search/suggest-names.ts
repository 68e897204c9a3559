import { client } from '../../graphql/client'
import { mentorNamesQuery, organisationNamesQuery } from './documents'

const queries = { mentor: mentorNamesQuery, organisation: organisationNamesQuery }

/**
 * Returns mentors or organisations whose ids have words that begin with the words of the text. Mentors or organisations with the most
 * sessions come first.
 */
export async function suggestNames(kind: keyof typeof queries, entered: string): Promise<string[]> {
  const text = entered.trim().replace(/\s+/gu, ' ')
  if (text === '') return []
  const { find } = await client.request<{ find: { groups: { id: string | null }[] } }>(
    queries[kind],
    { text },
    { maxAttempts: 1 },
  )
  return find.groups.flatMap(({ id }) => (id === null ? [] : [id]))
}
