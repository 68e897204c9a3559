import type { Filter } from '../../db/store'
import { DomainError } from '../../domain/errors'
import { type MonthRange, monthsIn } from '../../domain/months'
import type { CallerTotals } from '../totals/caller-totals'
import type { GroupCollector } from '../totals/groups'
import { amountsOf, monthTotalsOf, resultsOf, type SumsByCurrency } from '../totals/model'
import { addUp, type Selection, type Tally } from '../totals/tally'
import { type ReportTotals, sumsInReport } from './model'

/** Selects the sessions of a report. */
export type ReportFilter = Filter & { months: Required<MonthRange> }

/**
 * Returns the totals of a report about a range of months. They come from one pass over the mentors, in which each session
 * counts once. Throws validation_failed if there are too many sums.
 */
export async function reportTotals(totals: Pick<CallerTotals, 'collect'>, filter: ReportFilter): Promise<ReportTotals> {
  const sums = await totals.collect({
    name: 'report',
    filter,
    by: ['mentor_id', 'month', 'currency'],
    newCollector: () => new ReportSums(filter.months),
  })
  return sums.totals()
}

/** The sums of a report about mentors, by month and currency. Its totals are derived from these alone, so they agree. */
class ReportSums implements GroupCollector {
  readonly #byMonth = new Map<string, SumsByCurrency>()
  #mentors = 0
  #sums = 0

  constructor(readonly months: Required<MonthRange>) {}

  matches(): boolean {
    return true
  }

  /** Adds the results of a mentor. Throws validation_failed if there are too many sums. */
  add(_: string | null, tally: Tally, selection: Selection): void {
    let hasResults = false
    tally.visit(selection, ({ currency }, sums, month) => {
      hasResults = true
      const byCurrency = this.#byMonth.get(month) ?? new Map()
      this.#byMonth.set(month, byCurrency)
      if (!byCurrency.has(currency) && ++this.#sums > sumsInReport) throw tooManySums()
      addUp(byCurrency, currency, sums)
    })
    if (hasResults) this.#mentors++
  }

  totals(): ReportTotals {
    const all: SumsByCurrency = new Map()
    for (const byCurrency of this.#byMonth.values()) {
      for (const [currency, sums] of byCurrency) addUp(all, currency, sums)
    }
    const results = resultsOf(all)
    return {
      // A session is in a range by its current result.
      sessions: results,
      results,
      mentors: this.#mentors,
      amounts: amountsOf(all),
      trend: monthsIn(this.months).map(month => monthTotalsOf(month, this.#byMonth.get(month) ?? new Map())),
    }
  }
}

function tooManySums(): DomainError {
  const detail = `must be later: a report has at most ${sumsInReport} sums by month and currency, and these months have more`
  return new DomainError('validation_failed', { errors: [{ detail, pointer: '/from' }] })
}
