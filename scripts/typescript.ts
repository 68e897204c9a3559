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

/** JSON type of each scalar. */
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

/** Types that packages/client selects by a fragment of the same name, and the fields that each fragment leaves out. */
const fragmentTypes: Record<string, string[]> = {
  Session: ['orderKey', 'results', 'share', 'shares', 'transitions'],
  Transition: [],
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

/** Generates the schema's types in TypeScript for packages/client, and its fragments. The types have every field. */
export function typescriptOf(schema: GraphQLSchema): string {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const types = Object.values(schema.getTypeMap()).filter(
    type => !isIntrospectionType(type) && !isScalarType(type) && !roots.some(root => root === type),
  )
  const members = new Set(types.flatMap(type => (isUnionType(type) ? type.getTypes().map(({ name }) => name) : [])))
  const head = '// Made of the schema by `npm run schema`.\n'
  const declarations = types.map(type => declarationOf(type, members.has(type.name))).filter(Boolean)
  return [head, ...declarations, fragmentsOf(types)].join('\n')
}

function fragmentsOf(types: GraphQLNamedType[]): string {
  const fragments = types
    .filter(isObjectType)
    .filter(({ name }) => name in fragmentTypes)
    .map(type => property(type.name, `'fragment ${type.name} on ${type.name} ${selectionOf(type)}'`))
  return [
    '/** Fragments by their names. Each selects the fields of the type with the same name. */',
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
  const fields = Object.values(type.getFields()).filter(({ name }) => !fragmentTypes[type.name]?.includes(name))
  const selected = fields.map(({ name, type }) => {
    const of = getNamedType(type)
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
