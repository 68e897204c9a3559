import type { Filter } from '../../src/domain/list-query'
import { monthAfter, monthAt, monthsIn } from '../../src/domain/months'
import type { Result, Snapshot } from '../../src/domain/session'

type Selectable = Pick<Snapshot, 'mentor_id' | 'organisation_id' | 'external_id' | 'state'> & { result: Result | null }

/** Returns the month of a result, independently of the server's own code. */
export const monthOf = ({ inputs, computed_at }: Pick<Result, 'inputs' | 'computed_at'>): string =>
  (inputs.period ? inputs.period.to : computed_at).replace(/^(\d+-\d+).*$/, '$1')

/** Whether a filter selects a session, decided independently of the server's own code. */
export function selects({ months, ...filter }: Filter, session: Selectable): boolean {
  const isOfRest = Object.entries(filter).every(
    ([name, value]) => value === undefined || session[name as keyof typeof filter] === value,
  )
  if (!isOfRest || !months) return isOfRest
  const { from = '', to = '~' } = months
  const month = session.result && monthOf(session.result)
  return month !== null && from <= month && month <= to
}

/** Returns the last `count` months up to the month of `now`, oldest first, as `2026-03`. */
export const monthsUpTo = (now: string, count: number): string[] =>
  monthsIn({ from: monthAfter(monthAt(now), 1 - count), to: monthAt(now) })

/** Returns every combination of these values, including the filter without any. A new member needs values here. */
export const filterCombinations = (values: { [Member in keyof Filter]-?: Required<Filter>[Member][] }): Filter[] =>
  Object.entries(values).reduce<Filter[]>(
    (all, [name, given]) => all.flatMap(filter => [filter, ...given.map(value => ({ ...filter, [name]: value }))]),
    [{}],
  )
