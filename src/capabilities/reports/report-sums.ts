import { DomainError } from '../../domain/errors'
import type { Filter } from '../../domain/list-query'
import { type MonthRange, monthsIn, monthsOver, yearBefore } from '../../domain/months'
import type { CallerTotals } from '../totals/caller-totals'
import type { GroupCollector } from '../totals/groups'
import { amountsOf, monthTotalsOf, resultsOf, type SumsByCurrency } from '../totals/model'
import { addUp, type Selection, type Tally } from '../totals/tally'
import { type ReportTotals, sumsInReport } from './model'

export type ReportFilter = Filter & { months: Required<MonthRange> }

/**
 * Returns a report's totals for a range of months and for the same months a year earlier. If only a part of the range
 * is over, also returns both totals for this part. Computes the totals of each range in one pass over the mentors, so
 * that each session is counted once. Throws `validation_failed` if the report would have more than `sumsInReport` sums.
 */
export async function reportTotals(
  totals: Pick<CallerTotals, 'collect'>,
  filter: ReportFilter,
  currentMonth: string,
): Promise<ReportTotals> {
  const totalsOf = async (months: Required<MonthRange>) => ({
    ...months,
    ...(await sumsOf(totals, { ...filter, months })).inAll(),
  })
  const previousOf = async (months: Required<MonthRange>) => {
    const previous = await totalsOf(yearBefore(months))
    return previous.results > 0 ? previous : null
  }
  const sums = await sumsOf(totals, filter)
  if (sums.size > sumsInReport) throw tooManySums()
  const over = monthsOver(filter.months, currentMonth)
  const isPart = over !== null && over.to < filter.months.to
  return {
    ...sums.inAll(),
    trend: sums.trend(),
    previous: await previousOf(filter.months),
    to_date: isPart ? { ...(await totalsOf(over)), previous: await previousOf(over) } : null,
  }
}

const sumsOf = (totals: Pick<CallerTotals, 'collect'>, filter: ReportFilter): Promise<ReportSums> =>
  totals.collect({
    name: 'report',
    filter,
    by: 'mentor_id',
    newCollector: () => new ReportSums(filter.months),
  })

/** All totals of a report are derived from these sums, so they are consistent. */
class ReportSums implements GroupCollector {
  readonly #byMonth = new Map<string, SumsByCurrency>()
  #mentors = 0
  /** Number of sums. Each combination of month and currency that has results has one sum. */
  size = 0

  constructor(readonly months: Required<MonthRange>) {}

  matches(): boolean {
    return true
  }

  add(_: string | null, tally: Tally, selection: Selection): void {
    let hasResults = false
    tally.visit(selection, ({ currency }, sums, month) => {
      hasResults = true
      const byCurrency = this.#byMonth.get(month) ?? new Map()
      this.#byMonth.set(month, byCurrency)
      if (!byCurrency.has(currency)) this.size++
      addUp(byCurrency, currency, sums)
    })
    if (hasResults) this.#mentors++
  }

  trend(): ReportTotals['trend'] {
    return monthsIn(this.months).map(month => monthTotalsOf(month, this.#byMonth.get(month) ?? new Map()))
  }

  inAll(): Omit<ReportTotals, 'trend' | 'previous' | 'to_date'> {
    const all: SumsByCurrency = new Map()
    for (const byCurrency of this.#byMonth.values()) {
      for (const [currency, sums] of byCurrency) addUp(all, currency, sums)
    }
    const results = resultsOf(all)
    return {
      // The number of sessions equals the number of results, because a range of months selects sessions by their
      // current result, and each session has at most one.
      sessions: results,
      results,
      mentors: this.#mentors,
      amounts: amountsOf(all),
    }
  }
}

function tooManySums(): DomainError {
  const detail = `must be later: a report has at most ${sumsInReport} sums by month and currency, and these months have more`
  return new DomainError('validation_failed', { errors: [{ detail, pointer: '/from' }] })
}
