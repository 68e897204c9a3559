import type { SessionState } from './types'

const views = ['import', 'report'] as const
/** What is looked at besides the list and a session. */
export type View = (typeof views)[number]

/** What the address says: which session or other view is open, which sessions the list shows, and in which order. */
export interface Route {
  session: string | null
  view?: View | undefined
  filter: Filter
  order: Order
  /** Where a report is looked at. */
  report?: ReportChoices | undefined
}

export interface Filter {
  organisationId?: string
  /** Only what is of no organisation; never beside one. */
  withoutOrganisation?: true
  mentorId?: string
  state?: SessionState
}

export const statesAtRest = ['INITIAL', 'LOADED', 'ERROR'] as const satisfies SessionState[]

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
  /** Of the amounts that are compared, null where none is stated; left out, it is that of most results. */
  currency?: string | null
}

/** An order as the server is asked for it. */
export interface ListOrder extends Order {
  currency: string | null
}

export const newestFirst: Order = { by: 'CREATED', descending: true }

/** The last months that a report may show; the first of these where none are chosen. */
export const reportMonths = [12, 24, 36] as const

/** What stands side by side in a report is put in order by. */
export const reportFields = [
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
export type ReportField = (typeof reportFields)[number]

export interface ReportOrder {
  by: ReportField
  descending: boolean
}

/** How a report is looked at: what is left out is as it begins. */
export interface ReportChoices {
  months?: (typeof reportMonths)[number] | undefined
  /** Of the amounts by month and side by side, null where none is stated. */
  currency?: string | null | undefined
  order?: ReportOrder | undefined
}

/** Amounts are compared within a currency. */
export const isAmount = (by: OrderField): boolean => by === 'PROGRAMME_COST' || by === 'TIME_VALUE'

/** In the address, a currency that none states. */
const unstated = 'none'

/** What an address says, without the path under which the server stands. */
export function routeOf(path: string, search: string): Route {
  const [, id] = /^\/sessions\/([^/]+)$/.exec(path) ?? []
  const query = new URLSearchParams(search)
  const [organisationId, mentorId] = [query.get('organisation'), query.get('mentor')]
  const state = statesAtRest.find(state => state.toLowerCase() === query.get('state'))
  const view = views.find(view => path === `/${view}`)
  return {
    session: id ? decoded(id) : null,
    view,
    filter: {
      ...(organisationId && { organisationId }),
      ...(!organisationId && query.get('without') === 'organisation' && { withoutOrganisation: true as const }),
      ...(mentorId && { mentorId }),
      ...(state && { state }),
    },
    order: orderOf(query),
    ...(view === 'report' && { report: reportOf(query) }),
  }
}

function orderOf(query: URLSearchParams): Order {
  const order = sortOf(orderFields, query.get('sort'))
  if (!order) return newestFirst
  const currency = currencyOf(query.get('currency'))
  return isAmount(order.by) && currency !== undefined ? { ...order, currency } : order
}

const reportOf = (query: URLSearchParams): ReportChoices => ({
  months: reportMonths.slice(1).find(count => String(count) === query.get('months')),
  currency: currencyOf(query.get('amounts')),
  order: sortOf(reportFields, query.get('by')),
})

function sortOf<Field extends string>(
  fields: readonly Field[],
  sort: string | null,
): { by: Field; descending: boolean } | undefined {
  const [, sign, field] = /^(-?)(.*)$/.exec(sort ?? '') ?? []
  const by = fields.find(by => by.toLowerCase() === field)
  return by && { by, descending: sign === '-' }
}

const sortText = ({ by, descending }: Order | ReportOrder): string => `${descending ? '-' : ''}${by.toLowerCase()}`

function currencyOf(code: string | null): string | null | undefined {
  if (code === unstated) return null
  return code !== null && /^[A-Z]{3}$/.test(code) ? code : undefined
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** The address that says this. */
export function pathOf({ session, view, filter, order, report }: Route): string {
  const { by, descending, currency } = order
  const query = new URLSearchParams()
  if (filter.organisationId) query.set('organisation', filter.organisationId)
  if (filter.withoutOrganisation) query.set('without', 'organisation')
  if (filter.mentorId) query.set('mentor', filter.mentorId)
  if (filter.state) query.set('state', filter.state.toLowerCase())
  if (by !== 'CREATED' || !descending) query.set('sort', sortText(order))
  if (isAmount(by) && currency !== undefined) query.set('currency', currency ?? unstated)
  if (session === null && view === 'report' && report) {
    if (report.months && report.months !== reportMonths[0]) query.set('months', String(report.months))
    if (report.currency !== undefined) query.set('amounts', report.currency ?? unstated)
    if (report.order) query.set('by', sortText(report.order))
  }
  const search = query.size > 0 ? `?${query}` : ''
  return `${session !== null ? `/sessions/${encodeURIComponent(session)}` : view ? `/${view}` : '/'}${search}`
}
