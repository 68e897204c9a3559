import { newestFirst, sessionCursorOf } from '../../../src/domain/order'
import { query } from '../../support/interfaces'
import { serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'

const server = serving(embeddedDatabase)

const texts = {
  summary: 'query ($filter: SessionFilter) { summary(filter: $filter) { sessions } }',
  trend: 'query ($filter: SessionFilter, $last: Int) { trend(filter: $filter, last: $last) { month } }',
  mentors: `query ($filter: SessionFilter, $search: String, $orderBy: GroupOrder, $first: Int, $after: String) {
    mentors(filter: $filter, search: $search, orderBy: $orderBy, first: $first, after: $after) { totalCount } }`,
  organisations: `query ($filter: SessionFilter, $search: String, $orderBy: GroupOrder, $first: Int, $after: String) {
    organisations(filter: $filter, search: $search, orderBy: $orderBy, first: $first, after: $after) { totalCount } }`,
}
type Field = keyof typeof texts

const refusal = async (field: Field, variables: object) => {
  const { errors, data } = await query(server, texts[field], variables)
  expect(data ?? null).toBeNull()
  expect(errors).toHaveLength(1)
  return errors?.[0]?.extensions
}

const sessionsCursor = () =>
  sessionCursorOf(server.sessions.queries.cursors, newestFirst, { key: '2026-03-26T12:00:00.000Z', session_id: 's' })
const noCode = 'must be an ISO 4217 code such as GBP'

test.each<[Field, object, [pointer: string, detail: string][]]>([
  ['trend', { last: 0 }, [['/last', 'must be at least 1']]],
  ['trend', { last: -2_147_483_648 }, [['/last', 'must be at least 1']]],
  ['trend', { last: 121 }, [['/last', 'must be at most 120']]],
  ['trend', { last: 2_147_483_647 }, [['/last', 'must be at most 120']]],
  ['mentors', { first: 0 }, [['/first', 'must be at least 1']]],
  ['mentors', { first: 101 }, [['/first', 'must be at most 100']]],
  ['organisations', { first: 2_147_483_647 }, [['/first', 'must be at most 100']]],
  ['mentors', { search: 'm'.repeat(201) }, [['/search', 'must have 1 to 200 characters']]],
  ['mentors', { search: 'a\nb' }, [['/search', 'must not contain control characters']]],
  ['organisations', { search: '\u202e' }, [['/search', 'must not contain control characters']]],
  ['mentors', { orderBy: { currency: 'pounds' } }, [['/orderBy/currency', noCode]]],
  ['organisations', { orderBy: { by: 'TIME_VALUE', currency: 'gbp' } }, [['/orderBy/currency', noCode]]],
  ['mentors', { orderBy: { currency: '' } }, [['/orderBy/currency', noCode]]],
  [
    'organisations',
    { first: 0, search: '\0', orderBy: { currency: 'x' } },
    [
      ['/search', 'must not contain control characters'],
      ['/orderBy/currency', noCode],
      ['/first', 'must be at least 1'],
    ],
  ],
  ...(['summary', 'trend', 'mentors', 'organisations'] as const).map((field): [Field, object, [string, string][]] => [
    field,
    { filter: { mentorId: 'a\nb' } },
    [['/filter/mentorId', 'must not contain control characters']],
  ]),
])('%s with %j is refused with pointers to its faults', async (field, variables, faults) => {
  const errors = faults.map(([pointer, detail]) => ({ detail, pointer }))
  expect(await refusal(field, variables)).toEqual({ code: 'VALIDATION_FAILED', errors })
})

test.each<[Field, object, string, string]>([
  ['trend', { last: 1.5 }, '/last', 'must be a whole number'],
  ['mentors', { orderBy: { by: null } }, '/orderBy/by', 'must be one of ID, SESSIONS'],
  ['mentors', { orderBy: { by: 'NAME' } }, '/orderBy/by', 'must be one of ID, SESSIONS'],
  ['mentors', { orderBy: { descending: 'yes' } }, '/orderBy/descending', 'must be true or false'],
  ['organisations', { orderBy: { name: 1 } }, '/orderBy/name', 'is not a known member'],
  ['organisations', { search: ['a'] }, '/search', 'must be a string'],
])('%s with %j has a value of the wrong type', async (field, variables, pointer, detail) => {
  expect(await refusal(field, variables)).toMatchObject({
    code: 'BAD_USER_INPUT',
    errors: [{ pointer, detail: expect.stringContaining(detail) }],
  })
})

test.each([
  ['garbage', () => 'none'],
  ['a long text', () => '9'.repeat(5_000)],
  ['a cursor of sessions', sessionsCursor],
])('%s is refused as a cursor', async (_, cursor) => {
  const after = cursor()
  for (const field of ['mentors', 'organisations'] as const) {
    expect(await refusal(field, { after })).toEqual({
      code: 'INVALID_CURSOR',
      errors: [{ detail: 'is not a cursor of this list in this order: start again without it', pointer: '/after' }],
    })
  }
})

test('a cursor of another order is refused', async () => {
  await server.sessions.start({ mentor_id: 'm' })
  const text = `query ($orderBy: GroupOrder, $after: String) {
    mentors(orderBy: $orderBy, after: $after) { edges { cursor } } }`
  const cursorOf = async (orderBy: object | null): Promise<string> => {
    const { data } = await query(server, text, { orderBy })
    return (data as { mentors: { edges: { cursor: string }[] } }).mentors.edges[0]?.cursor ?? ''
  }
  const after = await cursorOf({ by: 'ID', descending: false, currency: null })
  expect(after).not.toBe('')
  expect(await cursorOf(null)).toBe(after)
  for (const orderBy of [{ by: 'SESSIONS' }, { descending: true }, { currency: 'GBP' }]) {
    expect((await query(server, text, { orderBy, after })).errors?.[0]?.extensions.code).toBe('INVALID_CURSOR')
    expect((await query(server, text, { orderBy, after: await cursorOf(orderBy) })).errors).toBeUndefined()
  }
})

test.each<[Field, object]>([
  ['summary', { filter: null }],
  ['trend', { filter: null, last: null }],
  ['mentors', { filter: null, search: null, orderBy: null, first: null, after: null }],
  ['organisations', { search: '', orderBy: { currency: null }, after: '' }],
])('for %s, null and empty text mean the same as leaving a variable out: %j', async (field, variables) => {
  const { data, errors } = await query(server, texts[field], variables)
  expect(errors).toBeUndefined()
  expect(data).toEqual((await query(server, texts[field])).data)
})
