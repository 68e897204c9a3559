import type { GraphQLSchema } from 'graphql'
import { buildSchemaSync, type PubSub } from 'type-graphql'
import { FeedResolver, synchronousSubscriptions } from './feed'
import { readSnakeCase } from './names'
import {
  SessionConnectionResolver,
  SessionResolver,
  ShareResolver,
  TransitionResolver,
  UndefinedOutputResolver,
} from './session'
import { TotalsResolver } from './totals'

// type-graphql requires a PubSub to build subscriptions. Ours read the feed instead.
const unusedPubSub: PubSub = {
  publish: refusePubSub,
  subscribe: refusePubSub,
}

function refusePubSub(): never {
  throw new Error('subscriptions read the feed, not a PubSub')
}

/** The GraphQL schema, as schema.graphql prints it. */
export const schema: GraphQLSchema = synchronousSubscriptions(
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
      ],
      validate: false,
      pubSub: unusedPubSub,
    }),
  ),
)
