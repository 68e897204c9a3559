import type { Collection, Db, Document, Timestamp as MongoTimestamp } from 'mongodb'
import type { MongoConnection } from '../../db/mongo/connection'
import { contributionIn, type SessionDocument } from '../../db/mongo/documents'
import { labelOf, queryOf, sortField } from '../../db/mongo/indexes'
import { operationTimeoutMs, reachStore, retryRead, streamFromStore } from '../../db/mongo/operations'
import { contributionPositions } from '../../db/mongo/packed'
import { positionsAt } from '../../db/mongo/positions'
import { resultTimeField } from '../../db/mongo/result-document'
import type { Filter } from '../../db/store'
import type { MinuteCount } from '../../domain/contribution'
import { type Timestamp, timestamp } from '../../domain/timestamp'
import {
  type ContributionPage,
  type Dimension,
  noDimensions,
  type SessionContribution,
  type SessionTotals,
  sums,
  type TotalsRow,
} from './store'

const groupsABatch = 1_000

interface GroupDocument extends Record<(typeof sums)[number], string> {
  _id: Partial<TotalsRow>
  sessions: number
  results: number
}

export class MongoTotals implements SessionTotals {
  readonly #db: Db
  readonly #sessions: Collection<SessionDocument>

  constructor({ db }: MongoConnection) {
    this.#db = db
    this.#sessions = db.collection('sessions')
  }

  /** See SessionTotals.contributions. Each call reads a snapshot and returns its time as a log position. */
  async contributions(after: string, limit: number): Promise<ContributionPage> {
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
    const { cursor } = (await retryRead(signal => this.#db.command(command, { signal }))) as unknown as {
      cursor: { firstBatch: SessionDocument[]; atClusterTime: MongoTimestamp }
    }
    const { firstBatch: documents, atClusterTime } = cursor
    return {
      sessions: documents.flatMap(document => sessionContributionOf(document) ?? []),
      next: documents.length === limit ? (documents.at(-1)?._id ?? null) : null,
      ...positionsAt(atClusterTime),
    }
  }

  async *rows(filter: Filter, by: Dimension[]): AsyncGenerator<TotalsRow> {
    const query = queryOf(filter)
    if (!query) return
    const pipeline = [
      { $match: query },
      { $project: { ...Object.fromEntries(by.map(name => [name, 1])), result: resultContribution } },
      {
        $group: {
          _id: Object.fromEntries(by.map(name => [name, { $ifNull: [fieldOf(name), null] }])),
          sessions: { $sum: 1 },
          results: { $sum: { $cond: [{ $eq: ['$result', null] }, 0, 1] } },
          // Sums decimals of 34 digits: a sum of longs becomes a double if it overflows.
          ...Object.fromEntries(sums.map(name => [name, { $sum: { $toDecimal: { $toLong: `$result.${name}` } } }])),
        },
      },
      { $sort: { _id: 1 } },
      // MongoDB converts decimals to text in a hundredth of the time that this process would need.
      { $set: Object.fromEntries(sums.map(name => [name, { $toString: `$${name}` }])) },
    ]
    const options = { ...hintFor(filter), batchSize: groupsABatch, allowDiskUse: true, maxTimeMS: operationTimeoutMs }
    const open = (signal: AbortSignal) => this.#sessions.aggregate<GroupDocument>(pipeline, { ...options, signal })
    for await (const batch of streamFromStore(open)) {
      for (const { _id, sessions, results, held, minutes, cost, value } of batch) {
        const exact = { held: BigInt(held), minutes: BigInt(minutes), cost: BigInt(cost), value: BigInt(value) }
        yield { ...noDimensions, ..._id, sessions, results, ...exact }
      }
    }
  }

  async calculations(filter: Filter, since: Timestamp): Promise<MinuteCount[]> {
    const query = queryOf(filter)
    if (!query) return []
    const from = new Date(since)
    const recent = { $filter: { input: `$${resultTimeField}`, as: 'at', cond: { $gte: ['$$at', from] } } }
    const pipeline = [
      { $match: { ...query, updated_at: { $gte: from } } },
      { $project: { at: recent } },
      { $unwind: '$at' },
      { $group: { _id: { $dateToString: { date: '$at', format: '%Y-%m-%dT%H:%M' } }, count: { $sum: 1 } } },
      { $sort: { _id: 1 } },
      { $project: { _id: 0, minute: '$_id', count: 1 } },
    ]
    return reachStore(signal =>
      this.#sessions.aggregate<MinuteCount>(pipeline, { ...hintFor(filter), signal }).toArray(),
    )
  }
}

/** Expression for the contribution of the current result, or null if there is none. */
const resultContribution: Document = {
  $cond: [
    { $isArray: '$commit.after.r' },
    Object.fromEntries(contributionPositions.map((name, i) => [name, { $arrayElemAt: ['$commit.after.r', i] }])),
    null,
  ],
}

/** Fields that determine a session's contribution to the totals. */
const contributionFields = {
  mentor_id: 1,
  organisation_id: 1,
  created_at: 1,
  'commit.after': 1,
  [sortField('label')]: 1,
} as const

/** Returns a session's contribution to the totals, or null if the session is closed. */
function sessionContributionOf({
  _id: session_id,
  mentor_id,
  organisation_id,
  created_at,
  commit: { after },
  sort,
}: SessionDocument): SessionContribution | null {
  if (!after) return null
  const origin = { session_id, mentor_id, organisation_id, created_at: timestamp(created_at) }
  return { ...origin, contribution: contributionIn(after), label: labelOf(sort) }
}

const fieldOf = (name: Dimension): string => (name === 'currency' || name === 'month' ? `$result.${name}` : `$${name}`)

/** If the filter is empty, reads the documents in natural order instead of in index order. */
const hintFor = (filter: Filter) =>
  Object.values(filter).every(value => value === undefined) ? { hint: { $natural: 1 } } : {}
