import type { Timestamp as ClusterTime, Db } from 'mongodb'
import type { ContributionPage } from '../store'
import { contributionFields, type SessionDocument, sessionContributionOf } from './documents'
import { positionsAt } from './log'

/** See Store.contributions. Each call reads a snapshot, and returns its time as a position of the log. */
export async function contributions(
  db: Db,
  after: string,
  limit: number,
  signal: AbortSignal,
): Promise<ContributionPage> {
  const command = {
    find: 'sessions',
    filter: { _id: { $gt: after } },
    sort: { _id: 1 },
    limit,
    singleBatch: true,
    batchSize: limit,
    projection: contributionFields,
    readConcern: { level: 'snapshot' },
  }
  const { cursor } = (await db.command(command, { signal })) as unknown as {
    cursor: { firstBatch: SessionDocument[]; atClusterTime: ClusterTime }
  }
  const { firstBatch: documents, atClusterTime } = cursor
  return {
    sessions: documents.flatMap(document => sessionContributionOf(document) ?? []),
    next: documents.length === limit ? (documents.at(-1)?._id ?? null) : null,
    ...positionsAt(atClusterTime),
  }
}
