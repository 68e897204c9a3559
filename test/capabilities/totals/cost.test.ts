import { currencies } from '../../../src/domain/limits'
import { costRefusal } from '../../../src/graphql-server/limits'
import { cost, objects } from '../../support/cost'
import { allAmounts, repeat } from '../../support/full'

test.each<[number, string]>([
  [50, '{ summary { sessions states { count } amounts { results } calculations { count } } }'],
  [50, '{ summary(filter: {months: {from: "2026-04"}}) { sessions } }'],
  [50, 'subscription { summary { cursor summary { sessions amounts { results } calculations { count } } } }'],
  [62, '{ trend { month amounts { results } } }'],
  [62, '{ trend(last: null) { month } }'],
  [62, '{ trend(filter: {months: null, mentorId: "m"}) { month } }'],
  [170, '{ trend(last: 120) { month } }'],
  [170, '{ trend(filter: {months: {from: "2026-04"}}) { month } }'],
  [170, '{ trend(last: 1, filter: {months: {}}) { month } }'],
  [1_020, '{ mentors { nodes { id amounts { results } } totalCount } }'],
  [1_200, '{ organisations(first: 100) { nodes { id } edges { cursor node { id } } } }'],
])('an estimate of %d objects for %s', (expected, text) => {
  expect(objects(text)).toBe(expected)
})

test('a size above its maximum counts as the maximum', () => {
  for (const much of [121, 2 ** 31 - 1]) {
    expect(objects(`{ trend(last: ${much}) { month } }`)).toBe(170)
    expect(objects(`{ mentors(first: ${much}) { nodes { id } } }`)).toBe(1_100)
    expect(objects('query ($n: Int) { trend(last: $n) { month } }', { n: much })).toBe(170)
  }
})

test('a trend of a range of months counts as the longest trend, also if a variable contains the range', () => {
  const fields = 'month amounts { results timeValue }'
  const longest = cost(`{ trend(last: 120) { ${fields} } }`)
  const months = { from: '2026-01', to: '2026-02' }
  const whole = `query ($filter: SessionFilter) { trend(filter: $filter) { ${fields} } }`
  const member = `query ($months: MonthRange) { trend(filter: {months: $months}) { ${fields} } }`
  const end = `query ($from: String) { trend(filter: {months: {from: $from}}) { ${fields} } }`
  for (const [text, given, missing] of [
    [whole, { filter: { months } }, { filter: { months: null } }],
    [member, { months }, { months: null }],
  ] as const) {
    expect(cost(text, given)).toEqual(longest)
    expect(cost(text, missing)).toEqual(cost(`{ trend { ${fields} } }`))
    expect(cost(text)).toEqual(cost(`{ trend { ${fields} } }`))
  }
  expect(cost(end, { from: '2026-01' })).toEqual(longest)
})

test('a list by currency counts with every accepted currency', () => {
  const amounts = 'amounts { results timeValue }'
  const entries = currencies.size + 1
  expect(cost(`{ summary { ${amounts} } }`).values).toBe(2 * entries)
  expect(cost(`{ trend(last: 120) { ${amounts} } }`).values).toBe(120 * 2 * entries)
  expect(cost(`{ mentors(first: 100) { nodes { ${amounts} } } }`).values).toBe(100 * 2 * entries)
})

test('every figure of the longest lists of amounts may be requested, but not many times', () => {
  const trend = `trend(last: 120) { month results ${allAmounts} }`
  const mentors = `mentors(first: 100) { nodes { id sessions results ${allAmounts} } }`
  for (const text of [trend, mentors, `${trend} ${mentors}`]) expect(costRefusal(cost(`{ ${text} }`))).toBeUndefined()
  expect(costRefusal(cost(`{ ${repeat(7, n => `a${n}: ${trend}`)} }`))?.message).toMatch(
    /^This operation can return \d+ values/,
  )
})

test('the many values of a long trend count as objects', () => {
  expect(cost(`{ trend(last: 120) { ${allAmounts} } }`).objects).toBe(
    Math.floor((120 * 8 * (currencies.size + 1)) / 50),
  )
})
