import { z } from 'zod'
import type { Outputs } from './domain/calculator'
import type { Caller } from './domain/caller'
import { sessionsLimitDefault, sessionsLimitSchema } from './domain/list-query'
import type { Conditions } from './sessions/session-commands'
import type { UseCases } from './use-cases'

export interface ToolContext {
  useCases: UseCases
  client: Pick<Conditions, 'request_id' | 'signal'>
  /** Returns the URL at which the client can reach a path of this server. */
  urlOf(path: string): string
}

interface Answer<Data> {
  /** One or two sentences that don't quote users' text, which an assistant could mistake for an instruction. */
  text: string
  data: Data
}

export interface Tool<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  name: string
  title: string
  description: string
  /** Hints for the assistant's user interface, as defined by the Model Context Protocol. */
  annotations: { readOnlyHint: boolean; destructiveHint?: boolean; idempotentHint?: boolean }
  /**
   * Returns whether `tools/list` includes the tool for a caller. By default, `tools/list` includes every tool that the
   * caller's role allows. If a client calls an omitted tool anyway, the use case throws an error.
   */
  isFor?(caller: Caller): boolean
  input: Input
  /** What assistants see instead of `input`. Set it if the use case itself validates some of the arguments. */
  described?: z.ZodType
  /** Before the server sends an answer, it removes all data that this schema does not list. */
  output: Output
  call(input: z.output<Input>, context: ToolContext): Answer<z.input<Output>> | Promise<Answer<z.input<Output>>>
}

export const tool = <Input extends z.ZodType, Output extends z.ZodType>(described: Tool<Input, Output>): Tool =>
  described

// Schemas and functions that several tools share.

export const changesNothing = { readOnlyHint: true }

export const pageArguments = {
  limit: sessionsLimitSchema.default(sessionsLimitDefault),
  after: z.string().optional().describe('`next` from the previous page.'),
}
export const next = z.string().nullable().describe('To get the next page, pass this as `after`. Null on the last page.')

const money = (amount: number, currency: string | null | undefined): string =>
  currency ? `${amount.toFixed(2)} ${currency}` : amount.toFixed(2)

export const figures = (
  {
    time_value,
    programme_cost,
    net_benefit,
    benefit_cost_ratio,
  }: Pick<Outputs, 'time_value' | 'programme_cost' | 'net_benefit' | 'benefit_cost_ratio'>,
  currency: string | null | undefined,
): string => {
  const ratio = benefit_cost_ratio === null ? '' : `, a benefit-cost ratio of ${benefit_cost_ratio.toFixed(2)}`
  return `Net benefit ${money(net_benefit, currency)}: a value of ${money(time_value, currency)} for a cost of ${money(programme_cost, currency)}${ratio}.`
}
