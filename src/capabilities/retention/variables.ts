import { z } from 'zod'
import { countSchema } from '../../variables'

export const retentionVariables = {
  SESSION_DAYS: countSchema.optional().describe('days without a change until a session is closed; unset: never'),
  SESSION_DAYS_CONFIRMED: z.iso
    .date('must be a date such as 2026-11-30')
    .optional()
    .describe(
      "today's date, such as `2026-11-30`: says that the clock is right, if the log says that [closing sessions is on hold](data.md#if-the-clock-is-wrong)",
    ),
}

declare module '../../variables' {
  interface Config extends z.infer<z.ZodObject<typeof retentionVariables>> {}
}
