import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSchema, findBreakingChanges, type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql'
import { schema } from '../support/described'

const root = join(__dirname, '../../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

test('schema.graphql is the schema that the resolvers generate', () => {
  // The order of types and fields is that in which the modules of a process were loaded.
  const sorted = (schema: GraphQLSchema): string => printSchema(lexicographicSortSchema(schema))
  expect(sorted(buildSchema(read('schema.graphql')))).toBe(sorted(schema))
})

test('the schema keeps the published contract', () => {
  expect(findBreakingChanges(buildSchema(read('test/contract/api.graphql')), schema)).toEqual([])
})
