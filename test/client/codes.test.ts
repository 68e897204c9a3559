import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorCodes, errorRow } from '../../src/domain/errors'
import { camel, constant } from '../../src/resolvers/names'
import { capabilities } from '../capabilities'

const source = readFileSync(join(__dirname, '../../../packages/client/src/errors.ts'), 'utf8')
const [, details = ''] = /export interface ErrorDetails \{(.*?)\n\}/s.exec(source) ?? []

/** The names of the details of each code, as declared by the client. */
const declared = new Map(
  [...details.matchAll(/^ {2}([A-Z_]+): (NoDetails|InputErrors|\{.*\})$/gm)].map(([, code = '', type = '']) => [
    code,
    type === 'InputErrors' ? ['errors'] : [...type.matchAll(/(\w+):/g)].map(([, name = '']) => name),
  ]),
)

/** Codes of requests that the client never makes: paths, methods, media types and bodies outside GraphQL over HTTP. */
const ofRest = [
  'INVALID_JSON',
  'INVALID_QUERY',
  'INVALID_REQUEST',
  'ROUTE_NOT_FOUND',
  'RESULT_NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'NOT_ACCEPTABLE',
  'UNSUPPORTED_MEDIA_TYPE',
  'CURSOR_EXPIRED',
]
const ofGraphQL = [
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
]

/** Codes of capabilities that GraphQL never responds with, as their provocations say. */
const ofCapabilities = capabilities.flatMap(({ provocations = {} }) =>
  Object.entries(provocations).flatMap(([code, { graphql }]) => (typeof graphql === 'string' ? [constant(code)] : [])),
)

test('the client knows every code that it can receive', () => {
  const codes = errorCodes().map(constant)
  expect([...declared.keys()].toSorted()).toEqual(
    [...codes.filter(code => ![...ofRest, ...ofCapabilities].includes(code)), ...ofGraphQL].toSorted(),
  )
})

test.each(errorCodes().filter(code => declared.has(constant(code))))(
  'the details of %s are those that the server sends',
  code => {
    // A malformed version also yields a fault.
    const stated = Object.keys(errorRow(code).facts.shape).filter(
      name => code !== 'version_mismatch' || name !== 'errors',
    )
    expect(declared.get(constant(code))).toEqual(stated.map(camel))
  },
)
