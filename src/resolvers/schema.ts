// This folder contains the GraphQL schema and its resolvers. The folder `graphql-server` contains the code that
// receives and limits GraphQL operations. Capabilities add their resolvers from their own folders.

import {
  type GraphQLFieldResolver,
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
  ShareResolver,
  TransitionResolver,
  UndefinedOutputResolver,
} from './session'

// This file contains three workarounds for type-graphql (decision 0009): `unusedPubSub`, `readSnakeCase` and
// `synchronousSubscriptions`.

/**
 * Placeholder for the PubSub that type-graphql requires if a schema has subscriptions. The placeholder is never used,
 * because this server's subscriptions read the feed.
 */
const unusedPubSub: PubSub = {
  publish: refusePubSub,
  subscribe: refusePubSub,
}

function refusePubSub(): never {
  throw new Error('subscriptions read the feed, not a PubSub')
}

/**
 * Adds a resolver that reads the snake_case property to each field without a resolver. type-graphql would read the
 * property with the field's camelCase name. The domain's objects have snake_case properties, as in REST, in stored
 * documents and in the log. Names are therefore mapped only for GraphQL, once at startup instead of for each request.
 * `@Extensions({ member })` sets the name of another property to read.
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

/**
 * Replaces the subscription resolvers with synchronous resolvers, to save one promise per delivered message.
 * type-graphql would await the arguments and the type of each message. Waiting is unnecessary, because the arguments
 * matter only when the subscription starts, and each message states its own type.
 */
function synchronousSubscriptions(schema: GraphQLSchema, messages: SubscriptionMessages): GraphQLSchema {
  const resolver = new FeedResolver()
  const own: SubscriptionMessages = {
    feed: message => resolver.feed(message),
    sessionTransitions: message => resolver.sessionTransitions(message),
  }
  const fields = schema.getSubscriptionType()?.getFields() ?? {}
  for (const [name, resolve] of Object.entries({ ...own, ...messages })) {
    const field = fields[name]
    if (field) field.resolve = resolve as unknown as GraphQLFieldResolver<unknown, unknown>
  }
  const message = schema.getType('FeedMessage')
  if (isUnionType(message)) message.resolveType = messageType
  return schema
}

type SubscriptionMessages = Record<string, (message: never, args: never, context: never) => unknown>

export interface SchemaPart {
  resolvers?: NonNullable<unknown>[]
  messages?: SubscriptionMessages
}

/** Cache of built schemas. The schema cache is module state, because type-graphql's metadata is global, too. */
const built = new WeakMap<readonly SchemaPart[], GraphQLSchema>()

/** Returns the GraphQL schema of the core and of these capabilities, as printed in schema.graphql. */
export function schemaOf(parts: readonly SchemaPart[]): GraphQLSchema {
  const schema = built.get(parts) ?? buildSchema(parts)
  built.set(parts, schema)
  return schema
}

function buildSchema(parts: readonly SchemaPart[]): GraphQLSchema {
  const resolvers = [
    SessionResolver,
    SessionConnectionResolver,
    ShareResolver,
    TransitionResolver,
    UndefinedOutputResolver,
    FeedResolver,
    ...parts.flatMap(({ resolvers = [] }) => resolvers),
  ] as unknown as NonEmptyArray<NonNullable<unknown>>
  const schema = buildSchemaSync({ resolvers: resolvers as never, validate: false, pubSub: unusedPubSub })
  const messages = Object.assign({}, ...parts.map(({ messages }) => messages))
  return yieldInLongOperations(synchronousSubscriptions(readSnakeCase(schema), messages))
}
