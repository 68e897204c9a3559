import { subscribe } from '../support/follow'
import { query } from '../support/interfaces'
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

test('in a start, an empty organisation or key means the same as leaving it out', async () => {
  const input = { mentorId: 'm', organisationId: '', idempotencyKey: '' }
  for (const _ of [1, 2]) {
    const { data, errors } = await start(input)
    expect(errors).toBeUndefined()
    expect(data?.startSession).toMatchObject({ replayed: false, session: { organisationId: null } })
  }
  expect((await start({ mentorId: '' })).errors?.[0]?.extensions.code).toBe('VALIDATION_FAILED')
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
