import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  buildSchema,
  type GraphQLObjectType,
  getNamedType,
  Kind,
  NoDeprecatedCustomRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import * as ofCore from '../../packages/client/src/documents'
import { clientReference } from '../../scripts/client-reference'
import { typescriptOf } from '../../scripts/typescript'
import { capabilities } from '../capabilities'
import { schema as resolved } from '../support/described'

const root = join(__dirname, '../../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const schema = buildSchema(read('schema.graphql'))
const all: object[] = [ofCore, ...capabilities.map(({ client }) => client?.documents ?? {})]
const documents = all.flatMap(module => Object.entries<string>(module as Record<string, string>))

test('the client’s types and fragments match the schema', () => {
  expect(read('packages/client/src/schema.ts')).toBe(typescriptOf(resolved))
})

test('docs/reference/client-api.md describes the exports as they are', () => {
  expect(read('docs/reference/client-api.md')).toBe(clientReference(root))
})

test.each(documents)('%s uses existing fields of the schema, and nothing deprecated', (_, document) => {
  const faults = validate(schema, parse(document), [...specifiedRules, NoDeprecatedCustomRule])
  expect(faults.map(({ message }) => message)).toEqual([])
})

/** Fields that the client's type omits. */
const leftOut: Record<string, string[]> = {
  Session: ['orderKey', 'results', 'share', 'shares', 'transitions'],
  SessionSnapshot: ['orderKey'],
  WebhookEndpoint: ['attempts'],
}

const fragments = documents
  .flatMap(([, document]) => parse(document).definitions)
  .flatMap(definition => (definition.kind === Kind.FRAGMENT_DEFINITION ? [definition] : []))

test.each([...new Map(fragments.map(fragment => [fragment.name.value, fragment]))])(
  '%s selects every field of its response type',
  (_, { typeCondition, selectionSet }) => {
    const type = schema.getType(typeCondition.name.value) as GraphQLObjectType
    const selected = selectionSet.selections.flatMap(selection =>
      selection.kind === Kind.FIELD ? [selection.name.value] : [],
    )
    const all = Object.values(type.getFields()).flatMap(({ name, deprecationReason }) =>
      deprecationReason || leftOut[type.name]?.includes(name) ? [] : [name],
    )
    expect([...new Set(selected)].toSorted()).toEqual(all.toSorted())
    // A nested selection also selects every field, or uses a fragment.
    for (const selection of selectionSet.selections) {
      if (selection.kind !== Kind.FIELD || !selection.selectionSet) continue
      const of = getNamedType(type.getFields()[selection.name.value]?.type) as GraphQLObjectType
      const within = selection.selectionSet.selections
      if (within.some(({ kind }) => kind === Kind.FRAGMENT_SPREAD) || of.name === 'PageInfo') continue
      expect(within.map(one => (one.kind === Kind.FIELD ? one.name.value : '')).toSorted()).toEqual(
        Object.keys(of.getFields()).toSorted(),
      )
    }
  },
)
