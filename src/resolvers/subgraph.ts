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
import type { Context } from './context'
import { price } from './cost'
import { SessionResolver } from './session'

/** The sessions that a gateway may ask for at once. */
export const maxRepresentations = 1_000

/** What a gateway knows of sessions when it asks for the rest. */
const representationsSchema = z.object({
  representations: z.array(z.object({ __typename: z.literal('Session'), id: z.string() })).max(maxRepresentations),
})

/**
 * The schema with what a gateway asks of a part of a bigger graph: what this part is, and sessions by their ids, each as
 * Query.session has it (https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/subgraph-spec).
 */
export function subgraphOf(schema: GraphQLSchema): GraphQLSchema {
  const { query, types, ...config } = schema.toConfig()
  const session = schema.getType('Session')
  if (!query || !isObjectType(session)) throw new Error('the schema has no sessions to ask for')
  const resolver = new SessionResolver()
  const sdl = sdlOf(schema)
  const service = new GraphQLObjectType({
    name: '_Service',
    fields: { sdl: { type: new GraphQLNonNull(GraphQLString) } },
  })
  const entity = new GraphQLUnionType({ name: '_Entity', types: [session], resolveType: () => session.name })
  const any = new GraphQLScalarType({ name: '_Any' })
  const representations = { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(any))) }
  const asked: GraphQLFieldConfigMap<unknown, Context> = {
    _service: { type: new GraphQLNonNull(service), resolve: () => ({ sdl }) },
    _entities: {
      type: new GraphQLNonNull(new GraphQLList(entity)),
      args: { representations },
      extensions: price({ size: 'listed' }),
      resolve: (_, stated, context, info) =>
        valid(representationsSchema, stated).representations.map(({ id }) => resolver.session(id, context, info)),
    },
  }
  const whole = query.toConfig()
  const joined = new GraphQLObjectType({ ...whole, fields: { ...whole.fields, ...asked } })
  return new GraphQLSchema({ ...config, query: joined, types: types.filter(type => type !== query) })
}

/** The schema as it is composed: other parts know a session by its id, and may have pages of lists as well. */
const sdlOf = (schema: GraphQLSchema): string => `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.4", import: ["@key", "@shareable"])

${printSchema(schema)}

extend type Session @key(fields: "id")

extend type PageInfo @shareable
`
