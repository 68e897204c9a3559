import { z } from 'zod'
import { shownTime } from '../../domain/timestamp'
import { type Summary, summarySchema } from '../../domain/totals'
import { sendCompressedJson } from '../../http/compression'
import type { Filter } from '../../sessions/session-reads'
import { examples } from '../description/examples'
import { component } from '../description/json-schemas'
import type { Handler, Resource } from '../resource'
import { filterParameters } from './sessions'

export const summariesPath = '/api/v1/benefit-summaries'

const { amounts, calculations, states } = component('Summary', summarySchema).shape
component('Amounts', amounts.element)
component('MinuteCount', calculations.element)
component('StateCount', states.element)

const summaryBody = (summary: Summary): Summary => ({
  ...summary,
  calculations: summary.calculations.map(({ minute, count }) => ({ minute: shownTime(minute), count })),
})

const summaryQuery = z.strictObject(filterParameters)

const readSummary: Handler<z.output<typeof summaryQuery>> = async (
  _request,
  response,
  { totals },
  _type,
  _context,
  filter,
) => sendCompressedJson(response, JSON.stringify(summaryBody(await totals.summary(filter as Filter))))

export const totalsResources: Resource[] = [
  {
    path: summariesPath,
    get: {
      handler: readSummary,
      id: 'readSummary',
      tag: 'Totals',
      summary: 'Read the totals of sessions',
      description:
        'Counts the sessions that match the filter, and sums their current results by currency. GraphQL has a subscription that sends the totals again after each change.',
      query: summaryQuery,
      responses: {
        200: {
          description: 'The current totals.',
          body: summarySchema,
          example: summaryBody(examples.summary),
        },
      },
    },
  },
]
