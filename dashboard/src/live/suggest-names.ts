import { client } from '../graphql/client'
import { mentorNamesQuery, organisationNamesQuery } from '../graphql/documents'

const queries = { mentor: mentorNamesQuery, organisation: organisationNamesQuery }

/** Returns the mentors or organisations whose ids begin with the text, those with the most sessions first. */
export async function suggestNames(kind: keyof typeof queries, text: string): Promise<string[]> {
  const search = text.trim()
  if (search === '') return []
  const { groups } = await client.request<{ groups: { nodes: { id: string | null }[] } }>(
    queries[kind],
    { search },
    { maxAttempts: 1 },
  )
  return groups.nodes.flatMap(({ id }) => (id === null || id === text ? [] : [id]))
}
