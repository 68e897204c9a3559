import type { Filter, ReportOrder } from '../address'
import { calculationsQuery, mentorsQuery, organisationsQuery, trendQuery } from '../graphql/documents'
import type { Amounts, Outputs, Result, Stated } from '../types'
import type { Asking } from './reading'

export interface Month {
  /** First day of the month. */
  month: string
  results: number
  amounts: Amounts[]
}

export interface Trend {
  months: Month[]
  /** Method and caveat of the results. Null if there are none. */
  method: Pick<Result, 'method' | 'caveat'> | null
}

/** A mentor or an organisation. */
export interface Group {
  id: string | null
  sessions: number
  results: number
  amounts: Amounts[]
}

/** A session as a row of the report. */
export interface Calculated {
  id: string
  result: {
    inputs: Stated
    outputs: Pick<Outputs, 'totalHours' | 'programmeCost' | 'timeValue' | 'netBenefit' | 'benefitCostRatio'>
  } | null
}

export interface OrderBy extends ReportOrder {
  currency: string | null
}

export interface Rows<T> {
  rows: T[]
  total: number
}

/** Rows per request: the server's maximum. */
const mostAtOnce = 100

/** Returns the sums of the last months, and how the results were computed. */
export async function trendOf(filter: Filter, last: number, ask: Asking): Promise<Trend> {
  const variables = { filter, last, withResult: { ...filter, state: 'LOADED' } }
  const { trend, computed } = await ask<{ trend: Month[]; computed: { nodes: { result: Trend['method'] }[] } }>(
    trendQuery,
    variables,
  )
  return { months: trend, method: computed.nodes[0]?.result ?? null }
}

export const organisationsOf = (orderBy: OrderBy, count: number, ask: Asking): Promise<Rows<Group>> =>
  rowsOf(organisationsQuery, { orderBy }, count, ask)

export const mentorsOf = (filter: Filter, orderBy: OrderBy, count: number, ask: Asking): Promise<Rows<Group>> =>
  rowsOf(mentorsQuery, { filter, orderBy }, count, ask)

export const calculationsOf = (
  filter: Filter,
  orderBy: OrderBy,
  count: number,
  ask: Asking,
): Promise<Rows<Calculated>> => rowsOf(calculationsQuery, { filter, orderBy }, count, ask)

interface Page<T> {
  page: { nodes: T[]; totalCount: number; pageInfo: { hasNextPage: boolean; endCursor: string | null } }
}

/** Returns the first `count` rows of an order. A row that moves from one page to another meanwhile appears once. */
async function rowsOf<T extends { id: string | null }>(
  query: string,
  variables: object,
  count: number,
  ask: Asking,
): Promise<Rows<T>> {
  const rows = new Map<string | null, T>()
  let after: string | null = null
  for (let asked = 0; ; ) {
    const first = Math.min(mostAtOnce, count - asked)
    const { page }: Page<T> = await ask<Page<T>>(query, { ...variables, first, after })
    for (const row of page.nodes) rows.set(row.id, row)
    asked += first
    after = page.pageInfo.endCursor
    if (!page.pageInfo.hasNextPage || asked >= count) return { rows: [...rows.values()], total: page.totalCount }
  }
}
