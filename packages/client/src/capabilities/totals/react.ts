import { checkOptions } from '../../check-options.js'
import type { SessionsClient } from '../../client.js'
import { type Follow, type LiveState, useLive } from '../../live.js'
import type { SessionFilter, Summary } from '../../schema.js'

/** Result of `useSummary`. */
export interface UseSummaryResult extends LiveState {
  /** Counts and sums of the sessions that match the filter, or null while the summary is loading. */
  summary: Summary | null
}

/**
 * Returns the summary of the sessions that match a filter. Rerenders the component when the summary changes, at most
 * once per frame.
 */
export function useSummary(
  client: SessionsClient,
  options: { filter?: SessionFilter | undefined } = {},
): UseSummaryResult {
  checkOptions('useSummary', options)
  return useLive(client, followSummary, { summary: null }, options.filter)
}

const followSummary: Follow<Pick<UseSummaryResult, 'summary'>, SessionFilter | undefined> = async (
  client,
  filter,
  signal,
  publish,
) => {
  for await (const { summary } of client.followSummary({ filter, signal })) publish(() => ({ summary }))
}
