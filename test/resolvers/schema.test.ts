import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSchema, DangerousChangeType, findBreakingChanges, findDangerousChanges, printSchema } from 'graphql'
import { schema } from '../../src/resolvers/schema'

const root = join(__dirname, '../../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

const published = '../shared/api.graphql'
const copy = 'test/contract/api.graphql'
const beside = existsSync(join(root, published))
if (!beside) process.stderr.write(`Not compared: there is no published schema at ${published}.\n`)
const whenBeside = beside ? test : test.skip

whenBeside('the copy of the published schema is the published schema, byte for byte', () => {
  expect(read(copy)).toBe(read(published))
})

test('schema.graphql is what the resolvers make', () => {
  expect(read('schema.graphql')).toBe(`${printSchema(schema)}\n`)
})

test('the schema takes nothing away from what is published', () => {
  expect(findBreakingChanges(buildSchema(read(beside ? published : copy)), schema)).toEqual([])
})

test('no default, enum or union of what is published is another', () => {
  const changes = findDangerousChanges(buildSchema(read(beside ? published : copy)), schema)
  // What may be left out takes nothing from those who leave it out.
  expect(changes.filter(({ type }) => type !== DangerousChangeType.OPTIONAL_INPUT_FIELD_ADDED)).toEqual([])
})
