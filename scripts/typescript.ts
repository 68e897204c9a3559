import {
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredInputField,
  isScalarType,
  isUnionType,
} from 'graphql'
import { z } from 'zod'
import type { ErrorRow } from '../src/domain/error-table'
import { errorCodes, errorRow, faultSchema } from '../src/domain/errors'
import { payloadMember } from '../src/domain/flat-command'
import { graphqlErrors } from '../src/domain/graphql-errors'
import { sessionEventSchema, sessionEvents, stateSchema } from '../src/domain/session'
import { camel, constant } from '../src/resolvers/names'

const factTypes = new Map<z.ZodType, string>([
  [faultSchema, 'InputError'],
  [sessionEventSchema, 'SessionEvent'],
  [stateSchema, 'SessionState'],
])

const noDetails = 'NoDetails'

const scalars: Record<string, string> = {
  ID: 'string',
  String: 'string',
  DateTime: 'string',
  Date: 'string',
  Int: 'number',
  Float: 'number',
  Boolean: 'boolean',
  OrderKey: 'string | number',
}

/** Types for which packages/client has a fragment of the same name, with the fields that each fragment omits. */
const fragmentTypes: Record<string, string[]> = {
  Session: ['orderKey', 'results', 'share', 'shares', 'transitions'],
  Transition: [],
  SessionSnapshot: ['orderKey'],
  Result: [],
  CalculationInputValues: [],
  CalculationOutputs: [],
  Share: [],
  SharedResult: [],
  Summary: [],
  Amounts: [],
  Month: [],
  Group: [],
}

/** Selections that give a field another name or a second name, so that the client's types keep the names of deprecated fields. */
const aliases: Record<string, string> = {
  'Transition.snapshot': 'session: snapshot',
  'SessionSnapshot.sessionId': 'id: sessionId',
  'Group.key': 'id: key key',
}

/**
 * Generates TypeScript code for packages/client: the schema's types with all their fields, the details of errors, and
 * the fragments.
 */
export function typescriptOf(schema: GraphQLSchema): string {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const types = Object.values(schema.getTypeMap()).filter(
    type => !isIntrospectionType(type) && !isScalarType(type) && !roots.some(root => root === type),
  )
  const members = new Set(types.flatMap(type => (isUnionType(type) ? type.getTypes().map(({ name }) => name) : [])))
  const head = '// Generated from the schema and the error table by `npm run schema`.\n'
  const declarations = types.map(type => declarationOf(type, members.has(type.name))).filter(Boolean)
  return [head, ...declarations, eventWithoutPayload(), errorDetails(), fragmentsOf(types)].join('\n')
}

function eventWithoutPayload(): string {
  const events = sessionEvents.filter(event => payloadMember(event) === undefined)
  const values = events.map(event => `'${constant(event)}'`)
  return `/** An event that needs no payload. */\n${union('EventWithoutPayload', values)}`
}

/** The types that `ErrorDetails` uses. */
const detailTypes = `/** One invalid value of a request. */
export interface InputError {
  /** What is wrong with the value. */
  detail: string
  /** Location of the value: a JSON Pointer relative to the input, or one that starts with an argument's name. */
  pointer?: string
}

/** Details of an error code that reports invalid values. */
export interface InputErrors {
  errors: InputError[]
}

/** Details of an error code without details. */
export type NoDetails = Record<never, never>
`

function errorDetails(): string {
  const rows: [string, ErrorRow][] = [
    ...errorCodes().map((code): [string, ErrorRow] => [code, errorRow(code)]),
    ...(Object.entries(graphqlErrors) as [string, ErrorRow][]),
  ]
  const codes = rows.map(([code, row]) => [constant(code), ...detailsOf(row)])
  return [
    detailTypes,
    '/** Details of each error code. A newer server can send other codes. */',
    'export interface ErrorDetails {',
    ...codes.map(([code, text, type]) => `${documented(text, '  ')}  ${code}: ${type}`),
    '}\n',
  ].join('\n')
}

function detailsOf({ when, facts }: ErrorRow): [text: string, type: string] {
  const members = Object.entries(facts.shape as Record<string, z.ZodType>).map(([name, type]) => {
    const [of, mark] = type instanceof z.ZodExactOptional ? [type.unwrap() as z.ZodType, '?'] : [type, '']
    return `${camel(name)}${mark}: ${factOf(of)}`
  })
  const type = members.length > 0 ? `{ ${members.join('; ')} }` : noDetails
  return [when, type === '{ errors: InputError[] }' ? 'InputErrors' : type]
}

/** Returns the TypeScript type of an error's fact, as GraphQL sends it. */
function factOf(type: z.ZodType): string {
  if (type instanceof z.ZodArray) return `${factOf(type.element as z.ZodType)}[]`
  if (type instanceof z.ZodNumber) return 'number'
  if (type instanceof z.ZodString) return 'string'
  const name = factTypes.get(type)
  if (!name) throw new Error('scripts/typescript.ts: a fact of an error has a type without a name for the client')
  return name
}

function fragmentsOf(types: GraphQLNamedType[]): string {
  const fragments = types
    .filter(isObjectType)
    .filter(({ name }) => name in fragmentTypes)
    .map(type => property(type.name, `'fragment ${type.name} on ${type.name} ${selectionOf(type)}'`))
  return [
    '/** Fragments by name. Each fragment selects the fields of the type with the same name. */',
    'export const fragments: Record<string, string> = {',
    ...fragments,
    '}\n',
  ].join('\n')
}

function property(name: string, value: string): string {
  const line = `  ${name}: ${value},`
  return line.length <= 120 ? line : `  ${name}:\n    ${value},`
}

function selectionOf(type: GraphQLObjectType): string {
  const fields = Object.values(type.getFields()).filter(
    ({ name, deprecationReason }) => deprecationReason == null && !fragmentTypes[type.name]?.includes(name),
  )
  const selected = fields.map(field => {
    const of = getNamedType(field.type)
    const name = aliases[`${type.name}.${field.name}`] ?? field.name
    if (!isObjectType(of)) return name
    return `${name} ${of.name in fragmentTypes ? `{ ...${of.name} }` : selectionOf(of)}`
  })
  return `{ ${selected.join(' ')} }`
}

function declarationOf(type: GraphQLNamedType, isMember: boolean): string {
  const head = documented(type.description, '')
  if (isEnumType(type)) {
    const values = type.getValues().map(({ name }) => `'${name}'`)
    return `${head}${union(type.name, values)}`
  }
  if (isUnionType(type)) {
    return `${head}${union(
      type.name,
      type.getTypes().map(({ name }) => name),
    )}`
  }
  if (!isObjectType(type) && !isInputObjectType(type)) return ''
  const fields = Object.values<GraphQLField<unknown, unknown> | GraphQLInputField>(type.getFields()).map(field => {
    const { name, description, type: of } = field
    const optional = 'defaultValue' in field && !isRequiredInputField(field)
    return `${documented(description, '  ')}  ${name}${optional ? '?' : ''}: ${typeOf(of)}${optional ? ' | undefined' : ''}`
  })
  return [
    `${head}export interface ${type.name} {`,
    ...(isMember ? [`  __typename: '${type.name}'`] : []),
    ...fields,
    '}\n',
  ].join('\n')
}

function union(name: string, members: string[]): string {
  const line = `export type ${name} = ${members.join(' | ')}`
  return line.length <= 120
    ? `${line}\n`
    : `export type ${name} =\n${members.map(member => `  | ${member}`).join('\n')}\n`
}

const documented = (description: string | null | undefined, indent: string): string =>
  description ? `${indent}/** ${description.replaceAll(/\s*\n\s*/g, ' ')} */\n` : ''

function typeOf(type: GraphQLType): string {
  return isNonNullType(type) ? presentOf(type.ofType) : `${presentOf(type)} | null`
}

function presentOf(type: GraphQLType): string {
  if (!isListType(type)) return scalars[String(type)] ?? String(type)
  const of = typeOf(type.ofType)
  return of.includes(' ') ? `(${of})[]` : `${of}[]`
}
