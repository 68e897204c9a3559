import { type ErrorCode, errorCodes } from '../../src/domain/errors'
import { camel } from '../support/interfaces'
import { provocationOf, provoking } from '../support/provoked'
import { problem } from '../support/rest'

const on = provoking()

interface GraphqlError {
  message: string
  extensions: { code: string } & Record<string, unknown>
}

/** Returns the first error of a GraphQL response, as sent. */
const errorIn = (text: string): GraphqlError | undefined =>
  (JSON.parse(text) as { errors?: GraphqlError[] }).errors?.[0]
const extensionsIn = (text: string) => errorIn(text)?.extensions

/** Returns a sentence without what differs by design: the spelling of names, ids, limits, and what a resource allows. */
const comparable = (sentence = ''): string =>
  sentence
    .toLowerCase()
    .replaceAll(/[_/-]/g, '')
    .replaceAll(/session[\da-f]{8}/g, 'session_id')
    .replaceAll(/\d+/g, '0')
    .replace(/`\w+` is not allowed here/, 'not allowed here')
    .replace(/(allowed|available): [^.]+/, '$1')

const common = ['type', 'title', 'status', 'detail', 'code', 'instance']

test.each(errorCodes())('%s is a problem with its status, the common members and its own', async code => {
  const { status, members = {} } = provocationOf(code)
  const answer = await on.provoked(code)
  const said = problem(answer)
  expect(said).toMatchObject({ type: `/problems/${code}`, status, code })
  expect(Object.keys(said).slice(0, common.length)).toEqual(common)
  expect(Object.keys(said).slice(common.length).map(camel)).toEqual(Object.keys(members))
  expect(said.title.length).toBeGreaterThan(5)
  expect(said.detail).toMatch(/^\S.*\.$/)
  expect(said.instance).toMatch(/^\/[^?]*$/)
  expect(answer.headers['cache-control']).toBe('no-store')
})

/** The others never occur in GraphQL. Their rows say why. */
const codes = errorCodes().filter((code: ErrorCode) => typeof provocationOf(code).graphql !== 'string')

test.each(codes)('%s has the same code and members in GraphQL, in its style', async code => {
  const { graphql, members } = provocationOf(code)
  if (typeof graphql === 'string') throw new Error(graphql)
  expect(extensionsIn((await graphql(on)).text)).toEqual({ code: code.toUpperCase(), ...members })
})

test.each(codes)('%s has the same sentence on both interfaces', async code => {
  const { graphql } = provocationOf(code)
  if (typeof graphql === 'string') throw new Error(graphql)
  const { detail } = problem(await on.provoked(code))
  expect(comparable(errorIn((await graphql(on)).text)?.message)).toBe(comparable(detail))
})

test('a wrong argument is VALIDATION_FAILED where REST answers invalid_query for a parameter', async () => {
  const id = (await on.rest.started()).split('/').at(-1)
  const askedFor = async (document: string) => extensionsIn((await on.ask(document, { id })).text)
  expect(await askedFor('{ sessions(first: 0) { totalCount } }')).toEqual({
    code: 'VALIDATION_FAILED',
    errors: [{ detail: 'must be at least 1', pointer: '/first' }],
  })
  expect(await askedFor('query ($id: ID!) { session(id: $id) { transitions(after: 2) { event } } }')).toEqual({
    code: 'VALIDATION_FAILED',
    errors: [{ detail: "must be at most the session's version, 1", pointer: '/after' }],
  })
})
