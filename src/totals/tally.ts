import type { Contribution, ResultContribution } from '../domain/contribution'
import type { State } from '../domain/session'
import { noSums, type Sums, type SumsByCurrency } from '../domain/totals'

type At = Contribution['state']

interface CurrencySums extends Sums {
  state: At
  currency: string | null
}

const currencyKey = (state: At, currency: string | null): string => `${state} ${currency}`
const monthKey = (state: At, currency: string | null, month: string): string => `${state} ${currency} ${month}`

/** Exact totals of many sessions, as sessions are added and removed. */
export class Tally {
  readonly states: Record<At, number> = { initial: 0, loaded: 0, error: 0 }
  readonly #sums = new Map<string, CurrencySums>()
  readonly #months = new Map<string, Sums>()

  /** Number of sums held. */
  get size(): number {
    return this.#sums.size + this.#months.size
  }

  /** Adds a session (sign 1), or removes it (sign -1). */
  add({ state, result }: Contribution, sign: 1 | -1): void {
    this.states[state] += sign
    if (!result) return
    const { currency, month } = result
    addTo(this.#sums, currencyKey(state, currency), result, sign, () => ({ ...noSums, state, currency }))
    addTo(this.#months, monthKey(state, currency, month), result, sign, () => ({ ...noSums }))
  }

  copy(): Tally {
    const copy = new Tally()
    Object.assign(copy.states, this.states)
    for (const [key, sums] of this.#sums) copy.#sums.set(key, { ...sums })
    for (const [key, sums] of this.#months) copy.#months.set(key, { ...sums })
    return copy
  }

  count(state?: State): number {
    if (state === undefined) return this.states.initial + this.states.loaded + this.states.error
    return isAtRest(state) ? this.states[state] : 0
  }

  /** Returns sums by currency: of one state or all, in one currency or all. */
  sums(state?: State, currency?: string | null): SumsByCurrency {
    const found: SumsByCurrency = new Map()
    for (const sums of this.#sums.values()) {
      if (currency !== undefined && sums.currency !== currency) continue
      if (state === undefined || sums.state === state) addUp(found, sums.currency, sums)
    }
    return found
  }

  /** Returns the same sums for the results of a month. */
  month(month: string, state?: State): SumsByCurrency {
    const found: SumsByCurrency = new Map()
    for (const { state: at, currency } of this.#sums.values()) {
      const sums = this.#months.get(monthKey(at, currency, month))
      if (sums && (state === undefined || at === state)) addUp(found, currency, sums)
    }
    return found
  }
}

const isAtRest = (state: State): state is At => state !== 'loading' && state !== 'closed'

function addTo<S extends Sums>(
  all: Map<string, S>,
  key: string,
  result: ResultContribution,
  sign: 1 | -1,
  none: () => S,
): void {
  const sums = all.get(key) ?? none()
  all.set(key, sums)
  const times = BigInt(sign)
  sums.results += sign
  sums.held += times * BigInt(result.held)
  sums.minutes += times * BigInt(result.minutes)
  sums.cost += times * BigInt(result.cost)
  sums.value += times * BigInt(result.value)
  if (sums.results === 0) all.delete(key)
}

/** Adds sums to those of a currency. */
export function addUp(sums: SumsByCurrency, currency: string | null, more: Sums): void {
  const sum = sums.get(currency)
  if (!sum) {
    sums.set(currency, {
      results: more.results,
      held: more.held,
      minutes: more.minutes,
      cost: more.cost,
      value: more.value,
    })
    return
  }
  sum.results += more.results
  sum.held += more.held
  sum.minutes += more.minutes
  sum.cost += more.cost
  sum.value += more.value
}
