import { z } from 'zod'
import { monthAt, monthPattern } from './months'

export const monthSchema = z.string().regex(monthPattern, 'must be a month such as 2026-04')

/**
 * Schema of a month in a request: `2026-04`, or the month's first day, which GraphQL clients send. Any other day is
 * refused, because it is unclear whether the client means the whole month.
 */
export const statedMonthSchema = z
  .string()
  .regex(/^\d{4}-(?:0[1-9]|1[0-2])(?:-01)?$/, {
    error: 'must be a month such as 2026-04, or its first day such as 2026-04-01',
    // Abort, so that later checks are skipped: the order of `from` and `to` can only be checked for valid months.
    abort: true,
  })
  .overwrite(monthAt)

export const rangeMembers = {
  from: statedMonthSchema
    .optional()
    .describe('Only sessions whose current result belongs to this month or a later one. Write 2026-04 or 2026-04-01.'),
  to: statedMonthSchema
    .optional()
    .describe('Only sessions whose current result belongs to this month or an earlier one. Same format as `from`.'),
}

/** Adds a rule to a schema: `from` must not be after `to`. */
export const withMonthsInOrder = <S extends z.ZodObject>(schema: S): S =>
  schema.refine(({ from, to }) => from === undefined || to === undefined || String(from) <= String(to), {
    path: ['to'],
    error: 'must not be before from',
  })

export const monthRangeSchema = withMonthsInOrder(z.strictObject(rangeMembers))
