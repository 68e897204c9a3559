import type { Filter, Store } from '../../db/store'
import { isInRange, type MonthRange } from '../../domain/months'
import { stepsATurn, turn } from './steps'
import type { Dimension, TotalsRow } from './store'
import type { Grouping } from './tallies'
import { type Groups, Tally } from './tally'

// Tallies of the rows that the store yields. It has applied the filter already, so answers select all of a tally.

/** Returns the tally of the sessions that a filter selects. Of the months outside `span` it holds only the latest. */
export async function storedTally(
  store: Store,
  filter: Filter,
  by: Dimension[],
  span: MonthRange = {},
): Promise<Tally> {
  const tally = new Tally()
  let outside: TotalsRow | undefined
  let read = 0
  for await (const row of store.totals.rows(filter, by)) {
    if (row.month === null || isInRange(span, row.month)) tally.addRow(row)
    else if (!outside?.month || row.month > outside.month) outside = row
    if (++read % stepsATurn === 0) await turn()
  }
  if (outside) tally.addRow(outside)
  return tally
}

/** Returns the tally of each mentor or organisation that a filter selects. Only one tally exists at a time. */
export async function* storedGroups(
  store: Store,
  filter: Filter,
  by: [Grouping, ...Dimension[]],
): AsyncGenerator<Groups> {
  const [grouping] = by
  let group: [string | null, Tally] | undefined
  let read = 0
  // The rows of a group are adjacent.
  for await (const row of store.totals.rows(filter, by)) {
    if (group?.[0] !== row[grouping]) {
      if (group) yield [group]
      group = [row[grouping], new Tally()]
    }
    group[1].addRow(row)
    if (++read % stepsATurn === 0) await turn()
  }
  if (group) yield [group]
}
