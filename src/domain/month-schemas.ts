import { z } from 'zod'
import { monthAt, monthPattern } from './months'

/** Schema of a month such as `2026-04`. */
export const monthSchema = z.string().regex(monthPattern, 'must be a month such as 2026-04')

/**
 * Schema of a month that a client sends: `2026-04`, or the month's first day, which is GraphQL's format. Any other day
 * is refused, because the client may not mean the whole month.
 */
export const statedMonthSchema = z
  .string()
  .regex(/^\d{4}-(?:0[1-9]|1[0-2])(?:-01)?$/, {
    error: 'must be a month such as 2026-04, or its first day such as 2026-04-01',
    // A text that is not a month is neither before nor after a month.
    abort: true,
  })
  .overwrite(monthAt)

/** Members that select sessions by the month of their current result. */
export const rangeMembers = {
  from: statedMonthSchema
    .optional()
    .describe('Only sessions whose current result belongs to this month or a later one. Write 2026-04 or 2026-04-01.'),
  to: statedMonthSchema
    .optional()
    .describe('Only sessions whose current result belongs to this month or an earlier one. Same format as `from`.'),
}

/** Adds the rule that these members must be in order to a schema that has them. */
export const withMonthsInOrder = <S extends z.ZodObject>(schema: S): S =>
  schema.refine(({ from, to }) => from === undefined || to === undefined || String(from) <= String(to), {
    path: ['to'],
    error: 'must not be before from',
  })

export const monthRangeSchema = withMonthsInOrder(z.strictObject(rangeMembers))
