import { z } from 'zod'
import { currencySchema } from '../domain/calculator'
import {
  filterSchema,
  sequenceSchema,
  sessionsLimitDefault,
  sessionsLimitSchema,
  transitionsLimitDefault,
  transitionsLimitSchema,
} from '../domain/command'
import { sessionOrderFields } from '../domain/order'
import { stateSchema } from '../domain/session'
import { isExact } from '../http/json'

/**
 * Converts the text of a query parameter to a number; NaN if it is not one or would be rounded. A missing parameter
 * stays undefined.
 */
function numberOf(text: unknown): unknown {
  if (typeof text !== 'string') return text
  if (!/^-?\d+(\.\d+)?$/.test(text)) return Number.NaN
  return isExact(text) || !Number.isSafeInteger(Number(text)) ? Number(text) : Number.NaN
}

const transitionsPerPage = z
  .preprocess(numberOf, transitionsLimitSchema.default(transitionsLimitDefault))
  .describe('How many transitions the answer holds at most.')

const selection = {
  ...filterSchema.shape,
  state: stateSchema.optional().describe('Only sessions in this state.'),
}

// Schemas of queries. They check the requests and describe the parameters in OpenAPI. Unknown parameters are ignored.

export const listQuery = z.object({
  page: z.preprocess(numberOf, z.int().min(1).default(1)).describe('Which page; one past the end is empty.'),
  limit: z
    .preprocess(numberOf, sessionsLimitSchema.default(sessionsLimitDefault))
    .describe('How many sessions a page holds.'),
  ...selection,
  sort: z
    .enum(sessionOrderFields.flatMap(name => [name, `-${name}` as const]))
    .optional()
    .describe(
      'Another order, descending with `-`: texts by code point, a period by its last day, ties by id in the same direction, sessions without a value last. Its pages follow each other by `Link`, from the first on.',
    ),
  currency: currencySchema
    .optional()
    .describe('Amounts to sort by are those in this currency; none stated where it is missing.'),
  after: z.string().optional().describe('Of a `Link`: where a page goes on in the order of `sort`.'),
  format: z
    .enum(['csv'])
    .optional()
    .describe('The sessions that are selected as a CSV file, whichever the page, as with `Accept: text/csv`.'),
})

export const sharedQuery = z.object({
  format: z.enum(['json', 'csv']).optional().describe('The result as a file to keep.'),
})

export const summaryQuery = z.object(selection)

export const sessionEventsQuery = z.object({
  after: z
    .preprocess(numberOf, sequenceSchema.optional())
    .describe("The sequence to go on after; 0 where it is missing. At most the session's version."),
  limit: transitionsPerPage,
})

export const feedQuery = z.object({
  after: z.string().optional().describe('The cursor to go on after; now where it is missing.'),
  limit: transitionsPerPage,
  ...filterSchema.shape,
})
