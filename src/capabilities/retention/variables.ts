import type { z } from 'zod'
import { countSchema } from '../../variables'

export const retentionVariables = {
  SESSION_DAYS: countSchema.optional().describe('days without a change until a session is closed; unset: never'),
}

declare module '../../variables' {
  interface Config extends z.infer<z.ZodObject<typeof retentionVariables>> {}
}
