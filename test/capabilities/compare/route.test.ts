import * as fc from 'fast-check'
import { compareRoute, maxCompared } from '../../../dashboard/src/capabilities/compare/route'
import { formatRoute, newestFirst, parseRoute } from '../../../dashboard/src/route'
import { filter, name, order, split } from '../../support/routes'

const ids = fc.uniqueArray(
  name.filter(id => !id.includes(',')),
  { maxLength: maxCompared },
)

test('the route of a comparison survives a round trip through its address, with any ids', () => {
  void fc.assert(
    fc.property(fc.record({ path: fc.constant('/compare'), compared: ids, filter, order }), route => {
      expect(parseRoute([compareRoute], ...split(formatRoute([compareRoute], route)))).toEqual(route)
    }),
  )
})

test('the address of a comparison has up to four ids, each once, separated by commas', () => {
  const route = parseRoute([compareRoute], '/compare', '?ids=a,b,,a,c,d,e&mentor=m')
  expect(route).toEqual({
    path: '/compare',
    compared: ['a', 'b', 'c', 'd'],
    filter: { mentorId: 'm' },
    order: newestFirst,
  })
  expect(formatRoute([compareRoute], route)).toBe('/compare?ids=a,b,c,d&mentor=m')
})
