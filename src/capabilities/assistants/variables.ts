import { z } from 'zod'

export const mcpVariables = {
  MCP: z
    .enum(['off', 'read', 'write'])
    .default('off')
    .describe(
      '`read` lets [assistants](../how-to/clients.md#assistants) call read-only tools at `/mcp`; `write` also allows tools that start, change and share sessions',
    ),
}

declare module '../../variables' {
  interface Config extends z.infer<z.ZodObject<typeof mcpVariables>> {}
}
