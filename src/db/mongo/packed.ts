import type { Inputs, Outputs } from '../../domain/calculator'
import type { ResultContribution } from '../../domain/contribution'

/**
 * The values of an object's fields in a fixed order. Absent fields are null, and trailing nulls are omitted. Fields
 * without a fixed position follow at the end, as an object within an array: `[12, 30, 3.5, 30, [{ other: 1 }]]`.
 */
export type Packed = unknown[]

// Positions of the packed fields. Append new names only at the end of this list, because stored values keep their
// positions. Fields that are not in the list are stored by name.
const inputPositions = [
  'sessions',
  'avg_minutes',
  'cost_per_session',
  'cost_per_hour',
  'label',
  'currency',
  'period',
] as const satisfies (keyof Inputs)[]
export const outputPositions = [
  'total_minutes',
  'total_hours',
  'programme_cost',
  'time_value',
  'net_benefit',
  'benefit_cost_ratio',
  'roi_percent',
  'cost_per_hour_delivered',
  'value_per_session',
  'net_per_session',
  'break_even_minutes',
] as const satisfies (keyof Outputs)[]
export const contributionPositions = [
  'currency',
  'month',
  'held',
  'minutes',
  'cost',
  'value',
] as const satisfies (keyof ResultContribution)[]

/** Allows no member that can be an array, because `unpacked` would read the array as fields without a position. */
type Packable<M> = { [K in keyof M]: Extract<M[K], readonly unknown[]> extends never ? M[K] : never }

export function packed<M extends object>(positions: readonly string[], members: M & Packable<M>): Packed {
  const values: Packed = positions.map(name => (members as Record<string, unknown>)[name] ?? null)
  while (values.at(-1) === null) values.pop()
  const others = Object.keys(members).filter(name => !positions.includes(name))
  if (others.length > 0) values.push([Object.fromEntries(others.map(name => [name, members[name as keyof M]]))])
  return values
}

/** Unpacks an object, and omits fields that are null. */
export function unpacked(positions: readonly string[], stored: Packed): Record<string, unknown> {
  const members: Record<string, unknown> = {}
  for (const [i, value] of stored.entries()) {
    if (Array.isArray(value)) Object.assign(members, value[0])
    else if (value !== null) members[positions[i] as string] = value
  }
  return members
}

export const inputsDocument = (inputs: Inputs): Packed => packed(inputPositions, inputs)
export const inputsOf = (stored: Packed): Inputs => unpacked(inputPositions, stored) as Inputs
