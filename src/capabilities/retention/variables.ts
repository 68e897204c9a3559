import { z } from 'zod'
import { countSchema } from '../../variables'

export const retentionVariables = {
  SESSION_DAYS: countSchema
    .optional()
    .describe('number of days without a change after which the server closes a session; unset: never'),
  SESSION_DAYS_CONFIRMED: z.iso
    .date('must be a date such as 2026-11-30')
    .optional()
    .describe(
      "today's date, such as `2026-11-30`: confirms that the clock is right while [closing sessions is on hold](data.md#if-the-clock-is-wrong)",
    ),
}

declare module '../../variables' {
  interface Config extends z.infer<z.ZodObject<typeof retentionVariables>> {}
}
