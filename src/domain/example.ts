import { z } from 'zod'

type Example<T> = T | (() => T)

/** Not in zod's global registry, because zod would copy the examples into JSON Schemas. */
const examples = z.registry<{ example: unknown }>()

/** Returns a copy of a schema with an example, or with a function that creates the example on demand. */
export const withExample = <S extends z.ZodType>(schema: S, example: Example<z.output<S>>): S =>
  (schema.clone() as z.ZodType).register(examples, { example }) as S

/**
 * Returns the example of a schema. If the schema has none, builds one from its parts: a list has one element, a
 * nullable field is null, an enum has its first value, a number has its minimum, and an optional field without an
 * example is omitted. Throws if a string schema has no example.
 */
export function exampleOf<S extends z.ZodType>(schema: S): z.output<S> {
  const example = findExample(schema)
  if (example === undefined) throw new Error('a string in this schema has no example: add one with `withExample`')
  return example as z.output<S>
}

/** Returns undefined if a string schema has no example, or if an object schema allows arbitrary fields. */
export function findExample(schema: z.ZodType): unknown {
  const stated = examples.get(schema)
  if (stated) return typeof stated.example === 'function' ? stated.example() : stated.example
  if (schema instanceof z.ZodNullable) return null
  if (schema instanceof z.ZodArray) {
    const element = findExample(schema.element as z.ZodType)
    return element === undefined ? undefined : [element]
  }
  if (schema instanceof z.ZodEnum) return schema.options[0]
  if (schema instanceof z.ZodNumber) return schema.minValue
  if (schema instanceof z.ZodBoolean) return true
  return schema instanceof z.ZodObject ? findExampleOfObject(schema) : undefined
}

function findExampleOfObject({ shape, def: { catchall } }: z.ZodObject): unknown {
  if (catchall instanceof z.ZodUnknown) return undefined
  const example: Record<string, unknown> = {}
  for (const [name, part] of Object.entries<z.ZodType>(shape)) {
    const member = findExample(part)
    if (member !== undefined) example[name] = member
    else if (!(part instanceof z.ZodOptional || part instanceof z.ZodExactOptional)) return undefined
  }
  return example
}
