import * as fc from 'fast-check'
import {
  formatRoute as formatRouteOf,
  newestFirst,
  parseRoute as parseRouteOf,
  type Route,
  type ViewRoute,
} from '../../../dashboard/src/route'
import { dashboardCapabilities } from '../../capabilities/dashboard'
import { filter, name, order, split } from '../../support/routes'

const views: ViewRoute[] = [
  { paths: ['/'] },
  { paths: ['/sessions/:session_id'] },
  ...dashboardCapabilities.flatMap(({ routes = [] }) => routes),
]
const formatRoute = (route: Route): string => formatRouteOf(views, route)
const parseRoute = (path: string, search: string): Route => parseRouteOf(views, path, search)

const path = fc.constantFrom(...views.flatMap(({ paths }) => paths))

test('a route survives a round trip through its address, with any names', () => {
  void fc.assert(
    fc.property(fc.record({ path, id: name, filter, order }), (route: Route) => {
      const id = route.path.includes(':') ? route.id : undefined
      expect(parseRoute(...split(formatRoute(route)))).toEqual({ ...route, id })
    }),
  )
})

test('the route of the unfiltered list, newest first, has an empty query', () => {
  expect(formatRoute({ path: '/', filter: {}, order: newestFirst })).toBe('/')
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
