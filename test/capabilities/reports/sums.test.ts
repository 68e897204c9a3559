import fc from 'fast-check'
import { type ReportFilter, reportTotals } from '../../../src/capabilities/reports/report-sums'
import type { Session } from '../../../src/domain/session'
import { selects } from '../../support/filters'
import { overStores } from '../../support/stores'
import { endProcesses } from '../totals/processes'
import { amountsOf, filter, month, monthsOf, ofAnySessions } from '../totals/recount'

/** A filter whose months a report can have. */
const reportFilter = fc
  .tuple(filter, month, month)
  .map(([filter, ...months]) => {
    const [from = '', to = ''] = months.toSorted()
    return { ...filter, months: { from, to } }
  })
  .filter(filter => monthsOf([], filter) !== null)

function counted(sessions: Session[], filter: ReportFilter) {
  const selected = sessions.filter(session => selects(filter, session))
  return {
    sessions: selected.length,
    results: selected.length,
    mentors: new Set(selected.map(({ mentor_id }) => mentor_id)).size,
    amounts: amountsOf(selected),
  }
}

const lastMonthOver = '2026-01'
const currentMonth = '2026-02'

const yearBefore = (month: string): string => month.replace(/^\d+/, year => String(Number(year) - 1).padStart(4, '0'))

/** Returns the totals of a report, counted apart from the server's own code. */
function expected(sessions: Session[], filter: ReportFilter): unknown {
  const previousOf = ({ from, to }: ReportFilter['months']) => {
    const months = { from: yearBefore(from), to: yearBefore(to) }
    const previous = counted(sessions, { ...filter, months })
    return previous.results > 0 ? { ...months, ...previous } : null
  }
  const { from, to } = filter.months
  const over = { from, to: lastMonthOver }
  const isPart = from <= lastMonthOver && to > lastMonthOver
  return {
    ...counted(sessions, filter),
    trend: monthsOf(
      sessions.filter(session => selects(filter, session)),
      filter,
    ),
    previous: previousOf(filter.months),
    to_date: isPart ? { ...over, ...counted(sessions, { ...filter, months: over }), previous: previousOf(over) } : null,
  }
}

afterEach(endProcesses)

overStores(kind => {
  test('the sums of the projection, of the store and of a recount agree for any sessions, months and other filters', async () => {
    const property = ofAnySessions(kind, reportFilter, async (totals, _store, filter, sessions) =>
      expect(await reportTotals(totals, filter as ReportFilter, currentMonth)).toEqual(
        expected(sessions, filter as ReportFilter),
      ),
    )
    await fc.assert(property, { numRuns: kind.name === 'embedded' ? 25 : 8 })
  })
})
