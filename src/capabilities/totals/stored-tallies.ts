import { yieldToEventLoop } from '../../concurrency/scheduler'
import type { Store } from '../../db/store'
import type { Filter } from '../../domain/list-query'
import { isInRange, type MonthRange } from '../../domain/months'
import { stepsPerTurn } from './steps'
import type { Dimension, TotalsRow } from './store'
import type { Grouping } from './tallies'
import { type Groups, Tally } from './tally'

// This file builds tallies from the rows that the store yields. The store has already applied the filter, so callers
// must not apply it again.

interface TallyRows {
  filter: Filter
  by: Dimension[]
  span?: MonthRange
}

/**
 * Returns a tally of the sessions that match the filter. The tally contains all store rows that have no month, or whose
 * month is in `span`. Of the rows for months outside `span`, the tally contains only one row, for the latest month.
 */
export async function storedTally(store: Store, { filter, by, span = {} }: TallyRows): Promise<Tally> {
  const tally = new Tally()
  let outside: TotalsRow | undefined
  let read = 0
  for await (const row of store.totals.rows(filter, by)) {
    if (row.month === null || isInRange(span, row.month)) tally.addRow(row)
    else if (!outside?.month || row.month > outside.month) outside = row
    if (++read % stepsPerTurn === 0) await yieldToEventLoop()
  }
  if (outside) tally.addRow(outside)
  return tally
}

/**
 * Yields the tally of each mentor or organisation that matches the filter. Keeps only one of these tallies in memory at
 * a time.
 */
export async function* storedGroups(
  store: Store,
  filter: Filter,
  by: [Grouping, ...Dimension[]],
): AsyncGenerator<Groups> {
  const [grouping] = by
  let group: [string | null, Tally, () => (string | null)[]] | undefined
  let organisations = new Set<string | null>()
  let read = 0
  // The store yields all rows of a group consecutively.
  for await (const row of store.totals.rows(filter, by)) {
    if (group?.[0] !== row[grouping]) {
      if (group) yield [group]
      const own = new Set<string | null>()
      organisations = own
      group = [row[grouping], new Tally(), () => [...own]]
    }
    organisations.add(row.organisation_id)
    group[1].addRow(row)
    if (++read % stepsPerTurn === 0) await yieldToEventLoop()
  }
  if (group) yield [group]
}
