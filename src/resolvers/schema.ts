import { type GraphQLSchema, isInterfaceType, isIntrospectionType, isObjectType, isUnionType } from 'graphql'
import { buildSchemaSync, type PubSub } from 'type-graphql'
import { TotalsResolver } from './totals'

// The order of these imports is the order of the fields in schema.graphql.

import { FeedResolver, messageType } from './feed'
import { yieldInLongOperations } from './long-operations'
import { snake } from './names'
import { ReportsResolver } from './reports'
import {
  SessionConnectionResolver,
  SessionResolver,
  ShareResolver,
  TransitionResolver,
  UndefinedOutputResolver,
} from './session'
import { WebhooksResolver } from './webhooks'

// Workarounds for type-graphql (0032): `unusedPubSub`, `readSnakeCase` and `synchronousSubscriptions`.

/** type-graphql refuses subscriptions without a PubSub. Ours read the feed instead. */
const unusedPubSub: PubSub = {
  publish: refusePubSub,
  subscribe: refusePubSub,
}

function refusePubSub(): never {
  throw new Error('subscriptions read the feed, not a PubSub')
}

/**
 * type-graphql reads the member with the field's own name. Fields are camelCase and the domain's members snake_case, so
 * each field without a resolver gets one. `@Extensions({ member })` names a member that is called otherwise.
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
 * type-graphql awaits the arguments and the type of each message. But the arguments matter only at the start, and a
 * message states its type. Synchronous resolvers save a promise per delivery.
 */
function synchronousSubscriptions(schema: GraphQLSchema): GraphQLSchema {
  const resolver = new FeedResolver()
  const totals = new TotalsResolver()
  const { feed, sessionTransitions, summary } = schema.getSubscriptionType()?.getFields() ?? {}
  if (feed) feed.resolve = message => resolver.feed(message)
  if (sessionTransitions) sessionTransitions.resolve = message => resolver.sessionTransitions(message)
  if (summary) summary.resolve = (message, _args, context) => totals.summaries(message, context)
  const message = schema.getType('FeedMessage')
  if (isUnionType(message)) message.resolveType = messageType
  return schema
}

/** The GraphQL schema, as schema.graphql prints it. */
export const schema: GraphQLSchema = yieldInLongOperations(
  synchronousSubscriptions(
    readSnakeCase(
      buildSchemaSync({
        resolvers: [
          SessionResolver,
          SessionConnectionResolver,
          ShareResolver,
          TransitionResolver,
          UndefinedOutputResolver,
          TotalsResolver,
          FeedResolver,
          WebhooksResolver,
          ReportsResolver,
        ],
        validate: false,
        pubSub: unusedPubSub,
      }),
    ),
  ),
)
