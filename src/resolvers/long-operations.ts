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
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      if (field.extensions.price === undefined) continue
      const isList = isListType(getNullableType(field.type)) && !isLeafType(getNamedType(field.type))
      // Root fields can have side effects, such as a mutation or a counted view. All other fields only read.
      const isRead = !roots.includes(type)
      field.resolve = yielding(field.resolve ?? defaultFieldResolver, { isList, isRead })
    }
  }
  return schema
}

type Resolve = GraphQLFieldResolver<unknown, Context>

const yielding =
  (resolve: Resolve, { isList, isRead }: { isList: boolean; isRead: boolean }): Resolve =>
  (source, args, context, info) => {
    const { timeSlices } = context
    if (!timeSlices) return resolve(source, args, context, info)
    const part = () => resolve(source, args, context, info)
    // Let aliases of the same field share one read. Without time slices, the aliases start together, and the use case
    // makes them share one read.
    const resolved = isRead
      ? timeSlices.once(source, `${info.parentType.name}.${info.fieldName} ${JSON.stringify(args)}`, part)
      : timeSlices.run(part)
    return isList ? resolved.then(list => (list as unknown[]).map(item => timeSlices.run(() => item))) : resolved
  }
