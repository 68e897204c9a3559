import { DomainError } from '../../domain/errors'
import type { Filter } from '../../domain/list-query'
import { type MonthRange, monthsIn, yearBefore } from '../../domain/months'
import type { CallerTotals } from '../totals/caller-totals'
import type { GroupCollector } from '../totals/groups'
import { amountsOf, monthTotalsOf, resultsOf, type SumsByCurrency } from '../totals/model'
import { addUp, type Selection, type Tally } from '../totals/tally'
import { type ReportTotals, sumsInReport } from './model'

export type ReportFilter = Filter & { months: Required<MonthRange> }

/**
 * Computes the totals of each range in one pass over the mentors, so that each session is counted once. Throws
 * `validation_failed` if the report would have more than `sumsInReport` sums.
 */
export async function reportTotals(totals: Pick<CallerTotals, 'collect'>, filter: ReportFilter): Promise<ReportTotals> {
  const sums = await sumsOf(totals, filter)
  if (sums.size > sumsInReport) throw tooManySums()
  const months = yearBefore(filter.months)
  const previous = (await sumsOf(totals, { ...filter, months })).inAll()
  return { ...sums.inAll(), trend: sums.trend(), previous: previous.results > 0 ? { ...months, ...previous } : null }
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

  inAll(): Omit<ReportTotals, 'trend' | 'previous'> {
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
