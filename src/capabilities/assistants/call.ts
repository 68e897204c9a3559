import type { CallToolResult, Tool as ListedTool } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { withDeadline } from '../../concurrency/deadline'
import { DomainError, valid } from '../../domain/errors'
import { currencies } from '../../domain/limits'
import type { Json } from '../../rest/description/json-schemas'
import type { Tool, ToolContext } from '../../tool'

/** Returns a tool as it appears in the `tools/list` response. */
export const listed = ({ name, title, description, annotations, input, described, output }: Tool): ListedTool => ({
  name,
  title,
  description,
  annotations: { ...annotations, openWorldHint: false },
  inputSchema: jsonSchema(described ?? input, 'input') as ListedTool['inputSchema'],
  outputSchema: jsonSchema(output, 'output'),
})

const currencyPattern = '^[A-Z]{3}$'

/**
 * Converts a zod schema to JSON Schema. Omits patterns and the list of currencies, because long schemas use up an
 * assistant's context. The server still enforces the patterns and the list of currencies.
 */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    override({ jsonSchema }) {
      if (jsonSchema.pattern !== currencyPattern) delete jsonSchema.pattern
      if (jsonSchema.enum?.length === currencies.size) {
        delete jsonSchema.enum
        jsonSchema.pattern = currencyPattern
      }
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (io === 'output') delete jsonSchema.additionalProperties
    },
  })
  return json
}

/** Maximum length in characters. A longer tool result would use too much of an assistant's context. */
export const answerCharacters = 256 * 1024

const answerTooLong = (): DomainError =>
  new DomainError('payload_too_large', { limit: answerCharacters }).withMessage(
    `The answer is longer than ${answerCharacters} characters. Ask for less: a smaller page, fewer months, or one mentor or organisation.`,
  )

/** A null argument counts as omitted. Throws the use case's errors, and `payload_too_large`. */
export async function call(tool: Tool, args: Json, context: ToolContext): Promise<CallToolResult> {
  const given = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null))
  const input = valid(tool.input, given)
  // When the caller's access ends, abort only read-only tools. Use cases that write data check the caller's access
  // themselves. Once a use case has begun to write, it always returns its outcome.
  const access = tool.annotations.readOnlyHint ? context.useCases.caller.access : undefined
  const { text, data } = await withDeadline({ ...context.client, access }, async () => tool.call(input, context))
  const structuredContent = tool.output.parse(data) as Json
  if (JSON.stringify(structuredContent).length > answerCharacters) throw answerTooLong()
  return { content: [{ type: 'text', text }], structuredContent }
}
