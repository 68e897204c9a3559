import { z } from 'zod'

export type Json = Record<string, unknown>

export const mapped = <V, R>(record: Record<string, V>, convert: (value: V, name: string) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, convert(value, name)]))

/** Generated clients have one type for each named schema. Module state, because modules name schemas while loading. */
const components = new Map<string, z.ZodType>()
const names = new Map<z.ZodType, string>()

/** Name every body schema, and every object or enum that several bodies share. */
export function component<S extends z.ZodType>(name: string, schema: S): S {
  components.set(name, schema)
  names.set(schema, name)
  return schema
}

export const ref = (path: string): Json => ({ $ref: `#/components/${path}` })

export function schemaRef(schema: z.ZodType): Json {
  const name = names.get(schema)
  if (name === undefined) throw new Error('A body schema has no name: call component() on it')
  return ref(`schemas/${name}`)
}

/**
 * Lets client generators produce the right types. Times and dates have a format but no pattern, on which generated
 * Python code fails. Numbers have the format `double`, because generated Go code would otherwise use 32-bit numbers.
 */
function forGenerators({ jsonSchema }: { jsonSchema: Json }): void {
  if (jsonSchema.format) delete jsonSchema.pattern
  if ([jsonSchema.type].flat().includes('number')) jsonSchema.format = 'double'
}

/** Converts the named schemas, and the schemas in `more`, to JSON Schemas that refer to each other as components. */
export function jsonSchemas(
  target: 'draft-2020-12' | 'draft-7',
  more: Record<string, z.ZodType> = {},
): Record<string, Json> {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of [...components, ...Object.entries(more)]) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, {
    io: 'input',
    target,
    override: forGenerators,
    uri: id => `#/components/schemas/${id}`,
  })
  return Object.fromEntries(Object.entries(schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema]))
}

export function referenced(part: unknown, schemas: Record<string, Json>): Record<string, Json> {
  const reached = new Set<string>()
  const visit = (value: unknown): void => {
    for (const [, name = ''] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (reached.has(name)) continue
      reached.add(name)
      visit(schemas[name])
    }
  }
  visit(part)
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => reached.has(name)))
}

/** Otherwise, generated Go clients would refuse members that later server versions add. */
export function opened(schema: Json): Json {
  const { additionalProperties, ...rest } = schema
  return additionalProperties === false ? rest : schema
}
