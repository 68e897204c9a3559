import type { z } from 'zod'
import type { Conditions } from './sessions/sessions'
import type { UseCases } from './use-cases'

/** What a tool uses beside its input. */
export interface ToolContext {
  useCases: UseCases
  client: Pick<Conditions, 'request_id' | 'signal'>
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
  /** Hints for the assistant's user interface, as the Model Context Protocol names them. */
  annotations: { readOnlyHint: boolean; destructiveHint?: boolean; idempotentHint?: boolean }
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
