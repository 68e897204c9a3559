import * as fc from 'fast-check'
import { compareRoute } from '../../../dashboard/src/capabilities/compare/route'
import { reportCharts, reportOrderFields, reportRoute } from '../../../dashboard/src/capabilities/totals/report/route'
import {
  formatRoute as formatRouteOf,
  isAmountField,
  newestFirst,
  orderFields,
  parseRoute as parseRouteOf,
  type Route,
  stableStates,
  type ViewRoute,
} from '../../../dashboard/src/route'
import { dashboardCapabilities } from '../../capabilities/dashboard'

const views: ViewRoute[] = [
  { paths: ['/'] },
  { paths: ['/sessions/:session_id'] },
  { paths: ['/import'] },
  compareRoute,
  reportRoute,
  ...dashboardCapabilities.flatMap(({ routes = [] }) => routes),
]
const formatRoute = (route: Route): string => formatRouteOf(views, route)
const parseRoute = (path: string, search: string): Route => parseRouteOf(views, path, search)

const split = (address: string): [string, string] => {
  const [path = '', search = ''] = address.split('?')
  return [path, search && `?${search}`]
}

const name = fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' })
const order = fc.record({ by: fc.constantFrom(...orderFields), descending: fc.boolean() }).chain(order =>
  isAmountField(order.by)
    ? fc.option(fc.constantFrom('GBP', 'EUR', null), { nil: undefined }).map(currency => ({
        ...order,
        ...(currency !== undefined && { currency }),
      }))
    : fc.constant(order),
)
const month = fc
  .tuple(fc.integer({ min: 0, max: 9_999 }), fc.integer({ min: 1, max: 12 }))
  .map(([year, month]) => `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}`)
const months = fc
  .record({ from: month, to: month }, { requiredKeys: [] })
  .filter(({ from, to }) => Boolean(from ?? to) && (!from || !to || from <= to))
const filter = fc
  .record(
    {
      organisationId: name,
      withoutOrganisation: fc.constant(true as const),
      mentorId: name,
      state: fc.constantFrom(...stableStates),
      months,
    },
    { requiredKeys: [] },
  )
  .filter(({ organisationId, withoutOrganisation }) => !(organisationId && withoutOrganisation))
const report = fc.record(
  {
    currency: fc.constantFrom('GBP', 'EUR', null),
    order: fc.record({ by: fc.constantFrom(...reportOrderFields), descending: fc.boolean() }),
    chart: fc.constantFrom(...reportCharts),
  },
  { requiredKeys: [] },
)
const path = fc.constantFrom(...views.flatMap(({ paths }) => paths))
const compared = fc.uniqueArray(
  name.filter(id => !id.includes(',')),
  { maxLength: 4 },
)

test('a route survives a round trip through its address, with any names', () => {
  void fc.assert(
    fc.property(fc.record({ path, id: name, compared, filter, order, report }), (route: Route) => {
      const id = route.path.includes(':') ? route.id : undefined
      const compared = route.path === '/compare' ? route.compared : undefined
      const report = route.path === '/report' ? route.report : undefined
      expect(parseRoute(...split(formatRoute(route)))).toEqual({ ...route, id, compared, report })
    }),
  )
})

test('the route of the unfiltered list, newest first, has an empty query', () => {
  expect(formatRoute({ path: '/', filter: {}, order: newestFirst })).toBe('/')
})

test('the address of a comparison has up to four ids, each once, separated by commas', () => {
  const route = parseRoute('/compare', '?ids=a,b,,a,c,d,e&mentor=m')
  expect(route).toEqual({
    path: '/compare',
    compared: ['a', 'b', 'c', 'd'],
    filter: { mentorId: 'm' },
    order: newestFirst,
  })
  expect(formatRoute(route)).toBe('/compare?ids=a,b,c,d&mentor=m')
})

test.each([
  '?sort=-nonsense',
  '?sort=&state=loading',
  '?currency=GBP',
  '?state=closed&organisation=&mentor=',
  '?from=2026-13&to=2026-4',
  '?from=2026-04&to=2026-03',
  '?months=24',
])('invalid parts of the address %s are ignored', search => {
  expect(parseRoute('/', search)).toEqual({ path: '/', filter: {}, order: newestFirst })
})

test.each(['?months=12&amounts=gbp&by=-nonsense', '?months=13&amounts=&by=&chart=pie', '?months=24.0&by=-ID'])(
  "invalid parts and default values of the report's address %s are ignored",
  search => {
    expect(parseRoute('/report', search)).toEqual({
      path: '/report',
      filter: {},
      order: newestFirst,
      report: {},
    })
  },
)

test.each([24, 36])(
  'an address of a report with months=%d, as before ranges, selects these months up to now',
  count => {
    jest.useFakeTimers({ now: Date.parse('2026-02-28T23:30:00-05:00') })
    try {
      const { filter } = parseRoute('/report', `?organisation=north&months=${count}`)
      expect(filter).toEqual({ organisationId: 'north', months: { from: `${2026 - count / 12}-04`, to: '2026-03' } })
    } finally {
      jest.useRealTimers()
    }
  },
)

test('a range in the address of a report takes precedence over months=24', () => {
  expect(parseRoute('/report', '?months=24&from=2026-01').filter).toEqual({ months: { from: '2026-01' } })
})
