import {
  type GraphQLFieldConfigMap,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  GraphQLUnionType,
  isObjectType,
  printSchema,
} from 'graphql'
import { z } from 'zod'
import { valid } from '../domain/errors'
import type { Context } from '../resolvers/context'
import { price } from '../resolvers/price'
import { SessionResolver } from '../resolvers/session'

/** Maximum number of sessions that a federation gateway can request at once. */
export const maxRepresentations = 1_000

const representationsSchema = z.object({
  representations: z.array(z.object({ __typename: z.literal('Session'), id: z.string() })).max(maxRepresentations),
})

/**
 * Adds the query fields `_service`, which returns the SDL, and `_entities`, which resolves sessions by id like
 * Query.session (https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/subgraph-spec).
 *
 * Used only with FEDERATION=on, because the fields `_service` and `_entities` would add types to every generated
 * client, and `_service` would reveal the schema despite INTROSPECTION=off. The package @apollo/subgraph builds a
 * schema only from SDL and does not limit the number of requested entities.
 */
export function subgraphOf(schema: GraphQLSchema): GraphQLSchema {
  const { query, types, ...config } = schema.toConfig()
  const session = schema.getType('Session')
  if (!query || !isObjectType(session)) throw new Error('the schema has no queries or no type Session')
  const resolver = new SessionResolver()
  const sdl = sdlOf(schema)
  const service = new GraphQLObjectType({
    name: '_Service',
    fields: { sdl: { type: new GraphQLNonNull(GraphQLString) } },
  })
  const entity = new GraphQLUnionType({ name: '_Entity', types: [session], resolveType: () => session.name })
  const any = new GraphQLScalarType({ name: '_Any' })
  const representations = { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(any))) }
  const fields: GraphQLFieldConfigMap<unknown, Context> = {
    _service: { type: new GraphQLNonNull(service), resolve: () => ({ sdl }) },
    _entities: {
      type: new GraphQLNonNull(new GraphQLList(entity)),
      args: { representations },
      extensions: price({ size: 'argument' }),
      resolve(_, args, context) {
        const { representations } = valid(representationsSchema, args)
        const { timeSlices } = context
        return representations.map(({ id }) => {
          const read = () => resolver.session(id, context)
          return timeSlices ? timeSlices.run(read) : read()
        })
      },
    },
  }
  const queryConfig = query.toConfig()
  const extended = new GraphQLObjectType({ ...queryConfig, fields: { ...queryConfig.fields, ...fields } })
  return new GraphQLSchema({ ...config, query: extended, types: types.filter(type => type !== query) })
}

/**
 * Returns the subgraph's SDL, from which a supergraph is composed. The SDL allows other subgraphs to refer to sessions
 * by id, and to define their own PageInfo. Federation 2.4 is the first version with subscriptions in subgraphs.
 */
const sdlOf = (schema: GraphQLSchema): string => `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.4", import: ["@key", "@shareable"])

${printSchema(schema)}

extend type Session @key(fields: "id")

extend type PageInfo @shareable
`
