import { z } from 'zod'
import { currencySchema } from '../domain/calculator'
import {
  filterSchema,
  sequenceSchema,
  sessionsLimitDefault,
  sessionsLimitSchema,
  transitionsLimitDefault,
  transitionsLimitSchema,
} from '../domain/list-query'
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
  .describe('Maximum number of transitions in the response.')

const selection = {
  ...filterSchema.shape,
  state: stateSchema.optional().describe('Only sessions in this state.'),
}

// Schemas of queries. They check the requests and describe the parameters in OpenAPI. Unknown parameters are ignored.

export const listQuery = z.object({
  page: z
    .preprocess(numberOf, z.int().min(1).default(1))
    .describe('Number of the page, from 1. A page past the end is empty.'),
  limit: z
    .preprocess(numberOf, sessionsLimitSchema.default(sessionsLimitDefault))
    .describe('Maximum number of sessions per page.'),
  ...selection,
  sort: z
    .enum(sessionOrderFields.flatMap(name => [name, `-${name}` as const]))
    .optional()
    .describe(
      'Sort order, descending with `-`. Texts are compared by code point, periods by their last day. Ties are ordered by id, in the same direction. Sessions without the value come last. Follow `Link` from the first page to get the next ones.',
    ),
  currency: currencySchema
    .optional()
    .describe('Sorts by the amounts in this currency. If missing, sorts by the amounts without a currency.'),
  after: z.string().optional().describe('Cursor of a page in the order of `sort`, taken from `Link`.'),
  format: z
    .enum(['csv'])
    .optional()
    .describe('Returns all selected sessions, not only one page, as a CSV file. `Accept: text/csv` does the same.'),
})

export const sharedQuery = z.object({
  format: z.enum(['json', 'csv']).optional().describe('Returns the result as a file to download.'),
})

export const summaryQuery = z.object(selection)

export const sessionEventsQuery = z.object({
  after: z
    .preprocess(numberOf, sequenceSchema.optional())
    .describe("Sequence after which to continue. Default: 0. At most the session's version."),
  limit: transitionsPerPage,
})

export const feedQuery = z.object({
  after: z.string().optional().describe('Cursor after which to continue. Default: the current cursor.'),
  limit: transitionsPerPage,
  ...filterSchema.shape,
})
