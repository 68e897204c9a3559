import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { type DocumentNode, parse } from 'graphql'
import { SessionsClient } from '../../packages/client/src/index'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)
let client: SessionsClient
beforeAll(() => {
  client = new SessionsClient({ url: server.url })
})

interface Data {
  sessions: { totalCount: number; nodes: { id: string }[] }
}
const text = `query Sessions($mentorId: ID!) { sessions(filter: { mentorId: $mentorId }) { totalCount ...Nodes } }
fragment Nodes on SessionConnection { nodes { id } }`

/** A syntax tree without its source, as GraphQL Code Generator writes it into a file. */
const sessionsDocument: TypedDocumentNode<Data, { mentorId: string }> = JSON.parse(
  JSON.stringify(parse(text, { noLocation: true })),
)
const countDocument = parse('{ sessions { totalCount } }') as TypedDocumentNode<
  { sessions: { totalCount: number } },
  Record<string, never>
>
const startDocument = parse(
  'mutation Start($input: StartSessionInput!) { startSession(input: $input) { session { id } } }',
) as TypedDocumentNode<{ startSession: { session: { id: string } } }, { input: { mentorId: string } }>

/** A text with types, as GraphQL Code Generator writes it with `documentMode: 'string'`. */
class TypedDocumentString<T, V> extends String {
  declare __apiType?: (variables: V) => T
}

test('a typed document gives the types of its variables and its data', async () => {
  const { startSession } = await client.request(startDocument, { input: { mentorId: 'typed' } })
  const expected = { sessions: { totalCount: 1, nodes: [{ id: startSession.session.id }] } }
  const data: Data = await client.request(sessionsDocument, { mentorId: 'typed' }, { maxAttempts: 1 })
  expect(data).toEqual(expected)
  const asText = new TypedDocumentString<Data, { mentorId: string }>(text)
  expect((await client.request(asText, { mentorId: 'typed' })).sessions satisfies Data['sessions']).toEqual(
    expected.sessions,
  )
  expect((await client.request(countDocument)).sessions.totalCount satisfies number).toBe(1)
  const untyped: DocumentNode = countDocument
  expect(await client.request<{ sessions: object }>(untyped)).toEqual({ sessions: { totalCount: 1 } })
})

test('a wrong variable is a fault for the compiler and for the server', async () => {
  // @ts-expect-error: it has another name.
  await expect(client.request(sessionsDocument, { mentor: 'typed' })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
  // @ts-expect-error: it is required.
  await expect(client.request(sessionsDocument)).rejects.toMatchObject({ name: 'ApiError', code: 'BAD_USER_INPUT' })
  // @ts-expect-error: the data has no such member.
  expect((await client.request(countDocument)).total).toBeUndefined()
})
