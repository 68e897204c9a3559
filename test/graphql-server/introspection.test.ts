import { ways } from '../support/ask'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase, { config: { INTROSPECTION: false } })

test.each(ways)('with introspection off, it is refused over %s, and queries are served', async (_, ask) => {
  const { errors = [] } = await ask(server, '{ __schema { queryType { name } } }')
  expect(errors[0]?.message).toMatch(/introspection has been disabled/i)
  expect((await ask(server, '{ __typename }')).data).toEqual({ __typename: 'Query' })
})

describe('with introspection off, no error suggests names of the schema', () => {
  test.each([
    ['a field', '{ session(id: "s") { mentrId } }', '{}'],
    ['a type', '{ session(id: "s") { ... on Sesion { id } } }', '{}'],
    ['an argument', '{ session(idd: "s") { id } }', '{}'],
    ['a value', '{ sessions(filter: {state: LOADE}) { totalCount } }', '{}'],
    ['a member', '{ sessions(filter: {mentrId: "m"}) { totalCount } }', '{}'],
    [
      'a value of a variable',
      'query ($f: SessionFilter) { sessions(filter: $f) { totalCount } }',
      '{"f":{"state":"LOADE"}}',
    ],
    [
      'a member of a variable',
      'query ($f: SessionFilter) { sessions(filter: $f) { totalCount } }',
      '{"f":{"mentrId":"m"}}',
    ],
    [
      'a filter of a subscription',
      'subscription ($f: FeedFilter) { feed(filter: $f) { __typename } }',
      '{"f":{"mentrId":"m"}}',
    ],
  ])('for the misspelling of %s', async (_, text, variables) => {
    for (const [way, ask] of ways) {
      const { errors = [] } = await ask(server, text, variables)
      if (text.startsWith('subscription') && !/Events|Socket/.test(way)) continue
      expect(errors.length).toBeGreaterThan(0)
      expect(JSON.stringify(errors)).not.toMatch(/Did you mean|mentorId|LOADED|"Session"/)
    }
  })
})
