import type { BSON, Collection, Document } from 'mongodb'
import type { Totals } from '../../domain/summary'
import type { Timestamp } from '../../domain/timestamp'
import type { Filter } from '../store'
import { type SessionDocument, selection } from './documents'

/** What the sessions under a filter come to, with the calculations since a time by the minute. */
export async function totals(
  sessions: Collection<SessionDocument>,
  filter: Filter,
  since: Timestamp,
  signal: AbortSignal,
): Promise<Totals> {
  const selected = selection(filter)
  const none: Totals = { states: [], results: 0, programme_cost: noSum, time_value: noSum, minutes: [] }
  if (!selected) return none
  const [found] = await sessions
    .aggregate<{
      states: Totals['states']
      sums: { results: number; [sum: string]: number | BSON.Decimal128 }[]
      minutes: Totals['minutes']
    }>(
      [
        { $match: selected },
        {
          $project: {
            state: 1,
            outputs: { $cond: [{ $eq: ['$result_id', null] }, null, { $last: '$results.outputs' }] },
            minutes: {
              $map: {
                input: {
                  $filter: { input: '$results.computed_at', as: 'at', cond: { $gte: ['$$at', new Date(since)] } },
                },
                as: 'at',
                in: { $dateToString: { date: '$$at', format: '%Y-%m-%dT%H:%M' } },
              },
            },
          },
        },
        {
          $facet: {
            states: [
              { $group: { _id: '$state', count: { $sum: 1 } } },
              { $project: { _id: 0, state: '$_id', count: 1 } },
            ],
            sums: [
              { $match: { outputs: { $ne: null } } },
              { $group: { _id: null, results: { $sum: 1 }, ...summed('programme_cost'), ...summed('time_value') } },
            ],
            minutes: [
              { $unwind: '$minutes' },
              { $group: { _id: '$minutes', count: { $sum: 1 } } },
              { $project: { _id: 0, minute: '$_id', count: 1 } },
            ],
          },
        },
      ],
      { signal },
    )
    .toArray()
  if (!found) return none
  const { states, minutes } = found
  const [sums] = found.sums
  const sum = (name: string) => ({
    whole: BigInt(String(sums?.[`${name}_whole`] ?? 0)),
    cents: BigInt(String(sums?.[`${name}_cents`] ?? 0)),
  })
  return {
    states,
    results: sums?.results ?? 0,
    programme_cost: sum('programme_cost'),
    time_value: sum('time_value'),
    minutes,
  }
}

const noSum = { whole: 0n, cents: 0n }

/** The sums of an amount's whole parts and of its cents: split before anything is multiplied or added, each is exact. */
function summed(name: string): Document {
  const whole = { $trunc: `$outputs.${name}` }
  const cents = { $round: [{ $multiply: [{ $subtract: [`$outputs.${name}`, whole] }, 100] }, 0] }
  return {
    [`${name}_whole`]: { $sum: { $toLong: whole } },
    [`${name}_cents`]: { $sum: { $toLong: cents } },
  }
}
