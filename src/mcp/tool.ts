import type { CallToolResult, Tool as ListedTool, ToolAnnotations } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { withDeadline } from '../concurrency/deadline'
import { DomainError, valid } from '../domain/errors'
import { currencies } from '../domain/limits'
import type { Json } from '../rest/description/json-schemas'
import type { Conditions } from '../sessions/sessions'
import type { UseCases } from '../use-cases'

/** What a tool uses beside its input. */
export interface ToolContext {
  useCases: UseCases
  client: Pick<Conditions, 'request_id' | 'wanted'>
  /** Returns the URL at which the client reaches a path of this server. */
  urlOf(path: string): string
}

/** The answer of a tool. */
interface Answer<Data> {
  /** One or two sentences. They contain no text that a user wrote, because an assistant could take it for an instruction. */
  text: string
  data: Data
}

/** A tool for assistants. It calls use cases. */
export interface Tool<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  name: string
  title: string
  description: string
  annotations: ToolAnnotations
  /** Checks the arguments. */
  input: Input
  /** Describes the arguments in place of `input`, if the use case checks some of them itself. */
  described?: z.ZodType
  /** Describes the data. Members of the data that it does not have are left out. */
  output: Output
  call(input: z.output<Input>, context: ToolContext): Answer<z.input<Output>> | Promise<Answer<z.input<Output>>>
}

/** Infers the types of a tool from its schemas. */
export const tool = <Input extends z.ZodType, Output extends z.ZodType>(described: Tool<Input, Output>): Tool =>
  described

/** Returns a tool as a client sees it listed. */
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
 * Converts a schema to JSON Schema. Assistants read the schemas of all tools, so they are short: without patterns and
 * without the list of currencies. The server checks both.
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

/** Maximum length of the data of an answer as JSON, in characters. A longer one would fill the context of an assistant. */
export const answerCharacters = 256 * 1024

const answerTooLong = (): DomainError =>
  new DomainError('payload_too_large', { limit: answerCharacters }).withMessage(
    `The answer is longer than ${answerCharacters} characters. Ask for less: a smaller page, fewer months, or one mentor or organisation.`,
  )

/**
 * Calls a tool with arguments of a client. A null argument counts as left out. Throws like the use cases, and
 * payload_too_large if the answer is too long.
 */
export async function call(tool: Tool, args: Json, context: ToolContext): Promise<CallToolResult> {
  const given = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null))
  const input = valid(tool.input, given)
  const { text, data } = await withDeadline(context.client, async () => tool.call(input, context))
  const structuredContent = tool.output.parse(data) as Json
  if (JSON.stringify(structuredContent).length > answerCharacters) throw answerTooLong()
  return { content: [{ type: 'text', text }], structuredContent }
}
