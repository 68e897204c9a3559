import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
  isObjectType,
} from 'graphql'
import type { Context } from './context'

/**
 * Makes long operations yield to other work: each field with a price and each object in a list runs in its own turn. By
 * default, GraphQL executes everything that needs no I/O in one turn.
 */
export function yieldInLongOperations(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      if (field.extensions.price === undefined) continue
      const isList = isListType(getNullableType(field.type)) && !isLeafType(getNamedType(field.type))
      field.resolve = yielding(field.resolve ?? defaultFieldResolver, isList)
    }
  }
  return schema
}

type Resolve = GraphQLFieldResolver<unknown, Context>

const yielding =
  (resolve: Resolve, isList: boolean): Resolve =>
  (source, args, context, info) => {
    const { turns } = context
    if (!turns) return resolve(source, args, context, info)
    // Let aliases of a field share one read. Without turns, they start together and share the read in the use case.
    const resolved = turns.once(source, `${info.fieldName} ${JSON.stringify(args)}`, () =>
      resolve(source, args, context, info),
    )
    return isList ? resolved.then(list => (list as unknown[]).map(item => turns.run(() => item))) : resolved
  }
