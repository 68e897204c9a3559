import {
  BREAK,
  type DocumentNode,
  type GraphQLError,
  type GraphQLInputType,
  type GraphQLLeafType,
  type GraphQLSchema,
  getNullableType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  Kind,
  typeFromAST,
  type VariableDefinitionNode,
  type VariableNode,
  visit,
} from 'graphql'
import { type ZodType, z } from 'zod'
import { type Fault, faultsOf, pointer } from '../domain/errors'
import type { RequestedOperation } from './cost'

const coercionCode = 'BAD_USER_INPUT'

/**
 * States beside GraphQL's refusals of variables what is wrong and where, as faults of the content are stated. Where the
 * schema may not be asked for, they don't tell what else is in it.
 */
export function stateFaults(
  errors: readonly GraphQLError[] | undefined,
  schema: GraphQLSchema,
  { document, variables }: RequestedOperation,
  hidesSchema: boolean,
): void {
  const faults = new Map<VariableDefinitionNode, Iterator<Fault, undefined>>()
  for (const { nodes: [node] = [], extensions } of errors ?? []) {
    if ((extensions.code ?? coercionCode) !== coercionCode) continue
    if (node?.kind === Kind.VARIABLE) {
      extensions.errors = [{ detail: 'is required', pointer: pointer(placeOfVariable(document, use => use === node)) }]
    }
    if (node?.kind !== Kind.VARIABLE_DEFINITION) continue
    const found = faults.get(node) ?? faultsOfVariable(schema, document, node, variables ?? {})
    faults.set(node, found)
    const fault = found.next().value
    if (fault) extensions.errors = [hidesSchema ? withoutValues(fault) : fault]
  }
}

const withoutValues = ({ detail, ...place }: Fault): Fault => ({
  detail: detail.replace(/^must be one of .*/, 'must be another value'),
  ...place,
})

function faultsOfVariable(
  schema: GraphQLSchema,
  document: DocumentNode,
  definition: VariableDefinitionNode,
  variables: Record<string, unknown>,
): Iterator<Fault, undefined> {
  const { value: name } = definition.variable.name
  const type = typeFromAST(schema, definition.type) as GraphQLInputType
  const definitions = document.definitions.filter(
    part =>
      part.kind === Kind.FRAGMENT_DEFINITION ||
      ('variableDefinitions' in part && part.variableDefinitions?.includes(definition)),
  )
  const place = placeOfVariable({ ...document, definitions }, ({ name: { value } }) => value === name)
  return inGraphqlsOrder(type, Object.hasOwn(variables, name) ? variables[name] : undefined, place)
}

/** Where the value of a variable goes: the argument and the members of it, and the members alone where that is the input. */
function placeOfVariable(document: DocumentNode, isIt: (variable: VariableNode) => boolean): string[] {
  let place: string[] = []
  visit(document, {
    Variable(node, _key, parent, _path, ancestors) {
      const around = [...ancestors, parent].flatMap(one => (one && 'kind' in one ? [one] : []))
      if (around.at(-1)?.kind === Kind.VARIABLE_DEFINITION || !isIt(node)) return undefined
      place = around.flatMap(one =>
        one.kind === Kind.ARGUMENT || one.kind === Kind.OBJECT_FIELD ? one.name.value : [],
      )
      return BREAK
    },
  })
  const [argument, ...members] = place
  return argument === 'input' || argument === 'inputs' ? members : place
}

/** What is wrong with a value, each fault where GraphQL has an error of its own for it. */
function* inGraphqlsOrder(type: GraphQLInputType, value: unknown, place: PropertyKey[]): Generator<Fault, undefined> {
  const nullable = getNullableType(type)
  const fault = (detail: string): Fault => ({ detail, pointer: pointer(place) })
  if (value === undefined && isNonNullType(type)) yield fault('is required')
  if (value === undefined || (value === null && !isNonNullType(type))) return
  if (isListType(nullable)) {
    for (const [index, item] of [value].flat().entries())
      yield* inGraphqlsOrder(nullable.ofType, item, [...place, index])
  } else if (isLeafType(nullable)) {
    if (!isTaken(nullable, value)) yield fault(detailOf(nullable, value))
  } else if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    yield fault('must be an object')
  } else {
    const members = nullable.getFields()
    for (const { name, type, defaultValue } of Object.values(members)) {
      const stated = (value as Record<string, unknown>)[name]
      if (stated !== undefined || defaultValue === undefined) yield* inGraphqlsOrder(type, stated, [...place, name])
    }
    for (const name of Object.keys(value)) {
      if (!members[name]) yield { detail: 'is not a member of this request', pointer: pointer([...place, name]) }
    }
  }
}

function isTaken(type: GraphQLLeafType, value: unknown): boolean {
  try {
    return type.parseValue(value) !== undefined
  } catch {
    return false
  }
}

const scalarSchemas: Record<string, ZodType> = {
  Boolean: z.boolean(),
  Date: z.string(),
  Float: z.number(),
  ID: z.string(),
  Int: z.int32(),
  String: z.string(),
}

/** The words that the domain has for such a fault. */
function detailOf(type: GraphQLLeafType, value: unknown): string {
  const schema = isEnumType(type) ? z.enum(type.getValues().map(({ name }) => name)) : scalarSchemas[type.name]
  const { error } = schema?.safeParse(value, { reportInput: true }) ?? {}
  return (error && faultsOf(error)[0]?.detail) ?? 'is not valid'
}
