import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  buildSchema,
  DangerousChangeType,
  extendSchema,
  findBreakingChanges,
  findDangerousChanges,
  type GraphQLSchema,
  isIntrospectionType,
  Kind,
  parse,
  printSchema,
} from 'graphql'
import { schema } from '../../src/resolvers/schema'

const root = join(__dirname, '../../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

/** What is published, and what is promised beside it, each with its copy here. */
const files = ['api.graphql', 'api-additions.graphql'].map(name => ({
  published: `../shared/${name}`,
  copy: `test/contract/${name}`,
}))
const beside = files.every(({ published }) => existsSync(join(root, published)))
if (!beside) process.stderr.write('Not compared: there are no published schemas at ../shared.\n')
const whenBeside = beside ? test : test.skip

whenBeside.each(files)('$copy is $published, byte for byte', ({ published, copy }) => {
  expect(read(copy)).toBe(read(published))
})

test('schema.graphql is what the resolvers make', () => {
  expect(read('schema.graphql')).toBe(`${printSchema(schema)}\n`)
})

const [api = '', additions = ''] = files.map(({ published, copy }) => read(beside ? published : copy))

/** All that is promised, but who made a transition: that is asked for nowhere yet. */
function promised(): GraphQLSchema {
  const { definitions, ...document } = parse(additions)
  const done = definitions.filter(part => part.kind !== Kind.OBJECT_TYPE_EXTENSION || part.name.value !== 'Transition')
  return extendSchema(buildSchema(api), { ...document, definitions: done })
}

test('the schema takes nothing away from what is promised', () => {
  expect(findBreakingChanges(promised(), schema)).toEqual([])
})

test('no default, enum or union of what is promised is another', () => {
  const changes = findDangerousChanges(promised(), schema)
  // What may be left out takes nothing from those who leave it out, nor does an interface that nobody knew of.
  const additions = [
    DangerousChangeType.OPTIONAL_ARG_ADDED,
    DangerousChangeType.OPTIONAL_INPUT_FIELD_ADDED,
    DangerousChangeType.IMPLEMENTED_INTERFACE_ADDED,
  ]
  expect(changes.filter(({ type }) => !additions.includes(type))).toEqual([])
})

interface Described {
  name: string
  description?: string | null | undefined
}

/** The types and fields that are described, each with its words in one line. */
function descriptions(of: GraphQLSchema): Map<string, string> {
  const types = Object.values(of.getTypeMap()).filter(type => !isIntrospectionType(type))
  const all = types.flatMap((type): [string, Described][] => [
    [type.name, type],
    ...('getFields' in type ? Object.values(type.getFields()) : []).map((field): [string, Described] => [
      `${type.name}.${field.name}`,
      field,
    ]),
  ])
  return new Map(all.flatMap(([name, { description }]) => (description ? [[name, oneLine(description)]] : [])))
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ')

test('what is promised beside what is published is described in the same words', () => {
  const published = descriptions(buildSchema(api))
  const words = [...descriptions(promised())].filter(([name]) => !published.has(name))
  const said = descriptions(schema)
  expect(words.map(([name]) => [name, said.get(name)])).toEqual(words)
})
