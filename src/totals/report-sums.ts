import { DomainError } from '../domain/errors'
import { type MonthRange, monthsIn } from '../domain/months'
import { type ReportTotals, sumsInReport } from '../domain/report'
import { amountsOf, monthTotalsOf, resultsOf, type Sums, type SumsByCurrency } from '../domain/totals'
import { addUp } from './tallies'

/** The sums of a report, by month and currency. Its totals are derived from these alone, so they agree. */
export class ReportSums {
  readonly #byMonth = new Map<string, SumsByCurrency>()
  #mentor: string | undefined
  #mentors = 0
  #sums = 0

  constructor(readonly months: Required<MonthRange>) {}

  /** Adds sums of a mentor. Those of one mentor must follow each other. Throws validation_failed if there are too many. */
  add(mentor_id: string, month: string, currency: string | null, sums: Sums): void {
    if (mentor_id !== this.#mentor) this.#mentors++
    this.#mentor = mentor_id
    const byCurrency = this.#byMonth.get(month) ?? new Map()
    this.#byMonth.set(month, byCurrency)
    if (!byCurrency.has(currency) && ++this.#sums > sumsInReport) throw tooManySums()
    addUp(byCurrency, currency, sums)
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
