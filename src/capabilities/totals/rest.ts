import { z } from 'zod'
import { currencySchema } from '../../domain/calculator'
import { withExample } from '../../domain/example'
import { filterOf, sessionsLimitDefault, sessionsLimitSchema } from '../../domain/list-query'
import { snapshotSchema } from '../../domain/session'
import { shownBy } from '../../domain/shown'
import { sendCompressedJson } from '../../http/compression'
import { component } from '../../rest/description/json-schemas'
import { booleanOf, type Handler, numberOf, type Operation, type Resource } from '../../rest/resource'
import { mentorsPath } from '../../rest/resources/access'
import { filterParameters, selecting } from '../../rest/resources/sessions'
import type { UseCases } from '../../use-cases'
import type { GroupPage, GroupsRequest } from './groups'
import {
  count,
  type Group,
  groupFields,
  groupOrderSchema,
  groupSchema,
  monthsDefault,
  monthsSchema,
  monthTotalsSchema,
  searchSchema,
  summarySchema,
} from './model'
import type { Grouping } from './tallies'

export const tag = {
  name: 'Totals',
  description: 'Totals of sessions: overall, per month, per mentor and per organisation.',
}

export const summariesPath = '/api/v1/benefit-summaries'
const trendsPath = '/api/v1/benefit-trends'
const organisationsPath = '/api/v1/benefit-organisations'

const { amounts, calculations, states } = component('Summary', summarySchema).shape
component('Amounts', amounts.element)
component('MinuteCount', calculations.element)
component('StateCount', states.element)

// Summary

const summaryBody = shownBy(summarySchema)

const summaryQuery = selecting(z.strictObject(filterParameters))

const readSummary: Handler<z.output<typeof summaryQuery>> = async ({ response, useCases: { totals }, query }) =>
  sendCompressedJson(response, JSON.stringify(summaryBody(await totals.summary(filterOf(query)))))

// Trend

const trendQuery = selecting(
  z.strictObject({
    ...filterParameters,
    last: z
      .preprocess(numberOf, monthsSchema.optional())
      .describe(
        `Number of months, up to and including the current one. Default: ${monthsDefault}. Cannot be combined with \`from\` or \`to\`.`,
      ),
  }),
)

const trendSchema = component(
  'Trend',
  z.strictObject({
    data: z.array(component('MonthTotals', monthTotalsSchema)).describe('Totals per month, oldest first.'),
  }),
)

const readTrend: Handler<z.output<typeof trendQuery>> = async ({
  response,
  useCases: { totals },
  query: { last, ...query },
}) => sendCompressedJson(response, JSON.stringify({ data: await totals.trend(filterOf(query), last) }))

// Mentors and organisations

const groupsQuery = selecting(
  z.strictObject({
    ...filterParameters,
    search: searchSchema
      .optional()
      .describe('Lists only mentors or organisations whose id begins with this text, regardless of case.'),
    order_by: z.enum(groupFields).default('id').describe('Sort key. Ties are ordered by id.'),
    descending: z
      .preprocess(booleanOf, z.boolean().default(false))
      .describe('Whether the largest value comes first. Groups without the sort key come last in both directions.'),
    currency: currencySchema
      .optional()
      .describe(
        'Sorts by the amounts in this currency. If `currency` is missing, sorts by the amounts without a currency.',
      ),
    limit: z
      .preprocess(numberOf, sessionsLimitSchema.default(sessionsLimitDefault))
      .describe('Maximum number of groups per page.'),
    after: z.string().optional().describe('`next` from the previous page, which must have the same order.'),
  }),
)
type GroupsQuery = z.output<typeof groupsQuery>

const paginationSchema = component(
  'GroupPagination',
  z.strictObject({
    limit: withExample(z.int().min(1), sessionsLimitDefault),
    total: count,
    next: z.string().nullable().describe('Cursor of the next page. Send it as `after`. Null on the last page.'),
  }),
)

const { id: _, organisation_id: __, organisations: ___, ...sums } = groupSchema.shape
const { mentor_id, organisation_id } = snapshotSchema.shape

/** Schemas of a mentor's totals and of an organisation's totals, each with the mentor's or organisation's id. */
export const groupSchemas = {
  mentor_id: component(
    'MentorTotals',
    z.strictObject({
      mentor_id,
      ...sums,
      organisation_id: groupSchema.shape.organisation_id
        .optional()
        .describe(
          'Organisation of the mentor’s sessions that match the filter. Null if the sessions have several organisations or none. Present only in the list of mentors.',
        ),
      organisations: z
        .int()
        .min(0)
        .optional()
        .describe(
          'Number of organisations of the mentor’s sessions that match the filter. Sessions without an organisation count as one more. Present only in the list of mentors.',
        ),
    }),
  ),
  organisation_id: component('OrganisationTotals', z.strictObject({ organisation_id, ...sums })),
}

export const groupBody = (name: Grouping, { id, organisation_id, organisations, ...sums }: Group) => ({
  [name]: id,
  ...sums,
  ...(organisations !== null && { organisation_id, organisations }),
})

/**
 * Returns the operation that lists the totals of mentors or organisations. `name` is the response member that contains
 * a group's id.
 */
function listGroups(
  name: Grouping,
  read: (totals: UseCases['totals'], ...request: Parameters<UseCases['totals']['mentors']>) => Promise<GroupPage>,
  described: { id: string; summary: string; description: string; page: string },
): Operation {
  const handler: Handler<GroupsQuery> = async ({
    response,
    useCases: { totals },
    query: { search, order_by, descending, currency, limit, after, ...query },
  }) => {
    const order = groupOrderSchema.parse({ by: order_by, descending, currency })
    const request: GroupsRequest = { search, order, first: limit, after }
    const { edges, total, hasNext } = await read(totals, filterOf(query), request)
    const next = hasNext ? (edges.at(-1)?.cursor ?? null) : null
    const data = edges.map(({ node }) => groupBody(name, node))
    await sendCompressedJson(response, JSON.stringify({ data, pagination: { limit, total, next } }))
  }
  const { id, summary, description } = described
  return {
    handler,
    id,
    tag,
    summary,
    description,
    query: groupsQuery,
    responses: {
      200: {
        description: 'A page of totals, and the cursor of the next page.',
        body: component(
          described.page,
          z.strictObject({ data: z.array(groupSchemas[name]), pagination: paginationSchema }),
        ),
      },
    },
    problems: ['invalid_cursor'],
  }
}

export const totalsResources: Resource[] = [
  {
    path: summariesPath,
    get: {
      handler: readSummary,
      id: 'readSummary',
      tag,
      summary: 'Read the totals of sessions',
      description:
        'Counts the sessions that match the filter, and sums their current results by currency. GraphQL has a subscription that sends the totals again after changes.',
      query: summaryQuery,
      responses: {
        200: {
          description: 'The current totals.',
          body: summarySchema,
        },
      },
    },
  },
  {
    path: trendsPath,
    get: {
      handler: readTrend,
      id: 'readTrend',
      tag,
      summary: 'Read the totals of sessions by month',
      description:
        'Sums the current results of the sessions that match the filter, by month in UTC. A result belongs to the month in which its period ends or, without a period, in which it was computed. With `from` or `to`, returns exactly these months, at most 120. If `from` is missing, the trend begins with the first month that has a result. If `to` is missing, it ends with the current month, or with the last month that has a result if that is later. Without `from` and `to`, returns the `last` months up to the current month.',
      query: trendQuery,
      responses: {
        200: {
          description: 'The months, oldest first. A month without results has no amounts.',
          body: trendSchema,
        },
      },
    },
  },
  {
    path: mentorsPath,
    get: listGroups('mentor_id', (totals, ...request) => totals.mentors(...request), {
      id: 'listMentors',
      summary: 'List the totals of mentors',
      description: 'Lists the mentors with sessions that match the filter, with the totals of each mentor.',
      page: 'MentorTotalsPage',
    }),
  },
  {
    path: organisationsPath,
    get: listGroups('organisation_id', (totals, ...request) => totals.organisations(...request), {
      id: 'listOrganisations',
      summary: 'List the totals of organisations',
      description:
        'Lists the organisations with sessions that match the filter, with the totals of each organisation. Sessions without an organisation form one group, whose `organisation_id` is null.',
      page: 'OrganisationTotalsPage',
    }),
  },
]
