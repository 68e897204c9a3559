import {
  getIntrospectionQuery,
  getNullableType,
  isIntrospectionType,
  isListType,
  isObjectType,
  parse,
  validate,
} from 'graphql'
import * as ofClient from '../../packages/client/src/documents'
import { costRefusal, limitRules, maxMessageObjects, maxObjects, maxValues } from '../../src/graphql-server/limits'
import { cost, objects, schema } from '../support/cost'
import { dashboardDocuments } from '../support/dashboard-documents'

test('every list of the schema states its maximum size', () => {
  const lists = Object.values(schema.getTypeMap())
    .filter(type => isObjectType(type) && !isIntrospectionType(type))
    .flatMap(type => (isObjectType(type) ? Object.values(type.getFields()) : []))
    .filter(field => isListType(getNullableType(field.type)))
  expect(lists.length).toBeGreaterThan(5)
  expect(
    lists.filter(({ extensions }) => (extensions.price as { size?: unknown } | undefined)?.size === undefined),
  ).toEqual([])
})

test.each<[number, string]>([
  [0, '{ __typename }'],
  [100, '{ sessions(first: 100) { nodes { id state } pageInfo { hasNextPage } } }'],
  [20, '{ sessions { nodes { id } } }'],
  [20, '{ sessions(first: null) { nodes { id } } }'],
  [220, '{ sessions(orderBy: {by: LABEL}) { nodes { id } } }'],
  [20, '{ sessions(orderBy: null) { nodes { id } } }'],
  [40, '{ sessions { nodes { id } edges { cursor node { id } } } }'],
  [10_000, '{ sessions(first: 100) { nodes { transitions { sequence } } } }'],
  [10_100, '{ sessions(first: 100) { nodes { transitions(first: 101) { sequence } } } }'],
  [499, '{ session(id: "s") { results { id outputs { undefinedBecause { reason } } } } }'],
  [333, '{ session(id: "s") { shares { token resultId } } }'],
  [49_900, '{ sessions(first: 100) { nodes { results { id } } } }'],
  [1, '{ session(id: "s") { result { id outputs { timeValue } } } }'],
  [200, '{ sessions(first: 100) { nodes { result { id } share { token } } } }'],
  [1_000, '{ session(id: "s") { transitions(first: 1000) { session { result { id } } } } }'],
  [10, '{ sessions(first: 100) { totalCount } }'],
  [220, '{ sessions(filter: {months: {to: "2026-04"}}) { nodes { id } } }'],
  [420, '{ sessions(orderBy: {}, filter: {months: {to: "2026-04"}}) { nodes { id } } }'],
  [20, '{ sessions(filter: {mentorId: "m"}) { nodes { id } } }'],
  [2, '{ _entities(representations: [{id: "a"}, {id: "b"}]) { __typename } }'],
  [998, '{ _entities(representations: [{id: "a"}, {id: "b"}]) { ... on Session { results { id } } } }'],
  [1, '{ _entities(representations: {id: "a"}) { __typename } }'],
])('an estimate of %d objects for %s', (expected, text) => {
  expect(objects(text)).toBe(expected)
})

test('a page size below one counts as one, and does not lower the estimate of other fields', () => {
  const most = '{ sessions(first: 100) { nodes { transitions(first: 100) { sequence } } }'
  for (const first of [-1_000_000, -1, 0]) {
    expect(objects(`${most} other: sessions(first: ${first}) { nodes { id } } }`)).toBe(10_001)
    expect(objects(`{ session(id: "s") { transitions(first: ${first}) { sequence } } }`)).toBe(1)
  }
})

test('a page size above its maximum counts as the maximum, because the field refuses it', () => {
  for (const much of [121, 2 ** 31 - 1]) {
    expect(objects(`{ sessions(first: ${much}) { nodes { id } } }`)).toBe(100)
    expect(objects('query ($n: Int) { sessions(first: $n) { nodes { id } } }', { n: much })).toBe(100)
  }
  expect(objects(`{ session(id: "s") { transitions(first: ${2 ** 31 - 1}) { sequence } } }`)).toBe(1_000)
})

test('variables count with their values, or the defaults of the document or the schema', () => {
  const text = 'query ($n: Int = 7) { sessions(first: $n) { nodes { id } } }'
  expect([{}, { n: 3 }, { n: null }, { n: -3 }].map(variables => objects(text, variables))).toEqual([7, 3, 20, 1])
  expect(objects('query ($n: Int) { sessions(first: $n) { nodes { id } } }')).toBe(20)
  const sorted = 'query ($order: SessionOrder) { sessions(orderBy: $order) { nodes { id } } }'
  expect([{}, { order: null }, { order: {} }].map(variables => objects(sorted, variables))).toEqual([20, 20, 220])
})

test('a range of months counts in a variable as in the document', () => {
  const months = { from: '2026-01', to: '2026-02' }
  const listed = 'query ($filter: SessionFilter) { sessions(filter: $filter) { nodes { id } } }'
  expect([{ months }, { months: null }, {}, null].map(filter => objects(listed, { filter }))).toEqual([220, 20, 20, 20])
})

test('an argument list counts with its length, whether it is a variable or a literal', () => {
  const selected = '{ ... on Session { results { id } } }'
  const whole = `query ($list: [_Any!]!) { _entities(representations: $list) ${selected} }`
  const list = Array.from({ length: 1_000 }, (_, i) => ({ __typename: 'Session', id: `${i}` }))
  expect([list, [], null].map(list => objects(whole, { list }))).toEqual([499_000, 0, 0])
  expect(objects(`query ($one: _Any!) { _entities(representations: [$one, $one]) ${selected} }`, { one: {} })).toBe(998)
})

test('an invalid null variable does not hide the cost of other fields', () => {
  const text = 'query ($id: ID = "s") { session(id: $id) { id } sessions(first: 100) { nodes { results { id } } } }'
  expect(objects(text, { id: null })).toBe(49_900)
})

test('invalid variables cost nothing, because nothing is executed', () => {
  expect(objects('query ($n: Int) { sessions(first: $n) { nodes { results { id } } } }', { n: 'many' })).toBe(0)
})

test('a skipped field costs nothing, and a conditional field costs as usual when it is included', () => {
  const text = 'query ($not: Boolean! $n: Int = 5) { sessions(first: $n) @skip(if: $not) { nodes { id } } __typename }'
  expect([true, false].map(not => objects(text, { not }))).toEqual([0, 5])
  expect(objects('{ sessions @include(if: false) { nodes { id } } __typename }')).toBe(0)
  expect(objects('{ sessions @skip(if: false) @include(if: true) { nodes { id } } }')).toBe(20)
})

test('a fragment counts at each spread, for the page that contains it', () => {
  const text = `{ sessions(first: 2) { ...Page } other: sessions(first: 3) { ...Page ... on SessionConnection { edges { node { id } } } } }
    fragment Page on SessionConnection { nodes { ...Results } }
    fragment Results on Session { results { id } }`
  expect(objects(text)).toBe(2 * 499 + 3 * 499 + 3)
})

test('nested fragments count in full, however far they multiply', () => {
  const levels = Array.from({ length: 60 }, (_, i) => `fragment F${i} on Session { ...F${i + 1} ...F${i + 1} }`)
  const text = `{ session(id: "s") { ...F0 } } ${levels.join(' ')} fragment F60 on Session { results { id } }`
  expect(objects(text)).toBe(499 * 2 ** 60)
})

test('values count in addition to objects, so aliases inside an object multiply too', () => {
  const outputs = Array.from({ length: 30 }, (_, i) => `a${i}: outputs { timeValue netBenefit }`).join(' ')
  const counted = cost(`{ sessions { nodes { results { ${outputs} } } } }`)
  expect(counted).toMatchObject({ objects: (9_980 * 60) / 50, values: 9_980 * 60 })
  expect(costRefusal(counted)?.message).toBe(
    `This operation can return ${9_980 * 60} values, but the maximum is ${maxValues}. Request smaller pages or fewer fields.`,
  )
})

test("introspection counts with the sizes of the schema's lists", () => {
  const full = cost(getIntrospectionQuery({ descriptions: true, specifiedByUrl: true, inputValueDeprecation: true }))
  expect(full.objects).toBe(0)
  expect(full.values).toBeLessThan((3 * maxValues) / 4)
  const fields = (levels: number): string => (levels === 0 ? 'name' : `fields { type { ${fields(levels - 1)} } }`)
  const deep = cost(
    `{ __schema { types { ${Array.from({ length: 30 }, (_, i) => `a${i}: ${fields(2)}`)
      .join(' ')
      .replaceAll(': fields', ': fields')} } } }`,
  )
  expect(costRefusal(deep)?.message).toMatch(/values/)
})

test.each([...Object.entries(dashboardDocuments), ...Object.entries(ofClient)])(
  "the limits allow the clients' operation %s",
  (_, text) => {
    expect(validate(schema, parse(text), limitRules)).toEqual([])
    expect(costRefusal(cost(text))).toBeUndefined()
  },
)

test.each([
  `{ sessions(first: 100) { totalCount pageInfo { hasNextPage endCursor } nodes { id mentorId state version updatedAt
     share { path token expiresAt } result { id computedAt inputs { sessions avgMinutes costPerSession costPerHour }
     outputs { timeValue netBenefit benefitCostRatio undefinedBecause { output reason } } } } } }`,
  `{ session(id: "s") { id state allowedEvents result { id } share { token } results { id computedAt inputs { sessions }
     outputs { timeValue netBenefit undefinedBecause { output reason } } }
     transitions { event from to sequence at resultId session { state version result { id } } } } }`,
])('an ordinary query is allowed: %s', text => {
  expect(costRefusal(cost(text))).toBeUndefined()
})

test('a query above the limits is refused, and a message of a subscription has a lower limit', () => {
  expect(costRefusal({ objects: maxObjects, values: maxValues })).toBeUndefined()
  expect(costRefusal({ objects: maxObjects + 1, values: 0 })?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED')
  expect(costRefusal({ objects: Number.NaN, values: 0 })).toBeDefined()
  const results = Array.from({ length: 5 }, (_, i) => `a${i}: results { id }`).join(' ')
  const followed = cost(`subscription { feed { ... on FeedTransition { transition { session { ${results} } } } } }`)
  expect(followed).toMatchObject({ objects: 5 * 499, isMessage: true })
  expect(costRefusal(followed)?.message).toMatch(String(maxMessageObjects))
})
