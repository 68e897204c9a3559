import { client } from '../graphql/client'
import { latestResultsQuery } from '../graphql/documents'
import type { Filter } from '../route'
import type { Inputs, Result } from '../types'

interface LatestResult extends Pick<Result, 'computedAt'> {
  inputs: Pick<Inputs, 'costPerHour' | 'currency' | 'valueSource'>
}

/** Returns the newest result of the sessions that match a filter, or null if there is none. */
export async function readLatestResult(filter: Filter, signal: AbortSignal): Promise<LatestResult | null> {
  const { sessions } = await client.request<{ sessions: { nodes: { result: LatestResult | null }[] } }>(
    latestResultsQuery,
    { filter: { ...filter, state: 'LOADED' } },
    { signal },
  )
  // The most recently updated session may not have the newest result, because sharing a result also updates its
  // session.
  const results = sessions.nodes.flatMap(({ result }) => result ?? [])
  return results.toSorted((a, b) => Date.parse(b.computedAt) - Date.parse(a.computedAt))[0] ?? null
}
