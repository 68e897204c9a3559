import type { z } from 'zod'
import { outputsSchema, storedInputsSchema } from '../domain/calculator'
import { type Result, resultSchema } from '../domain/session'

/** Lifetime in days of every share link of version 1.0.0, which did not store lifetimes. */
export const daysOfFirstShares = 30

/** Returns the members of a schema that an older object may lack, each with the value to use then. */
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
 * Upcasts a stored result: adds the members that it lacks because an older version wrote it. Both stores store results
 * whole and pass every result that they read through this function, so a new member needs no other change in a store.
 * The member's schema (`resultSchema`, or that of the inputs or outputs) determines how results without the member
 * read:
 *
 * - with a default: as the default
 * - optional: absent
 * - nullable: as null
 * - otherwise the member is required: raise `layoutVersion` and convert the stored results.
 *
 * Changes its argument and returns it.
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
