import { z } from 'zod'
import { filterMembers, filterOf } from '../../domain/list-query'
import { withMonthsInOrder } from '../../domain/month-schemas'
import { snapshotSchema } from '../../domain/session'
import { changesNothing, figures, next, pageArguments, type Tool, tool } from '../../tool'
import { groupOrderSchema, monthsDefault, monthsSchema, searchSchema, summarySchema } from './model'

const { sessions, results, amounts } = summarySchema.shape

const getSummary = tool({
  name: 'get_summary',
  title: 'Sum up sessions',
  description:
    'Counts the sessions that match all arguments, and sums their current results by currency. Never add amounts in different currencies.',
  annotations: changesNothing,
  input: withMonthsInOrder(z.strictObject(filterMembers)),
  output: z.object(summarySchema.omit({ calculations: true }).shape),
  async call(selected, { useCases: { totals } }) {
    const summary = await totals.summary(filterOf(selected))
    const [most, ...others] = summary.amounts
    const sentences = [
      `Matching sessions: ${summary.sessions}, with a result: ${summary.results}.`,
      ...(most ? [figures(most, most.currency)] : []),
      ...(others.length > 0 ? [`Sums in other currencies: ${others.length}.`] : []),
    ]
    return { text: sentences.join(' '), data: summary }
  },
})

const getTrend = tool({
  name: 'get_trend',
  title: 'Follow the months',
  description:
    'Sums the current results of the matching sessions by month, oldest first. By default, covers the last months up to the current one. With `from` or `to`, covers exactly these months, at most 120. A result belongs to the month in which its period ends or, without a period, in which it was computed.',
  annotations: changesNothing,
  input: withMonthsInOrder(
    z.strictObject({
      last: monthsSchema
        .optional()
        .describe(`Number of months, up to the current one. Default: ${monthsDefault}. Not with \`from\` or \`to\`.`),
      ...filterMembers,
    }),
  ),
  output: z.object({
    months: z.array(z.object({ month: z.string().describe('The month, such as 2026-03.'), results, amounts })),
  }),
  async call({ last, ...selected }, { useCases: { totals } }) {
    const trend = await totals.trend(filterOf(selected), last)
    const months = trend.map(({ month, ...sums }) => ({ ...sums, month: month.slice(0, 7) }))
    const count = months.reduce((sum, { results }) => sum + results, 0)
    return {
      text: `Number of results in the ${months.length} months up to ${months.at(-1)?.month}: ${count}.`,
      data: { months },
    }
  },
})

const compareOrganisations = tool({
  name: 'compare_organisations',
  title: 'Compare organisations',
  description:
    'Lists organisations with the totals of their sessions, sorted by `order_by`. Amounts are compared only in one currency. Sessions without an organisation form one group, whose id is null.',
  annotations: changesNothing,
  input: withMonthsInOrder(
    z.strictObject({
      ...filterMembers,
      search: searchSchema.optional().describe('Case-insensitive prefix of the id.'),
      order_by: groupOrderSchema.shape.by,
      descending: groupOrderSchema.shape.descending,
      currency: groupOrderSchema.shape.currency.describe(
        'Currency of the amounts to compare. If missing, compares amounts without a currency.',
      ),
      ...pageArguments,
    }),
  ),
  output: z.object({
    organisations: z.array(
      z.object({
        organisation_id: snapshotSchema.shape.organisation_id,
        sessions,
        results,
        amounts,
      }),
    ),
    total: sessions.describe('Number of matching organisations.'),
    next,
  }),
  async call({ search, order_by, descending, currency, limit, after, ...selected }, { useCases: { totals } }) {
    const order = { by: order_by, descending, currency }
    const { edges, total, hasNext } = await totals.organisations(filterOf(selected), {
      search,
      order,
      first: limit,
      after,
    })
    const organisations = edges.map(({ node: { id, sessions, results, amounts } }) => ({
      organisation_id: id,
      sessions,
      results,
      amounts,
    }))
    return {
      text: `Matching organisations: ${total}. This page has ${organisations.length}, ordered by ${order_by}${descending ? ', highest first' : ''}.`,
      data: { organisations, total, next: hasNext ? (edges.at(-1)?.cursor ?? null) : null },
    }
  },
})

export const totalsTools: Tool[] = [getSummary, getTrend, compareOrganisations]
