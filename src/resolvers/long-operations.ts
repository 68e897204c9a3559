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
 * Makes long operations yield to other work. An operation can yield at each field with a price and at each object in a
 * list. By default, graphql-js executes everything that needs no I/O in one event-loop turn.
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
    const { timeSlices } = context
    if (!timeSlices) return resolve(source, args, context, info)
    // Let aliases of the same field share one read. Without time slices, the aliases start together, and the use case
    // makes them share one read.
    const resolved = timeSlices.once(source, `${info.fieldName} ${JSON.stringify(args)}`, () =>
      resolve(source, args, context, info),
    )
    return isList ? resolved.then(list => (list as unknown[]).map(item => timeSlices.run(() => item))) : resolved
  }
