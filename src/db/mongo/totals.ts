import type { BSON, Collection, Document } from 'mongodb'
import type { MinuteCount } from '../../domain/standing'
import type { Timestamp } from '../../domain/timestamp'
import { type Dimension, dimensions, type Filter, type TotalsRow } from '../store'
import { type SessionDocument, selection } from './documents'

const hundredths = (output: string): Document => ({
  $toLong: { $round: [{ $multiply: [`$result.outputs.${output}`, 100] }, 0] },
})

/** Where each is found, in the latest commit or, where that is of an earlier layout, in the result. */
const worth = {
  currency: { $ifNull: ['$result.inputs.currency', null] },
  month: {
    $substrBytes: [{ $ifNull: ['$result.inputs.period.to', { $dateToString: { date: '$result.computed_at' } }] }, 0, 7],
  },
  held: { $toLong: '$result.inputs.sessions' },
  minutes: hundredths('total_minutes'),
  cost: hundredths('programme_cost'),
  value: hundredths('time_value'),
}
const sums = ['held', 'minutes', 'cost', 'value'] as const

/** What the sessions under a filter come to. */
export async function* totals(
  sessions: Collection<SessionDocument>,
  filter: Filter,
  by: Dimension[],
  signal: AbortSignal,
): AsyncGenerator<TotalsRow> {
  const selected = selection(filter)
  if (!selected) return
  const stated = (name: Dimension): unknown => (name === 'currency' || name === 'month' ? `$worth.${name}` : `$${name}`)
  const found = sessions.aggregate<Record<string, number | BSON.Decimal128> & { _id: Partial<TotalsRow> }>(
    [
      { $match: selected },
      {
        $project: {
          ...Object.fromEntries(by.map(name => [name, 1])),
          worth: {
            $cond: [
              { $eq: [{ $type: '$commit.standing' }, 'missing'] },
              {
                $cond: [
                  { $eq: ['$result_id', null] },
                  null,
                  { $let: { vars: { result: { $last: '$results' } }, in: replaced(worth) } },
                ],
              },
              '$commit.standing.after.worth',
            ],
          },
        },
      },
      {
        $group: {
          _id: Object.fromEntries(by.map(name => [name, { $ifNull: [stated(name), null] }])),
          sessions: { $sum: 1 },
          results: { $sum: { $cond: [{ $eq: [{ $ifNull: ['$worth', null] }, null] }, 0, 1] } },
          ...Object.fromEntries(sums.map(name => [name, { $sum: { $toDecimal: { $toLong: `$worth.${name}` } } }])),
        },
      },
      { $sort: { _id: 1 } },
    ],
    { signal, allowDiskUse: true },
  )
  const none = Object.fromEntries(dimensions.map(name => [name, null])) as Pick<TotalsRow, Dimension>
  for await (const { _id, sessions, results, ...row } of found) {
    const sum = (name: string): bigint => BigInt(String(row[name] ?? 0))
    yield {
      ...none,
      ..._id,
      sessions: Number(sessions),
      results: Number(results),
      held: sum('held'),
      minutes: sum('minutes'),
      cost: sum('cost'),
      value: sum('value'),
    }
  }
}

/** An expression over `$result` as one over the variable of that name. */
const replaced = (expression: unknown): unknown =>
  JSON.parse(JSON.stringify(expression).replaceAll('"$result.', '"$$result.'))

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
        { $project: { _id: 0, minute: '$_id', count: 1 } },
      ],
      { signal },
    )
    .toArray()
}
