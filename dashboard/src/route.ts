import { type MonthRange, monthPattern } from '../../src/domain/months'
import { currentMonth, lastMonths } from './months'
import type { SessionState } from './types'

const views = ['compare', 'import', 'report', 'shared', 'webhooks'] as const
/** A view other than the list and a session. */
export type View = (typeof views)[number]

/** The open session or view, the filter of the list, and its order, as stored in the address. */
export interface Route {
  session: string | null
  view?: View | undefined
  /** The open webhook endpoint, if the view is that of webhooks. */
  endpoint?: string | undefined
  /** Ids of the compared sessions, if the view compares them. */
  compared?: string[] | undefined
  filter: Filter
  order: Order
  /** Choices of the report. Set only if its view is open. */
  report?: ReportChoices | undefined
}

export interface Filter {
  organisationId?: string
  /** Only sessions without an organisation. Never set together with `organisationId`. */
  withoutOrganisation?: true
  mentorId?: string
  state?: SessionState
  /** Only sessions whose current result is of these months. Has at least one end, and the ends are in order. */
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
] as const
export type OrderField = (typeof orderFields)[number]

export interface Order {
  by: OrderField
  descending: boolean
  /** Currency of the compared amounts, null for amounts without one. Undefined: the currency with the most results. */
  currency?: string | null
}

/**
 * An order as sent to the server. `currency` is null if the order compares no amounts, or amounts without a currency.
 */
export interface ListOrder extends Order {
  currency: string | null
}

export const newestFirst: Order = { by: 'CREATED', descending: true }

/** Charts of a report other than the first, which is that of value against cost. */
export const reportCharts = ['cumulative', 'year_before', 'hours'] as const
export type ReportChart = (typeof reportCharts)[number]

/** Sort fields of the rows of a report. */
export const reportOrderFields = [
  'ID',
  'LABEL',
  'PERIOD',
  'SESSIONS',
  'RESULTS',
  'TOTAL_HOURS',
  'PROGRAMME_COST',
  'TIME_VALUE',
  'NET_BENEFIT',
  'BENEFIT_COST_RATIO',
] as const
export type ReportOrderField = (typeof reportOrderFields)[number]

export interface ReportOrder {
  by: ReportOrderField
  descending: boolean
}

/** Choices of a report. A missing member has its default. */
export interface ReportChoices {
  /** Currency of the amounts by month and by row, null for amounts without one. */
  currency?: string | null | undefined
  order?: ReportOrder | undefined
  chart?: ReportChart | undefined
}

/** Returns whether a field is an amount. Amounts are compared within one currency only. */
export const isAmountField = (by: OrderField): boolean => by === 'PROGRAMME_COST' || by === 'TIME_VALUE'

/** Value in the address for amounts without a currency. */
const noCurrency = 'none'

/** Parses an address. `path` excludes the base path of the server. */
export function parseRoute(path: string, search: string): Route {
  const [, id] = /^\/sessions\/([^/]+)$/.exec(path) ?? []
  const query = new URLSearchParams(search)
  const [organisationId, mentorId] = [query.get('organisation'), query.get('mentor')]
  const state = stableStates.find(state => state.toLowerCase() === query.get('state'))
  const [, endpoint] = /^\/webhooks\/([^/]+)$/.exec(path) ?? []
  const view = endpoint ? 'webhooks' : views.find(view => path === `/${view}`)
  const months = parseMonths(query) ?? (view === 'report' ? parseLastMonths(query) : undefined)
  return {
    session: id ? decodeSegment(id) : null,
    view,
    ...(endpoint && { endpoint: decodeSegment(endpoint) }),
    ...(view === 'compare' && { compared: parseIds(query.get('ids') ?? '') }),
    filter: {
      ...(organisationId && { organisationId }),
      ...(!organisationId && query.get('without') === 'organisation' && { withoutOrganisation: true as const }),
      ...(mentorId && { mentorId }),
      ...(state && { state }),
      ...(months && { months }),
    },
    order: parseListOrder(query),
    ...(view === 'report' && { report: parseReportChoices(query) }),
  }
}

/** Maximum number of sessions that are compared. */
export const maxCompared = 4

const parseIds = (ids: string): string[] => [...new Set(ids.split(','))].filter(Boolean).slice(0, maxCompared)

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

/** Parses the number of recent months that addresses of reports had before they had a range. */
function parseLastMonths(query: URLSearchParams): MonthRange | undefined {
  const [count] = /^(?:24|36)$/.exec(query.get('months') ?? '') ?? []
  return count === undefined ? undefined : lastMonths(Number(count), currentMonth())
}

const parseReportChoices = (query: URLSearchParams): ReportChoices => ({
  currency: parseCurrency(query.get('amounts')),
  order: parseOrder(reportOrderFields, query.get('by')),
  chart: reportCharts.find(chart => chart === query.get('chart')),
})

function parseOrder<Field extends string>(
  fields: readonly Field[],
  sort: string | null,
): { by: Field; descending: boolean } | undefined {
  const [, sign, field] = /^(-?)(.*)$/.exec(sort ?? '') ?? []
  const by = fields.find(by => by.toLowerCase() === field)
  return by && { by, descending: sign === '-' }
}

const formatOrder = ({ by, descending }: Order | ReportOrder): string => `${descending ? '-' : ''}${by.toLowerCase()}`

function parseCurrency(code: string | null): string | null | undefined {
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

/** Returns path and query of a route, without the base path of the server. */
export function formatRoute({ session, view, endpoint, compared = [], filter, order, report }: Route): string {
  const { by, descending, currency } = order
  const query = new URLSearchParams()
  if (filter.organisationId) query.set('organisation', filter.organisationId)
  if (filter.withoutOrganisation) query.set('without', 'organisation')
  if (filter.mentorId) query.set('mentor', filter.mentorId)
  if (filter.state) query.set('state', filter.state.toLowerCase())
  if (filter.months?.from) query.set('from', filter.months.from)
  if (filter.months?.to) query.set('to', filter.months.to)
  if (by !== 'CREATED' || !descending) query.set('sort', formatOrder(order))
  if (isAmountField(by) && currency !== undefined) query.set('currency', currency ?? noCurrency)
  if (session === null && view === 'report' && report) {
    if (report.currency !== undefined) query.set('amounts', report.currency ?? noCurrency)
    if (report.order) query.set('by', formatOrder(report.order))
    if (report.chart) query.set('chart', report.chart)
  }
  // The commas stay readable.
  const ids = session === null && view === 'compare' ? [`ids=${compared.map(encodeURIComponent).join()}`] : []
  const search = [...ids, ...(query.size > 0 ? [query] : [])].join('&')
  return `${pathOf(session, view, endpoint)}${search && `?${search}`}`
}

function pathOf(session: string | null, view: View | undefined, endpoint: string | undefined): string {
  if (session !== null) return `/sessions/${encodeURIComponent(session)}`
  if (view === 'webhooks' && endpoint) return `/webhooks/${encodeURIComponent(endpoint)}`
  return view ? `/${view}` : '/'
}
