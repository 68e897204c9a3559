import { z } from 'zod'
import { monthPattern } from './months'

/** Schema of a month such as `2026-04`. */
export const monthSchema = z.string().regex(monthPattern, 'must be a month such as 2026-04')

/** Members that select sessions by the month of their current result. */
export const rangeMembers = {
  from: monthSchema
    .optional()
    .describe('Only sessions whose current result is of this month or a later one, such as 2026-04.'),
  to: monthSchema.optional().describe('Only sessions whose current result is of this month or an earlier one.'),
}

/** Adds to a schema with these members that they must be in order. */
export const withMonthsInOrder = <S extends z.ZodObject>(schema: S): S =>
  schema.refine(({ from, to }) => from === undefined || to === undefined || String(from) <= String(to), {
    path: ['to'],
    error: 'must not be before from',
  })

export const monthRangeSchema = withMonthsInOrder(z.strictObject(rangeMembers))
