import { z } from 'zod'

/** Removes the schema's wrappers: optional, nullable, default and conversion. */
export function unwrapped(schema: z.ZodType): z.ZodType {
  const inner = innerOf(schema)
  return inner === undefined ? schema : unwrapped(inner)
}

export function isNullable(schema: z.ZodType): boolean {
  if (schema instanceof z.ZodDefault) return false
  if (isOptional(schema) || schema instanceof z.ZodPrefault || schema instanceof z.ZodNullable) return true
  const inner = innerOf(schema)
  return inner !== undefined && isNullable(inner)
}

/** Returns the description of a schema, or of the schema that it wraps. */
export function descriptionOf(schema: z.ZodType): string | undefined {
  const inner = innerOf(schema)
  return schema.description ?? (inner && descriptionOf(inner))
}

/**
 * Returns the names of an object's fields whose null differs from a missing field. Such a field is declared with
 * `nullable().exactOptional()`. In a field that is declared with `nullish()`, null means the same as a missing field.
 */
export function fieldsWithNull(schema: z.ZodType): string[] {
  const { shape } = unwrapped(schema) as z.ZodObject<Record<string, z.ZodType>>
  return Object.entries(shape)
    .filter(([, part]) => part instanceof z.ZodExactOptional && part.unwrap() instanceof z.ZodNullable)
    .map(([name]) => name)
}

const isOptional = (schema: z.ZodType) => schema instanceof z.ZodOptional || schema instanceof z.ZodExactOptional

function innerOf(schema: z.ZodType): z.ZodType | undefined {
  if (schema instanceof z.ZodPipe) return schema.in as z.ZodType
  const wraps =
    isOptional(schema) ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  return wraps ? ((schema as z.ZodOptional).unwrap() as z.ZodType) : undefined
}
