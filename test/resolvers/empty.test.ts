import { filtered } from '../capabilities'
import { subscribe } from '../support/follow'
import { type GraphqlAnswer, query } from '../support/interfaces'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { until } from '../support/until'

const server = serving(embeddedDatabase)

const start = (input: object) =>
  query(
    server,
    'mutation ($input: StartSessionInput!) { startSession(input: $input) { replayed session { id organisationId } } }',
    { input },
  )

test('in a start, an empty key means the same as leaving it out', async () => {
  for (const _ of [1, 2]) {
    const { data, errors } = await start({ mentorId: 'm', idempotencyKey: '' })
    expect(errors).toBeUndefined()
    expect(data?.startSession).toMatchObject({ replayed: false, session: { organisationId: null } })
  }
})

const tooShort = (pointer: string) => ({
  code: 'VALIDATION_FAILED',
  errors: [{ detail: 'must have 1 to 200 characters', pointer }],
})

test.each(['mentorId', 'organisationId'])('in a start, an empty %s is refused', async member => {
  const { errors } = await start({ mentorId: 'm', [member]: '' })
  expect(errors?.[0]?.extensions).toMatchObject(tooShort(`/${member}`))
})

const feed = {
  field: 'Subscription.feed',
  query: 'subscription ($filter: FeedFilter) { feed(filter: $filter) { __typename } }',
}

test.each(
  [...filtered, feed].flatMap(({ field, query }) =>
    ['mentorId', 'organisationId'].map(member => [field, member, query] as const),
  ),
)('%s refuses an empty %s, which must not mean all', async (field, member, query) => {
  const variables = { filter: { [member]: '' } }
  const body = JSON.stringify({ query, variables })
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' }
  const isQuery = field.startsWith('Query.')
  const address = isQuery ? '/graphql' : '/graphql/stream'
  const accept = isQuery ? headers : { ...headers, Accept: 'text/event-stream' }
  const answer = await fetch(server.url + address, { method: 'POST', headers: accept, body })
  const [, json = ''] = /(\{.*\})/.exec(await answer.text()) ?? []
  const { errors } = JSON.parse(json) as GraphqlAnswer
  expect(errors?.[0]?.extensions).toMatchObject(tooShort(`/filter/${member}`))
})

test('an empty key of an event and an empty cursor of a list mean the same as leaving them out', async () => {
  const { session } = await server.sessions.start({ mentor_id: 'm' })
  const input = { sessionId: session.session_id, event: 'RESET_REQUESTED', idempotencyKey: '' }
  const text = 'mutation ($input: DispatchEventInput!) { dispatchEvent(input: $input) { replayed } }'
  for (const _ of [1, 2])
    expect((await query(server, text, { input })).data).toEqual({ dispatchEvent: { replayed: false } })

  const list = 'query ($after: String) { sessions(after: $after) { nodes { id } pageInfo { hasPreviousPage } } }'
  const page = await query(server, list, { after: '' })
  expect(page).toEqual(await query(server, list))
  expect(page.data).toMatchObject({ sessions: { pageInfo: { hasPreviousPage: false } } })
})

test('an empty cursor of the feed means now, without a gap', async () => {
  const text = 'subscription ($after: String) { feed(after: $after) { __typename ... on FeedReady { cursor } } }'
  const feed = subscribe<{ feed: { __typename: string; cursor: string } }>(server.url, text, { after: '' })
  await until(() => feed.results.length > 0, 60_000, 'the first message')
  expect(feed.results).toEqual([{ feed: { __typename: 'FeedReady', cursor: expect.stringMatching(/./) } }])
  feed.leave()
})
