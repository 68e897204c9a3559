import { snake } from '../domain/text'

export { snake }

/** `mentor_id` becomes `mentorId`. */
export const camel = (name: string): string =>
  name.replace(/(?<=[^/_])_([a-z])/g, (_, letter: string) => letter.toUpperCase())

type Camel<Name> = Name extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail> & string>}` : Name

export type CamelMembers<T> = T extends readonly unknown[] | string | number | boolean | null | undefined
  ? T
  : { [Member in keyof T as Camel<Member>]: CamelMembers<T[Member]> }

/** CalculateRequested becomes CALCULATE_REQUESTED. */
export const constant = (name: string): string => snake(name).toUpperCase()

/** Renames properties at every level. Omits properties that are null or undefined. */
export const snakeMembers = (input: object): Record<string, unknown> => renamed(input, value => value != null)

/** Like `snakeMembers`, but keeps properties that are null. */
export const snakeMembersWithNulls = (input: object): Record<string, unknown> =>
  renamed(input, value => value !== undefined)

function renamed(input: object, isKept: (value: unknown) => boolean): Record<string, unknown> {
  const members = Object.entries(input).filter(([, value]) => isKept(value))
  return Object.fromEntries(
    members.map(([name, value]) => [snake(name), isObject(value) ? renamed(value, isKept) : value]),
  )
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Some clients can't omit an argument, and send an empty string instead. */
export const unlessEmpty = (text: string | null | undefined): string | undefined => text || undefined
