import { type GraphQLSchema, isInterfaceType, isIntrospectionType, isObjectType } from 'graphql'

/** Returns `mentor_id` for `mentorId`, `session_started` for `SessionStarted`. */
export const snake = (name: string): string => name.replace(/(?<=.)([A-Z])/g, '_$1').toLowerCase()

/** Returns `mentorId` for `mentor_id`. */
export const camel = (name: string): string =>
  name.replace(/(?<=[^/_])_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** Returns the GraphQL enum value of a name of the domain: CALCULATE_REQUESTED for CalculateRequested. */
export const constant = (name: string): string => snake(name).toUpperCase()

/** Renames members to snake_case, as in the domain, at every level. Omits those that are null or undefined. */
export function snakeMembers(input: object): Record<string, unknown> {
  const members = Object.entries(input).filter(([, value]) => value != null)
  return Object.fromEntries(
    members.map(([name, value]) => [snake(name), typeof value === 'object' ? snakeMembers(value) : value]),
  )
}

/** Returns undefined for an empty text. Some clients cannot omit an argument, and send an empty text. */
export const unlessEmpty = (text: string | null | undefined): string | undefined => text || undefined

/** Adds resolvers that read the snake_case members of the domain's objects to all fields without a resolver. */
export function readSnakeCase(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!(isObjectType(type) || isInterfaceType(type)) || isIntrospectionType(type)) continue
    for (const field of Object.values(type.getFields())) {
      const member = (field.extensions.member as string | undefined) ?? snake(field.name)
      if (!field.resolve && member !== field.name) field.resolve = source => source[member]
    }
  }
  return schema
}
