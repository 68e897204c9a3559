import { z } from 'zod'
import { unwrapped } from './schema-parts'
import { shownTime } from './timestamp'

/**
 * A stored value with the fields of a schema. In the stored value, optional fields can also be null, and times have
 * milliseconds.
 */
type Stored<T> = { [Member in keyof T]: object extends Pick<T, Member> ? T[Member] | null : T[Member] }

/**
 * Returns a function that converts a stored value to the form that clients see: exactly the fields of the schema, in
 * the schema's order, with times in whole seconds. Call `shownBy` only once per schema and reuse the returned function,
 * which does not analyse the schema again.
 */
export const shownBy = <S extends z.ZodObject>(schema: S): ((value: Stored<z.output<S>>) => z.output<S>) =>
  objectOf(schema) as (value: Stored<z.output<S>>) => z.output<S>

type Show = (value: unknown) => unknown

function objectOf({ shape }: z.ZodObject): Show {
  const members = Object.entries<z.ZodType>(shape).map(([name, part]) => {
    return { name, show: showOf(part), mayBeNull: part.isNullable() }
  })
  return value => {
    const shown: Record<string, unknown> = {}
    for (const { name, show, mayBeNull } of members) {
      const member = (value as Record<string, unknown>)[name]
      if (member === null ? mayBeNull : member !== undefined) shown[name] = member === null ? null : show(member)
    }
    return shown
  }
}

function showOf(part: z.ZodType): Show {
  const schema = unwrapped(part)
  if (schema instanceof z.ZodObject) return objectOf(schema)
  if (schema instanceof z.ZodArray) {
    const show = showOf(schema.element as z.ZodType)
    return list => (list as unknown[]).map(show)
  }
  if (schema.meta()?.format === 'date-time') return time => shownTime(time as string)
  return value => value
}
