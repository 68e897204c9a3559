import {
  type GraphQLNamedType,
  type GraphQLSchema,
  type GraphQLType,
  isEnumType,
  isInputObjectType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
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

/**
 * Generates the schema's types in TypeScript for packages/client. They are complete; each document selects a part of
 * them.
 */
export function typescriptOf(schema: GraphQLSchema): string {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const types = Object.values(schema.getTypeMap()).filter(
    type => !isIntrospectionType(type) && !isScalarType(type) && !roots.some(root => root === type),
  )
  const members = new Set(types.flatMap(type => (isUnionType(type) ? type.getTypes().map(({ name }) => name) : [])))
  const head = '// Made of the schema by `npm run schema`.\n'
  return [head, ...types.map(type => declarationOf(type, members.has(type.name))).filter(Boolean)].join('\n')
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
  const fields = Object.values(type.getFields()).map(({ name, description, type: of }) => {
    const optional = isInputObjectType(type) && !isNonNullType(of)
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
