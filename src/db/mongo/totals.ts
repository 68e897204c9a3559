import type { Collection } from 'mongodb'
import type { MinuteCount } from '../../domain/contribution'
import type { Timestamp } from '../../domain/timestamp'
import { type Dimension, dimensions, type Filter, type TotalsRow } from '../store'
import { type SessionDocument, selection } from './documents'
import { operationTimeoutMs, streamFromStore } from './errors'

const sums = ['held', 'minutes', 'cost', 'value'] as const

interface GroupDocument extends Record<(typeof sums)[number], string> {
  _id: Partial<TotalsRow>
  sessions: number
  results: number
}

const none = Object.fromEntries(dimensions.map(name => [name, null])) as Pick<TotalsRow, Dimension>
const batchSize = 1_000

/** If the filter is empty, reads the documents in their natural order instead of the order of an index. */
const hintFor = (filter: Filter) =>
  Object.values(filter).every(value => value === undefined) ? { hint: { $natural: 1 } } : {}

/** Aggregates the sessions of a filter, grouped and sorted by `by`. */
export async function* totals(
  sessions: Collection<SessionDocument>,
  filter: Filter,
  by: Dimension[],
): AsyncGenerator<TotalsRow> {
  const selected = selection(filter)
  if (!selected) return
  const stated = (name: Dimension): string => (name === 'currency' || name === 'month' ? `$result.${name}` : `$${name}`)
  const pipeline = [
    { $match: selected },
    { $project: { ...Object.fromEntries(by.map(name => [name, 1])), result: '$commit.contribution.after.result' } },
    {
      $group: {
        _id: Object.fromEntries(by.map(name => [name, { $ifNull: [stated(name), null] }])),
        sessions: { $sum: 1 },
        results: { $sum: { $cond: [{ $eq: ['$result', null] }, 0, 1] } },
        // Adds up decimals of 34 digits: a sum of longs that overflows would become a double.
        ...Object.fromEntries(sums.map(name => [name, { $sum: { $toDecimal: { $toLong: `$result.${name}` } } }])),
      },
    },
    { $sort: { _id: 1 } },
    // MongoDB converts decimals to text in a hundredth of the time that this process needs.
    { $set: Object.fromEntries(sums.map(name => [name, { $toString: `$${name}` }])) },
  ]
  const options = { ...hintFor(filter), batchSize, allowDiskUse: true, maxTimeMS: operationTimeoutMs }
  for await (const batch of streamFromStore(signal =>
    sessions.aggregate<GroupDocument>(pipeline, { ...options, signal }),
  )) {
    for (const { _id, sessions, results, ...sum } of batch) {
      const [held, minutes, cost, value] = sums.map(name => BigInt(sum[name]))
      yield { ...none, ..._id, sessions, results, held, minutes, cost, value } as TotalsRow
    }
  }
}

/** Counts the results of a filter's sessions since a time, by the minute in which they were computed. */
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
