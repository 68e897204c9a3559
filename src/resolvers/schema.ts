// This folder contains the GraphQL schema and its resolvers. The folder `graphql-server` contains the code that
// receives and limits GraphQL operations. Capabilities add their resolvers from their own folders.

import {
  type GraphQLFieldResolver,
  type GraphQLNamedType,
  type GraphQLSchema,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isUnionType,
} from 'graphql'
import { buildSchemaSync, type NonEmptyArray, type PubSub } from 'type-graphql'
import { FeedResolver, messageType } from './feed'
import { yieldInLongOperations } from './long-operations'
import { snake } from './names'
import {
  SessionConnectionResolver,
  SessionResolver,
  SessionSnapshotResolver,
  ShareResolver,
  TransitionResolver,
  UndefinedOutputResolver,
} from './session'

// This file contains three workarounds for type-graphql (decision 0009): `unusedPubSub`, `readSnakeCase` and
// `callDirectly`.

/** type-graphql requires a PubSub for subscriptions. It is never used: this server's subscriptions read the feed. */
const unusedPubSub: PubSub = {
  publish: refusePubSub,
  subscribe: refusePubSub,
}

function refusePubSub(): never {
  throw new Error('subscriptions read the feed, not a PubSub')
}

/**
 * type-graphql would read the property with the field's camelCase name. The domain's objects have snake_case
 * properties, as in REST, in stored documents and in the log. Names are therefore mapped only for GraphQL, once at
 * startup. `@Extensions({ member })` sets the name of another property to read.
 */
function readSnakeCase(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!(isObjectType(type) || isInterfaceType(type)) || isIntrospectionType(type)) continue
    for (const field of Object.values(type.getFields())) {
      const member = (field.extensions.member as string | undefined) ?? snake(field.name)
      if (!field.resolve && member !== field.name) field.resolve = source => source[member]
    }
  }
  return schema
}

interface ParameterMetadata {
  kind: string
  index: number
  /** Set only if `kind` is `arg`. */
  name?: string
}

/** What type-graphql has collected from the decorators of one resolver method. */
interface Method {
  target: new () => Record<string, (...values: unknown[]) => unknown>
  methodName: string
  schemaName: string
  params: ParameterMetadata[]
  getObjectType?(): object
}

type Methods = Record<'queries' | 'mutations' | 'subscriptions' | 'fieldResolvers', Method[]> & {
  objectTypes: { target: object; name: string }[]
}

/**
 * type-graphql would sort the parameters, copy each input into an instance of its class and await each argument in each
 * call, which would cost a promise per delivered subscription message.
 */
function callDirectly(schema: GraphQLSchema): GraphQLSchema {
  const { queries, mutations, subscriptions, fieldResolvers, objectTypes } = (
    globalThis as unknown as { TypeGraphQLMetadataStorage: Methods }
  ).TypeGraphQLMetadataStorage
  const nameOf = new Map(objectTypes.map(({ target, name }) => [target, name]))
  const owners: [Method[], (method: Method) => GraphQLNamedType | null | undefined][] = [
    [queries, () => schema.getQueryType()],
    [mutations, () => schema.getMutationType()],
    [subscriptions, () => schema.getSubscriptionType()],
    [fieldResolvers, ({ getObjectType }) => schema.getType(nameOf.get(getObjectType?.() ?? {}) ?? '')],
  ]
  for (const [methods, ownerOf] of owners) {
    for (const method of methods) {
      const owner = ownerOf(method)
      const field = isObjectType(owner) ? owner.getFields()[method.schemaName] : undefined
      if (field) field.resolve = resolverOf(method)
    }
  }
  const message = schema.getType('FeedMessage')
  if (isUnionType(message)) message.resolveType = messageType
  return schema
}

function resolverOf({ target: Resolvers, methodName, params }: Method): GraphQLFieldResolver<unknown, unknown> {
  const resolvers = new Resolvers()
  const readers = params.toSorted((a, b) => a.index - b.index).map(readerOf)
  return (...given) => resolvers[methodName]?.(...readers.map(read => read(...given)))
}

type Reader = (...given: Parameters<GraphQLFieldResolver<unknown, unknown>>) => unknown

function readerOf({ kind, name = '' }: ParameterMetadata): Reader {
  if (kind === 'arg') return (_root, args) => args[name]
  if (kind === 'args') return (_root, args) => args
  if (kind === 'root') return root => root
  if (kind === 'context') return (_root, _args, context) => context
  if (kind === 'info') return (_root, _args, _context, info) => info
  throw new Error(`resolver methods have no parameters of the kind ${kind}`)
}

export interface SchemaPart {
  resolvers?: NonNullable<unknown>[]
}

/** Cache of built schemas. The schema cache is module state, because type-graphql's metadata is global, too. */
const built = new WeakMap<readonly SchemaPart[], GraphQLSchema>()

/** Returns the schema as printed in schema.graphql. */
export function schemaOf(parts: readonly SchemaPart[]): GraphQLSchema {
  const schema = built.get(parts) ?? buildSchema(parts)
  built.set(parts, schema)
  return schema
}

function buildSchema(parts: readonly SchemaPart[]): GraphQLSchema {
  const resolvers = [
    SessionResolver,
    SessionSnapshotResolver,
    SessionConnectionResolver,
    ShareResolver,
    TransitionResolver,
    UndefinedOutputResolver,
    FeedResolver,
    ...parts.flatMap(({ resolvers = [] }) => resolvers),
  ] as unknown as NonEmptyArray<NonNullable<unknown>>
  const schema = buildSchemaSync({ resolvers: resolvers as never, validate: false, pubSub: unusedPubSub })
  return yieldInLongOperations(callDirectly(readSnakeCase(schema)))
}
