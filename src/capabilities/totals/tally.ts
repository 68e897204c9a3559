import { deserialize, serialize } from 'node:v8'
import type { Contribution } from '../../domain/contribution'
import type { Filter } from '../../domain/list-query'
import { isInRange, lengthOf, type MonthRange, monthCharacters, monthsIn } from '../../domain/months'
import type { RestingState, State } from '../../domain/session'
import type { Sums, SumsByCurrency } from './model'

/** Sums of the results in one state and currency. */
interface CurrencySums extends Sums {
  state: RestingState
  currency: string | null
}

const currencyKey = (state: RestingState, currency: string | null): string => `${state} ${currency}`
const monthKey = (month: string, currencyKey: string): string => `${month} ${currencyKey}`

export type Selection = Pick<Filter, 'state' | 'months'>

export type StateCounts = Record<RestingState, number>
export const noSessions: Readonly<StateCounts> = { initial: 0, loaded: 0, error: 0 }

export const isAtRest = (state: State): state is RestingState => state !== 'loading' && state !== 'closed'

/** The number of sessions in a tally, in total and per state, and the number of its sums (`size`). */
export interface TallyCounts {
  sessions: number
  states: StateCounts
  size: number
}

/** Maximum number of sums that a tally keeps encoded until its next use. Decoding so few sums takes less than 1 ms. */
const fewSums = 256

interface SumsInMemory {
  /** By state and currency. */
  byCurrency: Map<string, CurrencySums>
  /** By month, state and currency. */
  byMonth: Map<string, Sums>
}

/** Exact totals of a set of sessions. Sessions can be added to the totals and removed from them. */
export class Tally {
  /**
   * Number of the latest snapshot that no longer needs this tally: the snapshot already contains the tally, or began
   * before the tally existed.
   */
  snapshot = 0
  #sessions = 0
  readonly states: StateCounts = { ...noSessions }
  /** The sums. Undefined while they are encoded. */
  #inMemory: SumsInMemory | undefined = { byCurrency: new Map(), byMonth: new Map() }
  /**
   * The encoded sums of a tally that has not been used since the last checkpoint, as a string with one byte per
   * character. Encoding saves more than half of the sums' memory, and most tallies are not used for a long time.
   */
  #encoded = ''
  /** Number of sums in `#encoded`. */
  #encodedSize = 0

  /** Number of sums in this tally. */
  get size(): number {
    return this.#inMemory ? this.#inMemory.byCurrency.size + this.#inMemory.byMonth.size : this.#encodedSize
  }

  get counts(): TallyCounts {
    return { sessions: this.#sessions, states: this.states, size: this.size }
  }

  /**
   * Encodes the sums for a checkpoint. Unless a tally has too many sums, they stay encoded until the tally's next use.
   */
  encodedSums(): Uint8Array {
    if (!this.#inMemory) return Buffer.from(this.#encoded, 'latin1')
    const { size } = this
    const { byCurrency, byMonth } = this.#inMemory
    const sums = [...byCurrency.values()].flatMap(({ state, currency, ...of }) => [state, currency, ...valuesOf(of)])
    const months = [...byMonth].flatMap(([key, of]) => [key, ...valuesOf(of)])
    const encoded = serialize([sums, months])
    if (size <= fewSums) this.#encode(encoded, size)
    return encoded
  }

  #encode(sums: Uint8Array, size: number): void {
    this.#encoded = Buffer.from(sums.buffer, sums.byteOffset, sums.byteLength).toString('latin1')
    this.#encodedSize = size
    this.#inMemory = undefined
  }

  /** Returns a tally restored from a checkpoint. */
  static restored({ sessions, states, size }: TallyCounts, sums: Uint8Array): Tally {
    const tally = new Tally()
    tally.#sessions = sessions
    Object.assign(tally.states, states)
    tally.#encode(sums, size)
    return tally
  }

  /** Returns the sums. Decodes them first if necessary. */
  get #sums(): SumsInMemory {
    this.#inMemory ??= this.#decoded()
    return this.#inMemory
  }

  #decoded(): SumsInMemory {
    const [sums, months] = deserialize(Buffer.from(this.#encoded, 'latin1')) as [unknown[], unknown[]]
    this.#encoded = ''
    const decoded: SumsInMemory = { byCurrency: new Map(), byMonth: new Map() }
    for (let i = 0; i < sums.length; i += 2 + valuesOfSums) {
      const [state, currency] = sums.slice(i, i + 2) as [RestingState, string | null]
      decoded.byCurrency.set(currencyKey(state, currency), { ...sumsAt(sums, i + 2), state, currency })
    }
    for (let i = 0; i < months.length; i += 1 + valuesOfSums) {
      decoded.byMonth.set(months[i] as string, sumsAt(months, i + 1))
    }
    return decoded
  }

  /** Adds a session (sign 1), or removes it (sign -1). */
  add({ state, result }: Contribution, sign: 1 | -1): void {
    this.#sessions += sign
    this.states[state] += sign
    if (!result) return
    const { currency, month, held, minutes, cost, value } = result
    const sums: Sums = {
      results: sign,
      held: BigInt(sign * held),
      minutes: BigInt(sign * minutes),
      cost: BigInt(sign * cost),
      value: BigInt(sign * value),
    }
    const { byCurrency, byMonth } = this.#sums
    const key = currencyKey(state, currency)
    // All sums objects begin with the same fields in the same order, so that V8 adds them faster.
    addTo(byCurrency, key, sums, more => ({ ...copyOf(more), state, currency }))
    addTo(byMonth, monthKey(month, key), sums, copyOf)
  }

  copy(): Tally {
    const copy = new Tally()
    copy.#sessions = this.#sessions
    Object.assign(copy.states, this.states)
    const { byCurrency, byMonth } = this.#sums
    for (const [key, sums] of byCurrency) copy.#sums.byCurrency.set(key, { ...sums })
    for (const [key, sums] of byMonth) copy.#sums.byMonth.set(key, { ...sums })
    return copy
  }

  count(selection: Selection = {}): number {
    const { state, months } = selection
    if (months) {
      let count = 0
      this.visit(selection, (_, { results }) => {
        count += results
      })
      return count
    }
    if (state === undefined) return this.#sessions
    return isAtRest(state) ? this.states[state] : 0
  }

  statesOf(selection: Selection): Partial<StateCounts> {
    const { state, months } = selection
    if (!months) return state === undefined ? this.states : { [state]: this.count({ state }) }
    const states = { ...noSessions }
    this.visit(selection, (of, { results }) => {
      states[of.state] += results
    })
    return states
  }

  /** Returns the sums of the selected results, in one currency or in all currencies. */
  sums(selection: Selection = {}, currency?: string | null): SumsByCurrency {
    const { state, months } = selection
    const sumsByCurrency: SumsByCurrency = new Map()
    const add = (of: CurrencySums, sums: Sums): void => {
      if (currency === undefined || of.currency === currency) addUp(sumsByCurrency, of.currency, sums)
    }
    if (months) this.visit(selection, add)
    else
      for (const sums of this.#sums.byCurrency.values())
        if (state === undefined || sums.state === state) add(sums, sums)
    return sumsByCurrency
  }

  /** Returns the sums of one month's results, by currency. */
  month(month: string, state?: State): SumsByCurrency {
    const { byCurrency, byMonth } = this.#sums
    const sumsByCurrency: SumsByCurrency = new Map()
    for (const [key, { state: at, currency }] of byCurrency) {
      const sums = byMonth.get(monthKey(month, key))
      if (sums && (state === undefined || at === state)) addUp(sumsByCurrency, currency, sums)
    }
    return sumsByCurrency
  }

  /**
   * Returns the first and the last month with results within the selection's range. If no month has results, returns an
   * empty range.
   */
  monthsWithResults(selection: Selection): MonthRange {
    let { from, to }: MonthRange = {}
    this.visit(selection, (_, __, month) => {
      if (from === undefined || month < from) from = month
      if (to === undefined || month > to) to = month
    })
    return from !== undefined && to !== undefined ? { from, to } : {}
  }

  /**
   * Returns the number of sums that must be read for a range of months: either the sums of these months or all sums,
   * whichever are fewer.
   */
  sumsIn(months: MonthRange): number {
    const { byCurrency, byMonth } = this.#sums
    return Math.min(lengthOf(months) * byCurrency.size, byMonth.size)
  }

  /** Calls `visit` for the selected sums of each month in the range, once per month, state and currency. */
  visit({ state, months = {} }: Selection, visit: (of: CurrencySums, sums: Sums, month: string) => void): void {
    const { byCurrency, byMonth } = this.#sums
    const visitIfSelected = (of: CurrencySums | undefined, sums: Sums | undefined, month: string): void => {
      if (of && sums && (state === undefined || of.state === state)) visit(of, sums, month)
    }
    if (lengthOf(months) * byCurrency.size < byMonth.size) {
      for (const month of monthsIn(months)) {
        for (const [key, of] of byCurrency) visitIfSelected(of, byMonth.get(monthKey(month, key)), month)
      }
      return
    }
    for (const [key, sums] of byMonth) {
      const month = key.slice(0, monthCharacters)
      if (isInRange(months, month)) visitIfSelected(byCurrency.get(key.slice(monthCharacters + 1)), sums, month)
    }
  }
}

/** Returns the organisations of a mentor's sessions that match a selection. Null means no organisation. */
export type OrganisationsOf = (selection: Selection) => (string | null)[]

/** Mentors or organisations, each with its tally. A mentor's entry also lists the mentor's organisations. */
export type Groups = Iterable<[id: string | null, tally: Tally, organisations?: OrganisationsOf | undefined]>

const valuesOf = ({ results, held, minutes, cost, value }: Sums) => [results, held, minutes, cost, value]
const valuesOfSums = 5

function sumsAt(values: unknown[], i: number): Sums {
  const [results, held, minutes, cost, value] = values.slice(i, i + valuesOfSums) as [
    number,
    bigint,
    bigint,
    bigint,
    bigint,
  ]
  return { results, held, minutes, cost, value }
}

const copyOf = ({ results, held, minutes, cost, value }: Sums): Sums => ({ results, held, minutes, cost, value })

function plus(sums: Sums, more: Sums): void {
  sums.results += more.results
  sums.held += more.held
  sums.minutes += more.minutes
  sums.cost += more.cost
  sums.value += more.value
}

/**
 * Adds `more` to the sums under a key. If the key has no sums yet, stores a copy of `more`. Removes sums that no longer
 * include any results.
 */
function addTo<S extends Sums>(all: Map<string, S>, key: string, more: Sums, copy: (sums: Sums) => S): void {
  const sums = all.get(key)
  if (!sums) {
    all.set(key, copy(more))
    return
  }
  plus(sums, more)
  if (sums.results === 0) all.delete(key)
}

/** Adds `more` to the sums of its currency. If the currency has no sums yet, stores a copy of `more`. */
export function addUp(all: SumsByCurrency, currency: string | null, more: Sums): void {
  const sums = all.get(currency)
  if (sums) plus(sums, more)
  else all.set(currency, copyOf(more))
}
