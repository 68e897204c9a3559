import type { z } from 'zod'
import { outputsSchema, storedInputsSchema } from '../domain/calculator'
import { type Result, resultSchema } from '../domain/session'

/** Version 1.0.0 stored no lifetimes. MongoDB can contain such links: version 1.2 did not convert them. */
export const daysOfFirstShares = 30

/** Returns the fields of a schema that older stored objects can lack, each with the value to fill in. */
export const additionsOf = ({ shape }: z.ZodObject): [name: string, value: unknown][] =>
  Object.entries(shape as Record<string, z.ZodType>).flatMap(([name, schema]) => {
    const ifAbsent = schema.safeParse(undefined)
    if (ifAbsent.success) return ifAbsent.data === undefined ? [] : [[name, ifAbsent.data]]
    return schema.safeParse(null).success ? [[name, null]] : []
  })

const additions = {
  result: additionsOf(resultSchema),
  inputs: additionsOf(storedInputsSchema),
  outputs: additionsOf(outputsSchema),
}

/**
 * Adds the fields that a stored result lacks because an older version wrote it. Both stores call this function for
 * every result that they read. A missing field's schema determines its value:
 *
 * - If the schema has a default, the field gets the default.
 * - If the schema is optional, the field stays absent.
 * - If the schema is nullable, the field becomes null.
 * - Otherwise, the field is required: increment `layoutVersion` and convert the stored results.
 *
 * Changes `stored` in place and returns it.
 */
export function upcastResult(stored: Result): Result {
  addMissing(stored, additions.result)
  addMissing(stored.inputs, additions.inputs)
  addMissing(stored.outputs, additions.outputs)
  return stored
}

function addMissing(stored: object, members: [name: string, value: unknown][]): void {
  for (const [name, value] of members) {
    if (!(name in stored)) Object.assign(stored, { [name]: structuredClone(value) })
  }
}
