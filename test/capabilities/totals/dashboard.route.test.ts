import * as fc from 'fast-check'
import { reportCharts, reportOrderFields, reportRoute } from '../../../dashboard/src/capabilities/totals/report/route'
import {
  formatRoute as formatRouteOf,
  newestFirst,
  parseRoute as parseRouteOf,
  type Route,
} from '../../../dashboard/src/route'
import { filter, order, split } from '../../support/routes'

const formatRoute = (route: Route): string => formatRouteOf([reportRoute], route)
const parseRoute = (path: string, search: string): Route => parseRouteOf([reportRoute], path, search)

const report = fc.record(
  {
    currency: fc.constantFrom('GBP', 'EUR', null),
    order: fc.record({ by: fc.constantFrom(...reportOrderFields), descending: fc.boolean() }),
    chart: fc.constantFrom(...reportCharts),
  },
  { requiredKeys: [] },
)
test('a route of the report survives a round trip through its address, with any names', () => {
  void fc.assert(
    fc.property(fc.record({ path: fc.constant('/report'), filter, order, report }), route => {
      expect(parseRoute(...split(formatRoute(route)))).toEqual(route)
    }),
  )
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
