import type { Collection } from 'mongodb'
import type { MinuteCount } from '../../domain/standing'
import type { Timestamp } from '../../domain/timestamp'
import { type Dimension, dimensions, type Filter, type TotalsRow } from '../store'
import { type SessionDocument, selection } from './documents'
import { operationTimeoutMs, streaming } from './errors'

const sums = ['held', 'minutes', 'cost', 'value'] as const

interface GroupDocument extends Record<(typeof sums)[number], string> {
  _id: Partial<TotalsRow>
  sessions: number
  results: number
}

const none = Object.fromEntries(dimensions.map(name => [name, null])) as Pick<TotalsRow, Dimension>
const batchSize = 1_000

/** Where all sessions are asked for, they are read as they lie, and not in the order of an index. */
const hintFor = (filter: Filter) =>
  Object.values(filter).every(value => value === undefined) ? { hint: { $natural: 1 } } : {}

/** What the sessions under a filter come to, alike ones in the order of what they are told apart by. */
export async function* totals(
  sessions: Collection<SessionDocument>,
  filter: Filter,
  by: Dimension[],
): AsyncGenerator<TotalsRow> {
  const selected = selection(filter)
  if (!selected) return
  const stated = (name: Dimension): string => (name === 'currency' || name === 'month' ? `$worth.${name}` : `$${name}`)
  const pipeline = [
    { $match: selected },
    { $project: { ...Object.fromEntries(by.map(name => [name, 1])), worth: '$commit.standing.after.worth' } },
    {
      $group: {
        _id: Object.fromEntries(by.map(name => [name, { $ifNull: [stated(name), null] }])),
        sessions: { $sum: 1 },
        results: { $sum: { $cond: [{ $eq: ['$worth', null] }, 0, 1] } },
        // As decimals of 34 digits: sums of longs that are too large for one go on as doubles.
        ...Object.fromEntries(sums.map(name => [name, { $sum: { $toDecimal: { $toLong: `$worth.${name}` } } }])),
      },
    },
    { $sort: { _id: 1 } },
    // The server writes them out in a hundredth of the time.
    { $set: Object.fromEntries(sums.map(name => [name, { $toString: `$${name}` }])) },
  ]
  const options = { ...hintFor(filter), batchSize, allowDiskUse: true, maxTimeMS: operationTimeoutMs }
  for await (const batch of streaming(signal => sessions.aggregate<GroupDocument>(pipeline, { ...options, signal }))) {
    for (const { _id, sessions, results, ...sum } of batch) {
      const [held, minutes, cost, value] = sums.map(name => BigInt(sum[name]))
      yield { ...none, ..._id, sessions, results, held, minutes, cost, value } as TotalsRow
    }
  }
}

/** The results of the sessions under a filter since a time, by the minute they were computed in. */
export async function calculations(
  sessions: Collection<SessionDocument>,
  filter: Filter,
  since: Timestamp,
  signal: AbortSignal,
): Promise<MinuteCount[]> {
  const selected = selection(filter)
  if (!selected) return []
  const latest = { $filter: { input: '$results.computed_at', as: 'at', cond: { $gte: ['$$at', new Date(since)] } } }
  return sessions
    .aggregate<MinuteCount>(
      [
        { $match: { ...selected, updated_at: { $gte: new Date(since) } } },
        { $project: { at: latest } },
        { $unwind: '$at' },
        { $group: { _id: { $dateToString: { date: '$at', format: '%Y-%m-%dT%H:%M' } }, count: { $sum: 1 } } },
        { $sort: { _id: 1 } },
        { $project: { _id: 0, minute: '$_id', count: 1 } },
      ],
      { ...hintFor(filter), signal },
    )
    .toArray()
}
