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
  lexicographicSortSchema,
  parse,
  printSchema,
} from 'graphql'
import { schema } from '../support/described'

const root = join(__dirname, '../../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

/** The published schema and the promised additions, each with its copy in this repository. */
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

test('schema.graphql is the schema that the resolvers generate', () => {
  // The order of types and fields is that in which the modules of a process were loaded.
  const sorted = (schema: GraphQLSchema): string => printSchema(lexicographicSortSchema(schema))
  expect(sorted(buildSchema(read('schema.graphql')))).toBe(sorted(schema))
})

const [api = '', additions = ''] = files.map(({ published, copy }) => read(beside ? published : copy))

/** Returns the promised schema without the author of a transition, which no query shows yet. */
function promised(): GraphQLSchema {
  const { definitions, ...document } = parse(additions)
  const done = definitions.filter(part => part.kind !== Kind.OBJECT_TYPE_EXTENSION || part.name.value !== 'Transition')
  return extendSchema(buildSchema(api), { ...document, definitions: done })
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

interface Described {
  name: string
  description?: string | null | undefined
}

/** Maps types and fields to their descriptions, each in one line. */
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

test('the promised additions have the promised descriptions', () => {
  const published = descriptions(buildSchema(api))
  const words = [...descriptions(promised())].filter(([name]) => !published.has(name))
  const said = descriptions(schema)
  expect(words.map(([name]) => [name, said.get(name)])).toEqual(words)
})
