import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  buildSchema,
  DangerousChangeType,
  extendSchema,
  findBreakingChanges,
  findDangerousChanges,
  type GraphQLSchema,
  Kind,
  parse,
} from 'graphql'
import { brokenPromises, type OpenApi, readPromises } from '../../scripts/openapi-promises'
import { openapi } from '../../src/rest/description/openapi'
import { resources, schema } from '../support/described'
import { base } from '../support/interfaces'

// What releases promise, with the additions of capabilities: it breaks if a capability is removed.

const root = join(__dirname, '../../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

// `npm run schema` adds everything new to test/contract/openapi-promises.json. To rename or remove something that no
// release contains, first remove it from this file by hand.
test('the description keeps everything that is promised', () => {
  const promises = readPromises()
  expect(promises).toHaveProperty([`PUT ${base}/{session_id}`])
  expect(brokenPromises(promises, openapi(resources) as unknown as OpenApi)).toEqual([])
})

/** Returns the published schema with the promised additions, without the author of a transition, which no query shows yet. */
function promised(): GraphQLSchema {
  const { definitions, ...document } = parse(read('test/contract/api-additions.graphql'))
  const done = definitions.filter(part => part.kind !== Kind.OBJECT_TYPE_EXTENSION || part.name.value !== 'Transition')
  return extendSchema(buildSchema(read('test/contract/api.graphql')), { ...document, definitions: done })
}

test('the schema keeps everything that is promised', () => {
  expect(findBreakingChanges(promised(), schema)).toEqual([])
})

test('no default value, enum or union differs from the promised schema', () => {
  const changes = findDangerousChanges(promised(), schema)
  // Optional arguments, optional input fields and new interfaces change nothing for existing clients.
  const additions = [
    DangerousChangeType.OPTIONAL_ARG_ADDED,
    DangerousChangeType.OPTIONAL_INPUT_FIELD_ADDED,
    DangerousChangeType.IMPLEMENTED_INTERFACE_ADDED,
  ]
  expect(changes.filter(({ type }) => !additions.includes(type))).toEqual([])
})
