import crypto, { createHash } from 'node:crypto'
import { ApolloServer } from '@apollo/server'
import { type DocumentNode, getNamedType, Kind, print, type TypeNode, typeFromAST } from 'graphql'
import { subgraphOf } from '../../src/graphql-server/subgraph'
import { schema as served } from '../support/described'
import { operationsOfTheTests } from '../support/documents'
import { inputs, inputsOf } from '../support/inputs'
import { camelled, graphqlApi } from '../support/interfaces'
import { send } from '../support/raw'
import { json } from '../support/rest'
import { linesOf, type Server, startServer } from '../support/server'
import { noon } from '../support/sessions'
import { embeddedDatabase } from '../support/stores'

/** Everything that a client may request, including fields for gateways. */
const schema = subgraphOf(served)

interface Body {
  query: string
  variables?: Record<string, unknown>
  extensions?: object | string
}

/** The responses of a run, as sent, each with its log lines. */
type Transcript = { asked: string; status: number; headers: object; text: string; lines: object[] }[]

/** Sends a body to a server. For one way its text is new, so Apollo answers. For the other it is known to be valid. */
type Way = (server: Server, body: Body, accept: string | undefined, request_id: string) => ReturnType<typeof send>

const post = ({ url }: Server, body: unknown, accept: string | undefined, request_id: string) =>
  send(
    url,
    'POST',
    '/graphql',
    { ...json, 'X-Request-Id': request_id, ...(accept && { Accept: accept }) },
    JSON.stringify(body),
  )

/** Apollo answers a request that states its text's hash, whether the text is known or not. */
const throughApollo: Way = (server, body, ...rest) => {
  const sha256Hash = createHash('sha256').update(body.query).digest('hex')
  const persistedQuery = { version: 1, sha256Hash }
  const extensions = typeof body.extensions === 'string' ? body.extensions : { ...body.extensions, persistedQuery }
  return post(server, { ...body, extensions }, ...rest)
}

/** A text becomes known with its first request, even if that request names an operation that does not exist. */
const known: Way = async (server, body, ...rest) => {
  await post(server, { query: body.query, operationName: 'none_of_this_name' }, undefined, 'unrecorded')
  return post(server, body, ...rest)
}

/**
 * Makes ids and tokens count up and the clock advance by a second per request, so that two runs are identical. Reading
 * the clock must not advance it, because background work reads it at unpredictable times.
 */
function deterministic(requests: Transcript): { clock: () => Date } {
  let made = 0
  jest.spyOn(crypto, 'randomUUID').mockImplementation(() => `${String(++made).padStart(8, '0')}-0-4-8-0`)
  const bytes = (size: number): Buffer => Buffer.from(String(++made).padStart(size, '0'))
  jest.spyOn(crypto, 'randomBytes').mockImplementation(bytes as () => Buffer)
  return { clock: () => new Date(Date.parse(noon) + requests.length * 1_000) }
}

/** Runs the script on a new server in one way. Returns the responses. */
async function transcript(way: Way, script: (recorded: typeof send, server: Server) => Promise<void>) {
  const database = await embeddedDatabase()
  const found: Transcript = []
  const server = await startServer(database, { ...deterministic(found), config: { FEDERATION: true } })
  const recorded: typeof send = async (_url, _method, _path, headers, body) => {
    const request_id = `request-${found.length}`
    const { accept } = headers as { accept?: string }
    const answer = await way(server, JSON.parse(String(body)), accept, request_id)
    const { date: _, ...told } = answer.headers
    const lines = await linesOf(server, request_id)
    const said = lines.map(({ time: _, ms: __, ...line }) => line)
    found.push({ asked: String(body), status: answer.status, headers: told, text: answer.text, lines: said })
    return answer
  }
  try {
    await script(recorded, server)
  } finally {
    await server.stop()
    await database.drop()
    jest.restoreAllMocks()
  }
  return found
}

/** Compares the two ways. Returns the number of responses in which Apollo took no part. */
async function expectSame(script: (recorded: typeof send, server: Server) => Promise<void>): Promise<number> {
  const expected = await transcript(throughApollo, script)
  const asked = jest.spyOn(ApolloServer.prototype, 'executeHTTPGraphQLRequest')
  let byApollo = 0
  const counted: Way = async (...request) => {
    const answer = await known(...request)
    byApollo = asked.mock.calls.length
    return answer
  }
  const found = await transcript(counted, script)
  for (const [i, answer] of found.entries()) expect(answer).toEqual(expected[i])
  expect(found.length).toBe(expected.length)
  // One more request per response went through Apollo to make its text known.
  return 2 * found.length - byApollo
}

const ask = (recorded: typeof send, body: unknown, accept?: string) =>
  recorded('', 'POST', '/graphql', { accept }, JSON.stringify(body))

/** Creates a session with a result and a share link. */
async function shared({ sessions }: Server): Promise<{ id: string; token: string }> {
  const { session } = await sessions.start({ mentor_id: 'mentor' })
  const id = session.session_id
  await sessions.dispatch(id, { event: 'CalculateRequested', payload: inputs })
  await sessions.dispatch(id, { event: 'ShareRequested' })
  const share = await sessions.queries.findShare(id)
  return { id, token: share?.token ?? '' }
}

const operations = [...operationsOfTheTests()].filter(([, { definitions }]) =>
  definitions.every(part => part.kind !== Kind.OPERATION_DEFINITION || part.operation !== 'subscription'),
)

/** Returns valid and invalid values for a variable. */
function valuesOf(name: string, type: TypeNode, { id, token }: { id: string; token: string }): unknown[] {
  const named = getNamedType(typeFromAST(schema, type as never))?.name ?? ''
  const values: Record<string, unknown[]> = {
    ID: name === 'token' ? [token, 'none', 7] : [id, 'none', { a: 1 }],
    Int: [2, 0, '2'],
    String: [undefined, 'none', 7],
    Boolean: [true, false, 'yes'],
    SessionFilter: [{ mentorId: 'mentor' }, { state: 'LOADE' }, { mentorId: '', state: 'LOADED' }],
    GroupOrder: [{ by: 'RESULTS', descending: true }, { currency: 'pounds' }, { by: 'NAME' }],
    SessionOrder: [{ by: 'LABEL' }, { by: 'TIME_VALUE', currency: 'pounds' }, { by: 'NAME' }],
    StartSessionInput: [{ mentorId: 'm' }, { mentorId: ' ' }, { mentorId: 'm', idempotencyKey: '' }],
    CloseSessionInput: [{ sessionId: id, expectedVersion: 1 }, { sessionId: id }, { sessionId: 'none' }],
    CalculationInputs: [inputsOf(3), { ...inputsOf(-3) }, { sessions: 1.5 }].map(camelled),
    _Any: [{ __typename: 'Session', id }, [{ __typename: 'Session', id: 'none' }], { __typename: 'Mentor', id: 7 }],
    DispatchEventInput: [
      { sessionId: id, event: 'RESET_REQUESTED', idempotencyKey: 'key' },
      { sessionId: id, event: 'RETRY_REQUESTED', expectedVersion: 9 },
      { sessionId: id, event: 'RETRY_REQUESTED' },
    ],
  }
  return values[named] ?? [null, 1, 'x']
}

function variablesOf(document: DocumentNode, of: { id: string; token: string }, i: number): Record<string, unknown> {
  const definitions = document.definitions.flatMap(
    part => ('variableDefinitions' in part && part.variableDefinitions) || [],
  )
  return Object.fromEntries(
    definitions.map(({ variable: { name }, type }) => [name.value, valuesOf(name.value, type, of)[i]]),
  )
}

test('a known text is answered exactly as by Apollo: every query and mutation of the tests', async () => {
  expect(operations.length).toBeGreaterThan(60)
  const withoutApollo = await expectSame(async (recorded, server) => {
    for (const [query, document] of operations) {
      for (const i of [0, 1, 2]) {
        const of = await shared(server)
        await ask(recorded, { query, variables: variablesOf(document, of, i) })
      }
      await ask(recorded, { query }, 'application/graphql-response+json')
    }
  })
  expect(withoutApollo).toBeGreaterThan(operations.length)
})

test('a known text is answered exactly as by Apollo: every call of a client', async () => {
  const withoutApollo = await expectSame(async (recorded, server) => {
    const api = graphqlApi(server, recorded)
    const started = await api.start({ mentor_id: 'm', organisation_id: 'o' }, { key: 'start' })
    const id = started.ok ? started.session.session_id : ''
    await api.start({ mentor_id: 'm', organisation_id: 'o' }, { key: 'start' })
    await api.start({ mentor_id: 'other' }, { key: 'start' })
    await api.dispatch(id, 'CalculateRequested', inputs, { version: 1 })
    await api.dispatch(id, 'CalculateRequested', inputs, { version: 1 })
    await api.dispatch(id, 'CalculateRequested', { ...inputs, sessions: -1 })
    await api.dispatch(id, 'RetryRequested')
    await api.dispatch(id, 'ShareRequested')
    for (const read of [api.get, api.events, api.results, api.share, api.get]) await read(id)
    const share = await api.share(id)
    await api.shared(share.ok ? share.share.token : '')
    await api.shared('none')
    await api.events(id, 99)
    await api.list()
    await api.list({ mentor_id: 'm', state: 'loaded' }, 100)
    await api.list({}, 101)
    await api.calculate(inputs)
    await api.close(id, { version: 1 })
    await api.close(id)
    await api.get(id)
    await api.dispatch(id, 'ResetRequested')
  })
  expect(withoutApollo).toBeGreaterThan(20)
})

const query = 'query A($id: ID! = "none") { session(id: $id) { id } } query B { __typename }'
const oddBodies: [string, object][] = [
  ['an operation of several', { query, operationName: 'B' }],
  ['none of several', { query }],
  ['one that is not there', { query, operationName: 'C' }],
  ['no name', { query: print(operations[0]?.[1] as DocumentNode), operationName: '' }],
  ['null for what may be left out', { query, operationName: 'A', variables: null, extensions: null }],
  ['variables that are none', { query, operationName: 'A', variables: [] }],
  ['variables as text', { query, operationName: 'A', variables: '{}' }],
  ['variables that nobody asked for', { query, operationName: 'A', variables: { id: 's', more: 1, __proto__: null } }],
  ['null where a value has to be', { query, operationName: 'A', variables: { id: null } }],
  ['extensions of a client', { query, operationName: 'B', extensions: { clientLibrary: { name: 'client' } } }],
  ['extensions that are none', { query, operationName: 'B', extensions: 'none' }],
  ['members of no standing', { query, operationName: 'B', more: 1 }],
  ['introspection', { query: '{ __schema { queryType { name } } __type(name: "Share") { name } }' }],
  ['a subscription', { query: 'subscription { feed { __typename } }' }],
]
const accepts = [
  undefined,
  '*/*',
  'application/json',
  'application/graphql-response+json',
  'application/graphql-response+json, application/json;q=0.9',
  'application/*;q=0.5',
  'text/html',
  'text/html, */*;q=0.1',
  'APPLICATION/JSON',
  '',
]

test('a known text is answered exactly as by Apollo: unusual bodies and Accept headers', async () => {
  const withoutApollo = await expectSame(async recorded => {
    for (const [, body] of oddBodies) for (const accept of accepts) await ask(recorded, body, accept)
  })
  expect(withoutApollo).toBeGreaterThan(2 * accepts.length)
})
