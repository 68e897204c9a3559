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
  lexicographicSortSchema,
  parse,
  printSchema,
} from 'graphql'
import { schema } from '../support/described'

const root = join(__dirname, '../../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

test('schema.graphql is the schema that the resolvers generate', () => {
  // The order of types and fields is that in which the modules of a process were loaded.
  const sorted = (schema: GraphQLSchema): string => printSchema(lexicographicSortSchema(schema))
  expect(sorted(buildSchema(read('schema.graphql')))).toBe(sorted(schema))
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
