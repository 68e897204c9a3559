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
 * Adds `extensions.errors` to GraphQL's errors about variables: a detail and a JSON Pointer, as in VALIDATION_FAILED.
 * If `hidesSchema` is set, a detail does not list an enum's values.
 */
export function addVariableFaults(
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
  detail: detail.replace(/^must be one of .*/, 'is not an allowed value'),
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

/**
 * Returns the path of the place where a document uses a variable: the argument's name, then the members of its input.
 * Omits the name of an argument `input` or `inputs`.
 */
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

/** Yields the faults of a value, one for each error of GraphQL and in the same order. */
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
      if (!members[name]) yield { detail: 'is not a known member', pointer: pointer([...place, name]) }
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

/** Returns the detail that the domain's own validation has for this fault. */
function detailOf(type: GraphQLLeafType, value: unknown): string {
  const schema = isEnumType(type) ? z.enum(type.getValues().map(({ name }) => name)) : scalarSchemas[type.name]
  const { error } = schema?.safeParse(value, { reportInput: true }) ?? {}
  return (error && faultsOf(error)[0]?.detail) ?? 'is not valid'
}
