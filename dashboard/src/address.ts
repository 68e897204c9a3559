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
  return {
    session: id ? decoded(id) : null,
    view: views.find(view => path === `/${view}`),
    filter: {
      ...(organisationId && { organisationId }),
      ...(!organisationId && query.get('without') === 'organisation' && { withoutOrganisation: true as const }),
      ...(mentorId && { mentorId }),
      ...(state && { state }),
    },
    order: orderOf(query.get('sort'), query.get('currency')),
  }
}

function orderOf(sort: string | null, currency: string | null): Order {
  const [, sign, field] = /^(-?)(.*)$/.exec(sort ?? '') ?? []
  const by = orderFields.find(by => by.toLowerCase() === field)
  if (!by) return newestFirst
  const order = { by, descending: sign === '-' }
  if (!isAmount(by) || !(currency === unstated || /^[A-Z]{3}$/.test(currency ?? ''))) return order
  return { ...order, currency: currency === unstated ? null : currency }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** The address that says this. */
export function pathOf({ session, view, filter, order }: Route): string {
  const { by, descending, currency } = order
  const query = new URLSearchParams()
  if (filter.organisationId) query.set('organisation', filter.organisationId)
  if (filter.withoutOrganisation) query.set('without', 'organisation')
  if (filter.mentorId) query.set('mentor', filter.mentorId)
  if (filter.state) query.set('state', filter.state.toLowerCase())
  if (by !== 'CREATED' || !descending) query.set('sort', `${descending ? '-' : ''}${by.toLowerCase()}`)
  if (isAmount(by) && currency !== undefined) query.set('currency', currency ?? unstated)
  const search = query.size > 0 ? `?${query}` : ''
  return `${session !== null ? `/sessions/${encodeURIComponent(session)}` : view ? `/${view}` : '/'}${search}`
}
