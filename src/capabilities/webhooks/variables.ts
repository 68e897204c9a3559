import type { z } from 'zod'
import { switchSchema } from '../../variables'

export const webhookVariables = {
  WEBHOOKS: switchSchema('off').describe(
    '`on` lets admins and coordinators register URLs that the server calls ([webhooks](../reference/webhooks.md))',
  ),
  WEBHOOKS_ALLOW_PRIVATE: switchSchema('off').describe(
    'for development: `on` allows `http:` and private addresses in webhook URLs',
  ),
}

declare module '../../variables' {
  interface Config extends z.infer<z.ZodObject<typeof webhookVariables>> {}
}
