import * as fc from 'fast-check'
import { compareRoute } from '../../../dashboard/src/capabilities/compare/route'
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
  compareRoute,
  ...dashboardCapabilities.flatMap(({ routes = [] }) => routes),
]
const formatRoute = (route: Route): string => formatRouteOf(views, route)
const parseRoute = (path: string, search: string): Route => parseRouteOf(views, path, search)

const path = fc.constantFrom(...views.flatMap(({ paths }) => paths))
const compared = fc.uniqueArray(
  name.filter(id => !id.includes(',')),
  { maxLength: 4 },
)

test('a route survives a round trip through its address, with any names', () => {
  void fc.assert(
    fc.property(fc.record({ path, id: name, compared, filter, order }), (route: Route) => {
      const id = route.path.includes(':') ? route.id : undefined
      const compared = route.path === '/compare' ? route.compared : undefined
      expect(parseRoute(...split(formatRoute(route)))).toEqual({ ...route, id, compared })
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
