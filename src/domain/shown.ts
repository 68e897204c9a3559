import { z } from 'zod'
import { unwrapped } from './schema-parts'
import { shownTime } from './timestamp'

/** In the stored value, optional fields can also be null, and times have milliseconds. */
type Stored<T> = { [Member in keyof T]: object extends Pick<T, Member> ? T[Member] | null : T[Member] }

/**
 * Converts a stored value to the form that clients see: exactly the schema's fields, in its order, with times in whole
 * seconds. Call `shownBy` only once per schema, because it analyses the schema.
 */
export const shownBy = <S extends z.ZodObject>(schema: S): ((value: Stored<z.output<S>>) => z.output<S>) =>
  objectOf(schema) as (value: Stored<z.output<S>>) => z.output<S>

type Show = (value: unknown) => unknown

/** The function is compiled, because a loop over the members takes several times as long. */
function objectOf({ shape }: z.ZodObject): Show {
  const parts = Object.entries<z.ZodType>(shape)
  const members = parts.map(([name, part], i) => {
    const show = isShownAsStored(part) ? 'member' : `member === null ? null : shows[${i}](member)`
    return `member = value.${name}; if (member !== undefined${part.isNullable() ? '' : ' && member !== null'}) shown.${name} = ${show}`
  })
  const body = `return value => { const shown = {}; let member; ${members.join('; ')}; return shown }`
  return new Function('shows', body)(parts.map(([, part]) => showOf(part)))
}

function showOf(part: z.ZodType): Show {
  const schema = unwrapped(part)
  if (schema instanceof z.ZodObject) return objectOf(schema)
  if (schema instanceof z.ZodArray) {
    const show = showOf(schema.element as z.ZodType)
    return list => (list as unknown[]).map(show)
  }
  if (schema.meta()?.format === 'date-time') return time => shownTime(time as string)
  return asStored
}

const asStored: Show = value => value

const isShownAsStored = (part: z.ZodType): boolean => showOf(part) === asStored
