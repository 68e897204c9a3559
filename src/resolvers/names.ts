import { type GraphQLSchema, isInterfaceType, isIntrospectionType, isObjectType } from 'graphql'

/** `mentor_id` for `mentorId`, `session_started` for `SessionStarted`. */
export const snake = (name: string): string => name.replace(/(?<=.)([A-Z])/g, '_$1').toLowerCase()

/** `mentorId` for `mentor_id`. */
export const camel = (name: string): string =>
  name.replace(/(?<=[^/_])_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** The GraphQL enum value of a name of the domain: CALCULATE_REQUESTED for CalculateRequested. */
export const constant = (name: string): string => snake(name).toUpperCase()

/** The members under their snake_case names, as the domain has them; those that are null or not set are left out. */
export function snakeMembers(input: object): Record<string, unknown> {
  const members = Object.entries(input).filter(([, value]) => value != null)
  return Object.fromEntries(
    members.map(([name, value]) => [snake(name), typeof value === 'object' ? snakeMembers(value) : value]),
  )
}

/** A text that may be left out: an empty one is as if it was, for clients that cannot leave it out. */
export const unlessEmpty = (text: string | null | undefined): string | undefined => text || undefined

/** Lets the fields without a resolver of their own read the domain's objects as they are: `mentorId` is `mentor_id`. */
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
