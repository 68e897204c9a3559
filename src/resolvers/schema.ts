import 'reflect-metadata'
import type { GraphQLSchema } from 'graphql'
import { buildSchemaSync } from 'type-graphql'
import { readSnakeCase } from './names'
import { SessionConnectionResolver, SessionResolver, ShareResolver, UndefinedOutputResolver } from './session'

/** The GraphQL schema, as schema.graphql prints it. */
export const schema: GraphQLSchema = readSnakeCase(
  buildSchemaSync({
    resolvers: [SessionResolver, SessionConnectionResolver, ShareResolver, UndefinedOutputResolver],
    validate: false,
  }),
)
