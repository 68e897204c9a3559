import { yieldToEventLoop } from '../../concurrency/scheduler'
import { DomainError } from '../../domain/errors'
import type { Cursors, Edge } from '../../domain/list-query'
import {
  compareNullsLast,
  type Group,
  type GroupField,
  type GroupOrder,
  groupOf,
  type noSums,
  quotient,
  resultsOf,
  type SumsByCurrency,
} from './model'
import { Steps } from './steps'
import { type Grouping, requireFewSums } from './tallies'
import type { Groups, OrganisationsOf, Selection, Tally } from './tally'

/** Sort key of a group: an integer that sorts like the displayed figure. Null sorts last. */
type Key = bigint | null

/** Position of a page in a sorted list of groups. The page starts after the group with this key and id. */
export interface GroupPosition {
  key: Key
  id: string | null
}

export interface GroupPage {
  edges: (Edge & { node: Group })[]
  total: number
  hasNext: boolean
}

interface SelectedGroup extends GroupPosition {
  sessions: number
  sums: SumsByCurrency
  organisations: (() => (string | null)[]) | undefined
}

interface SelectedPage extends Pick<GroupPage, 'total' | 'hasNext'> {
  edges: (Pick<SelectedGroup, 'organisations'> & { position: GroupPosition; node: Group })[]
}

/** Returns a group's sums in one currency. If no currency is given, returns the sums in all currencies. */
type SumsOfGroup = (currency?: string | null) => SumsByCurrency

/** Functions that compute a group's sort key. For a group outside the requested page, only the sort key is computed. */
const keys: Record<GroupField, (sessions: number, sums: SumsOfGroup, currency: string | null) => Key> = {
  id: () => 0n,
  sessions: sessions => BigInt(sessions),
  results: (_, sums) => BigInt(resultsOf(sums())),
  total_hours: ofSums(({ minutes }) => quotient(minutes, 60n)),
  programme_cost: ofSums(({ cost }) => cost),
  time_value: ofSums(({ value }) => value),
  net_benefit: ofSums(({ value, cost }) => value - cost),
  benefit_cost_ratio: ofSums(({ value, cost }) => (cost === 0n ? null : quotient(100n * value, cost))),
}

function ofSums(key: (sums: typeof noSums) => Key) {
  return (_: number, all: SumsOfGroup, currency: string | null): Key => {
    const sums = all(currency).get(currency)
    return sums && sums.results > 0 ? key(sums) : null
  }
}

function comparing({ by, descending }: GroupOrder): (a: GroupPosition, b: GroupPosition) => number {
  const sign = descending ? -1 : 1
  if (by === 'id') return (a, b) => (a.id === null || b.id === null ? 1 : sign) * compareNullsLast(a.id, b.id)
  return (a, b) => {
    if (a.key === b.key) return compareNullsLast(a.id, b.id)
    if (a.key === null) return 1
    return b.key === null || a.key < b.key === !descending ? -1 : 1
  }
}

export const groupCursorOf = (
  cursors: Cursors,
  list: Grouping,
  { by, descending, currency }: GroupOrder,
  { key, id }: GroupPosition,
): string => cursors.encode(list, [[by, descending, currency], key === null ? null : String(key), id])

/**
 * Decodes a cursor of a group list. Throws `invalid_cursor` if the server did not issue the cursor for this list and
 * order.
 */
export function groupPositionOf(
  cursors: Cursors,
  list: Grouping,
  { by, descending, currency }: GroupOrder,
  cursor: string,
): GroupPosition {
  const [of, key, id] = cursors.decode(list, cursor)
  const isOfOrder = JSON.stringify(of) === JSON.stringify([by, descending, currency])
  const isKey = key === null || (typeof key === 'string' && /^-?\d{1,60}$/.test(key))
  if (isOfOrder && isKey && (id === null || typeof id === 'string'))
    return { key: key === null ? null : BigInt(key), id }
  throw new DomainError('invalid_cursor', {
    errors: [{ detail: 'is not a cursor of this list in this order: start again without it', parameter: 'after' }],
  })
}

export interface GroupsRequest {
  /** Case-insensitive prefix of the ids of the groups to return. */
  search?: string | undefined
  order: GroupOrder
  first: number
  after?: string | undefined
}

/** Request for a page of groups, with a decoded cursor. */
export interface SelectionRequest extends Omit<GroupsRequest, 'after'> {
  after?: GroupPosition | undefined
}

/** Collects groups, for example to build a page or to sum over all groups. */
export interface GroupCollector {
  matches(id: string | null): boolean
  /** Adds the selected sessions of a matching group. Call this method at most once per group. */
  add(id: string | null, tally: Tally, selection: Selection, organisations?: OrganisationsOf | undefined): void
}

/**
 * Adds each matching group to a collector, in slices that yield to the event loop. Throws `invalid_query` if a group has
 * too many monthly sums (see `requireFewSums`).
 */
export async function collectGroups(collector: GroupCollector, groups: Groups, selection: Selection): Promise<void> {
  const { months } = selection
  const steps = new Steps()
  for (const [id, tally, organisations] of groups) {
    const isMatch = collector.matches(id)
    const sums = isMatch && months ? tally.sumsIn(months) : 0
    if (isMatch) {
      requireFewSums(tally, selection)
      collector.add(id, tally, selection, organisations)
    }
    if (steps.add(sums)) await yieldToEventLoop()
  }
}

/**
 * Converts text to upper case for case-insensitive comparison. Lower case is unsuitable, because it depends on the
 * context: a lower-case sigma at the end of a word has its own form.
 */
const inCapitals = (text: string): string => text.toUpperCase()

function beginsWith(search: string | undefined): (id: string | null) => boolean {
  if (!search) return () => true
  const start = inCapitals(search)
  return id => id !== null && inCapitals(id).startsWith(start)
}

/** Selects a page from any number of groups. Keeps only the page's groups and one more group in memory. */
export class GroupSelection implements GroupCollector {
  readonly #order: GroupOrder
  readonly #limit: number
  readonly #after: GroupPosition | undefined
  readonly #compare: (a: GroupPosition, b: GroupPosition) => number
  readonly #best: SelectedGroup[] = []
  #total = 0

  constructor(
    { search, order, first, after }: SelectionRequest,
    readonly matches = beginsWith(search),
  ) {
    this.#order = order
    this.#limit = first + 1
    this.#after = after
    this.#compare = comparing(order)
  }

  add(id: string | null, tally: Tally, selection: Selection, organisations?: OrganisationsOf | undefined): void {
    const sessions = tally.count(selection)
    const ofGroup = organisations && (() => organisations(selection))
    if (sessions > 0) this.offer(id, sessions, currency => tally.sums(selection, currency), ofGroup)
  }

  /** Counts a matching group that has sessions. Keeps the group in memory if it belongs to the page. */
  offer(id: string | null, sessions: number, sums: SumsOfGroup, organisations?: SelectedGroup['organisations']): void {
    this.#total++
    const position = { key: keys[this.#order.by](sessions, sums, this.#order.currency), id }
    if (this.#after && this.#compare(position, this.#after) <= 0) return
    const last = this.#best.at(-1)
    if (this.#best.length === this.#limit && last && this.#compare(position, last) > 0) return
    let at = this.#best.length
    while (at > 0 && this.#compare(position, this.#best[at - 1] as GroupPosition) < 0) at--
    this.#best.splice(at, 0, { ...position, sessions, sums: sums(), organisations })
    if (this.#best.length > this.#limit) this.#best.pop()
  }

  page(): SelectedPage {
    const chosen = this.#best.slice(0, this.#limit - 1)
    return {
      edges: chosen.map(({ key, id, sessions, sums, organisations }) => ({
        position: { key, id },
        node: groupOf(id, sessions, sums),
        organisations,
      })),
      total: this.#total,
      hasNext: this.#best.length === this.#limit,
    }
  }
}
