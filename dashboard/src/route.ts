import type { SessionOrderField } from '../../packages/client/src/index.js'
import { type MonthRange, monthPattern } from '../../src/domain/months'
import { type coreViewPaths, parameterIn } from '../../src/http/view-paths'
import type { SessionState } from './types'

/**
 * Paths of the views, keyed by the part of the dashboard that owns them. Each capability adds its own paths to this
 * interface.
 */
export interface ViewPaths {
  core: (typeof coreViewPaths)[number]
}

export type ViewPath = ViewPaths[keyof ViewPaths]

/**
 * State stored in the page's address: the open view, and the list's filter and order. Each capability adds its own
 * view's state to this interface.
 */
export interface Route {
  path: ViewPath
  /** Value of the path parameter, such as a session id. */
  id?: string | undefined
  filter: Filter
  order: Order
}

export interface ViewRoute {
  paths: readonly [ViewPath, ...ViewPath[]]
  /** Reads this view's own state from the query string, and adds it to a route. */
  read?(route: Route, query: URLSearchParams): Route
  /** Returns the query string, including this view's own state. `query` already contains the filter and the order. */
  write?(route: Route, query: URLSearchParams): string
}

export interface Filter {
  organisationId?: string
  /** Selects only sessions without an organisation. Never set together with `organisationId`. */
  withoutOrganisation?: true
  mentorId?: string
  state?: SessionState
  /** Selects only sessions whose current result falls within these months. */
  months?: MonthRange
}

export const stableStates = ['INITIAL', 'LOADED', 'ERROR'] as const satisfies SessionState[]

export const orderFields = [
  'CREATED',
  'UPDATED',
  'MENTOR',
  'LABEL',
  'PERIOD',
  'TOTAL_HOURS',
  'PROGRAMME_COST',
  'TIME_VALUE',
  'BENEFIT_COST_RATIO',
] as const satisfies SessionOrderField[]
export type OrderField = (typeof orderFields)[number]

export interface Order {
  by: OrderField
  descending: boolean
  /**
   * Currency of the compared amounts. A null currency means that amounts without a currency are compared. If `currency`
   * is undefined, the currency with the most results is used.
   */
  currency?: string | null
}

/**
 * A sort order as sent to the server. `currency` is null if the order compares amounts without a currency, or does not
 * compare amounts.
 */
export interface ListOrder extends Order {
  currency: string | null
}

export const newestFirst: Order = { by: 'CREATED', descending: true }

/** Whether the field is an amount. Only amounts in the same currency can be compared with each other. */
export const isAmountField = (by: OrderField): boolean => by === 'PROGRAMME_COST' || by === 'TIME_VALUE'

/** Query parameter value that stands for amounts without a currency. */
const noCurrency = 'none'

/** Parses an address. `path` excludes the server's base path. An unknown path leads to the list of sessions. */
export function parseRoute(views: readonly ViewRoute[], path: string, search: string): Route {
  const query = new URLSearchParams(search)
  const common = { path: '/' as const, filter: parseFilter(query), order: parseListOrder(query) }
  for (const { paths, read } of views) {
    for (const viewPath of paths) {
      const parameter = parameterIn(path, viewPath)
      if (parameter === undefined) continue
      const route = { ...common, path: viewPath, ...(parameter && { id: decodeSegment(parameter) }) }
      return read?.(route, query) ?? route
    }
  }
  return common
}

function parseFilter(query: URLSearchParams): Filter {
  const [organisationId, mentorId] = [query.get('organisation'), query.get('mentor')]
  const state = stableStates.find(state => state.toLowerCase() === query.get('state'))
  const months = parseMonths(query)
  return {
    ...(organisationId && { organisationId }),
    ...(!organisationId && query.get('without') === 'organisation' && { withoutOrganisation: true as const }),
    ...(mentorId && { mentorId }),
    ...(state && { state }),
    ...(months && { months }),
  }
}

function parseListOrder(query: URLSearchParams): Order {
  const order = parseOrder(orderFields, query.get('sort'))
  if (!order) return newestFirst
  const currency = parseCurrency(query.get('currency'))
  return isAmountField(order.by) && currency !== undefined ? { ...order, currency } : order
}

function parseMonths(query: URLSearchParams): MonthRange | undefined {
  const [from, to] = ['from', 'to'].map(end => monthPattern.exec(query.get(end) ?? '')?.[0])
  if ((!from && !to) || (from && to && from > to)) return undefined
  return { ...(from && { from }), ...(to && { to }) }
}

/** Parses a sort order such as `-updated`, which is a field name with an optional minus sign for descending order. */
export function parseOrder<Field extends string>(
  fields: readonly Field[],
  sort: string | null,
): { by: Field; descending: boolean } | undefined {
  const [, sign, field] = /^(-?)(.*)$/.exec(sort ?? '') ?? []
  const by = fields.find(by => by.toLowerCase() === field)
  return by && { by, descending: sign === '-' }
}

export const formatOrder = ({ by, descending }: { by: string; descending: boolean }): string =>
  `${descending ? '-' : ''}${by.toLowerCase()}`

/** Returns null if the code stands for amounts without a currency, and undefined if the code is invalid. */
export function parseCurrency(code: string | null): string | null | undefined {
  if (code === noCurrency) return null
  return code !== null && /^[A-Z]{3}$/.test(code) ? code : undefined
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

export const formatCurrency = (currency: string | null): string => currency ?? noCurrency

/** Returns a route's path and query, without the server's base path. */
export function formatRoute(views: readonly ViewRoute[], route: Route): string {
  const { path, id = '', filter, order } = route
  const { by, descending, currency } = order
  const query = new URLSearchParams()
  if (filter.organisationId) query.set('organisation', filter.organisationId)
  if (filter.withoutOrganisation) query.set('without', 'organisation')
  if (filter.mentorId) query.set('mentor', filter.mentorId)
  if (filter.state) query.set('state', filter.state.toLowerCase())
  if (filter.months?.from) query.set('from', filter.months.from)
  if (filter.months?.to) query.set('to', filter.months.to)
  if (by !== 'CREATED' || !descending) query.set('sort', formatOrder(order))
  if (isAmountField(by) && currency !== undefined) query.set('currency', formatCurrency(currency))
  const search = views.find(({ paths }) => paths.includes(path))?.write?.(route, query) ?? String(query)
  return `${path.replace(/:.*/, () => encodeURIComponent(id))}${search && `?${search}`}`
}
