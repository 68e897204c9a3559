import fc from 'fast-check'
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery, printSchema } from 'graphql'
import type { Outputs } from '../../src/domain/calculator'
import type { Fault } from '../../src/domain/errors'
import { calculate } from '../../src/domain/time-value'
import { constant } from '../../src/resolvers/names'
import { schema } from '../support/described'
import { inputs } from '../support/inputs'
import { done, graphqlApi, query } from '../support/interfaces'
import { send } from '../support/raw'
import { json } from '../support/rest'
import { linesOf, serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { allowedIn, events } from '../support/transition-table'

let outputs: (() => Outputs) | undefined
const server = serving(embeddedDatabase, { calculator: given => outputs?.() ?? calculate(given) })
beforeEach(() => {
  outputs = undefined
})

const codes = async (text: string, variables: object = {}) => {
  const { errors = [] } = await query(server, text, variables)
  return errors.map(({ extensions }) => extensions.code)
}
const post = (body: string | Buffer, headers: object = json) => send(server.url, 'POST', '/graphql', headers, body)

describe("GraphQL's own errors keep their codes", () => {
  test.each<[string, string, object]>([
    ['GRAPHQL_PARSE_FAILED', '{', {}],
    ['GRAPHQL_VALIDATION_FAILED', '{ nothing }', {}],
    ['GRAPHQL_VALIDATION_FAILED', '{ session }', {}],
    ['GRAPHQL_VALIDATION_FAILED', 'mutation { startSession(input: { organisationId: "o" }) { replayed } }', {}],
    [
      'GRAPHQL_VALIDATION_FAILED',
      'mutation { dispatchEvent(input: { sessionId: "s", event: CALCULATED }) { replayed } }',
      {},
    ],
    ['BAD_USER_INPUT', 'query ($id: ID!) { session(id: $id) { id } }', {}],
    ['BAD_USER_INPUT', 'query ($first: Int) { sessions(first: $first) { totalCount } }', { first: 1.5 }],
    ['BAD_USER_INPUT', 'query ($first: Int) { sessions(first: $first) { totalCount } }', { first: 2 ** 31 }],
    ['BAD_USER_INPUT', 'query ($i: CalculationInputs!) { calculate(inputs: $i) { timeValue } }', { i: { ...inputs } }],
    ['BAD_USER_INPUT', 'query ($id: ID! = "s") { session(id: $id) { id } }', { id: null }],
    ['BAD_USER_INPUT', 'query ($id: ID = "s") { session(id: $id) { id } }', { id: null }],
  ])('%s for %s', async (code, text, variables) => {
    expect(await codes(text, variables)).toContain(code)
    expect(server.log.filter(({ level }) => level === 'error')).toEqual([])
  })

  test.each([1, 2])('%i errors of a document have nothing but their codes in `extensions`', async count => {
    const { errors = [] } = await query(server, `{ ${'a b '.slice(0, 2 * count)} }`)
    expect(errors.map(({ extensions }) => extensions)).toEqual(Array(count).fill({ code: 'GRAPHQL_VALIDATION_FAILED' }))
  })

  test('an error message of GraphQL names no path of the server', async () => {
    for (const text of ['{', '{ nothing }', 'query ($id: ID!) { session(id: $id) { id } }']) {
      const { errors } = await query(server, text)
      expect(JSON.stringify(errors)).not.toMatch(/stacktrace|node_modules|\.js/)
    }
  })
})

describe('an invalid variable is reported with the pointer and detail of a content fault', () => {
  const calculation = 'query ($i: CalculationInputs!) { calculate(inputs: $i) { timeValue } }'
  const dispatch = 'mutation ($i: DispatchEventInput!) { dispatchEvent(input: $i) { replayed } }'
  const payload = { sessions: 2.5, avgMinutes: 1, costPerSession: 1, costPerHour: 1 }
  const faultsOf = async (text: string, variables: object) => {
    const { errors = [] } = await query(server, text, variables)
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(['BAD_USER_INPUT']))
    return errors.map(({ message, extensions }) => ({ message, faults: extensions.errors as Fault[] }))
  }

  test.each<[string, object, [pointer: string, detail: string][]]>([
    [
      calculation,
      { i: { sessions: 2.5, avgMinutes: '1', costPerSession: null, cost: 1 } },
      [
        ['/sessions', 'must be a whole number'],
        ['/avgMinutes', 'must be a number'],
        ['/costPerSession', 'must be a number'],
        ['/costPerHour', 'is required'],
        ['/cost', 'is not a known member'],
      ],
    ],
    [calculation, { i: [] }, [['', 'must be an object']]],
    [calculation, {}, [['', 'is required']]],
    [
      dispatch,
      { i: { event: 'CALCULATED', payload } },
      [
        ['/sessionId', 'is required'],
        ['/event', `must be one of ${events.map(constant).join(', ')}`],
        ['/payload/sessions', 'must be a whole number'],
      ],
    ],
    [
      `mutation ($p: CalculationInputs) {
        dispatchEvent(input: { sessionId: "s", event: CALCULATE_REQUESTED, payload: $p }) { replayed }
      }`,
      { p: payload },
      [['/payload/sessions', 'must be a whole number']],
    ],
    [
      'query ($first: Int, $filter: SessionFilter) { sessions(first: $first, filter: $filter) { totalCount } }',
      { first: 2 ** 31, filter: { mentorId: true } },
      [
        ['/first', 'must be at most 2147483647'],
        ['/filter/mentorId', 'must be a string'],
      ],
    ],
    ['query ($id: ID!) { ...S } fragment S on Query { session(id: $id) { id } }', {}, [['/id', 'is required']]],
    ['query ($id: ID = "s") { session(id: $id) { id } }', { id: null }, [['/id', 'is required']]],
  ])('%s with %j', async (text, variables, expected) => {
    const found = await faultsOf(text, variables)
    expect(found.map(({ faults }) => faults)).toEqual(expected.map(([pointer, detail]) => [{ detail, pointer }]))
  })

  test('for any values, each error reports the fault in its message', async () => {
    const value = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constant(undefined))
    const names = ['sessions', 'avgMinutes', 'costPerSession', 'costPerHour', 'other']
    const members = fc.record(Object.fromEntries(names.map(name => [name, value])))
    await fc.assert(
      fc.asyncProperty(members, async payload => {
        const i = { sessionId: {}, event: 'RESET_REQUESTED', payload: { ...payload, costPerHour: 'x' } }
        for (const { message, faults } of await faultsOf(dispatch, { i })) {
          expect(faults).toHaveLength(1)
          expect(message).toMatch(new RegExp(`[."]${faults[0]?.pointer?.split('/').at(-1)}"`))
        }
      }),
      { numRuns: 50 },
    )
  })
})

test('an error has its path, and the other fields of the query are executed', async () => {
  const { data, errors } = await query(
    server,
    '{ session(id: "none") { id } gone: sharedResult(token: "none") { method } }',
  )
  expect(data).toBeNull()
  expect(errors).toEqual([
    {
      message: 'No share link has this token. Check the link.',
      path: ['gone'],
      locations: expect.any(Array),
      extensions: { code: 'SHARE_NOT_FOUND' },
    },
  ])
})

test('a refused event uses the GraphQL names of events', async () => {
  const { session } = done(await graphqlApi(server).start({ mentor_id: 'm' }))
  const text = 'mutation ($id: ID!) { dispatchEvent(input: { sessionId: $id, event: SHARE_REQUESTED }) { replayed } }'
  const { errors } = await query(server, text, { id: session.session_id })
  const allowed = allowedIn('initial').map(constant)
  expect(errors?.[0]).toMatchObject({
    message: `A session in state INITIAL does not accept SHARE_REQUESTED. It accepts ${allowed.join(', ')}.`,
    extensions: {
      code: 'EVENT_REFUSED',
      currentState: 'INITIAL',
      event: 'SHARE_REQUESTED',
      allowedEvents: allowed,
    },
  })
})

describe('a defect is INTERNAL, hides its cause, and is logged once under the request id', () => {
  const secret = 'the secret cause'
  const nonsense = { ...calculate(inputs), timeValue: 0, time_value: Number.NaN }
  const unknown = { ...calculate(inputs), undefined_because: [{ output: 'roi_percent', reason: secret }] }

  test.each<[string, () => Outputs]>([
    [
      'an error that is thrown',
      () => {
        throw new Error(secret)
      },
    ],
    [
      'an error that names a code',
      () => {
        throw Object.assign(new Error(secret), { code: 'EVENT_REFUSED', extensions: { code: 'NOT_FOUND' } })
      },
    ],
    ['a number that is none', () => nonsense],
    ['a value that its enum has not', () => unknown as unknown as Outputs],
  ])('%s', async (name, broken) => {
    outputs = broken
    const text = `{ calculate(inputs: { sessions: 1, avgMinutes: 2, costPerSession: 3, costPerHour: 4 }) { timeValue undefinedBecause { reason } } }`
    const request_id = name.replaceAll(' ', '-')
    const answer = await post(JSON.stringify({ query: text }), { ...json, 'X-Request-Id': request_id })
    const { errors } = JSON.parse(answer.text)
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({
      message: 'Internal error. The server logged the cause under the request id.',
      extensions: { code: 'INTERNAL' },
    })
    expect(Object.keys(errors[0].extensions)).toEqual(['code'])
    expect(answer.text).not.toMatch(/secret|NaN|stacktrace/)
    const lines = await linesOf(server, request_id, 2)
    expect(lines.map(({ level }) => level)).toEqual(['error', 'info'])
  })
})

describe('a body', () => {
  const limit = 64 * 1024
  const padded = (bytes: number): string => {
    const body = '{"query":"{ sessions { totalCount } }"}'
    return body + ' '.repeat(bytes - body.length)
  }

  test('of 64 KiB is read, and one byte more is 413', async () => {
    expect((await post(padded(limit))).status).toBe(200)
    for (const headers of [json, { ...json, 'Transfer-Encoding': 'chunked' }]) {
      for (const size of [limit + 1, 4_000_000]) {
        const answer = await post(padded(size), headers)
        expect(answer.status).toBe(413)
        expect(JSON.parse(answer.text).errors[0].extensions).toEqual({ code: 'PAYLOAD_TOO_LARGE', limit })
      }
    }
  })

  test.each<[string, string | Buffer]>([
    ['is no JSON', '{"query"'],
    ['is no UTF-8', Buffer.from('{"query":"\xff"}', 'latin1')],
  ])('that %s is 400', async (_, body) => {
    const answer = await post(body)
    expect(answer.status).toBe(400)
    expect(JSON.parse(answer.text).errors[0].extensions.code).toBe('INVALID_JSON')
  })

  test('of plain text or of no bytes is refused, and so is a mutation by GET', async () => {
    const { status } = await post('{ sessions { totalCount } }', { 'Content-Type': 'text/plain' })
    expect([400, 415]).toContain(status)
    expect((await post('')).status).toBe(400)
    const mutation = encodeURIComponent('mutation { startSession(input: { mentorId: "m" }) { replayed } }')
    expect((await send(server.url, 'GET', `/graphql?query=${mutation}`, json)).status).toBe(405)
    expect((await graphqlApi(server).list({ mentor_id: 'm', state: 'initial' })).ok).toBe(true)
  })
})

test('introspection returns the schema', async () => {
  const { data } = await query(server, getIntrospectionQuery({ specifiedByUrl: true }))
  expect(printSchema(buildClientSchema(data as unknown as IntrospectionQuery))).toBe(printSchema(schema))
})
