import { z } from 'zod'
import { inputsSchema, type Outputs, outputsSchema, storedInputsSchema } from '../../domain/calculator'
import { allowedEvents, startSchema } from '../../domain/decide'
import { DomainError } from '../../domain/errors'
import { filterSchema, sessionsLimitDefault, sessionsLimitSchema } from '../../domain/list-query'
import { caveat } from '../../domain/methods'
import { rangeMembers, withMonthsInOrder } from '../../domain/month-schemas'
import { withMonths } from '../../domain/months'
import { newestFirst, sessionCursorOf, sortKeyFromCursor } from '../../domain/order'
import {
  expiresInDaysSchema,
  idempotencyLifetime,
  payloadSchemas,
  resultSchema,
  type Snapshot,
  sessionEventSchema,
  sharePath,
  shareSchema,
  shownResult,
  snapshotSchema,
  stateSchema,
} from '../../domain/session'
import { shownBy } from '../../domain/shown'
import { shownTime } from '../../domain/timestamp'
import {
  type Amounts,
  groupOrderSchema,
  monthsDefault,
  monthsSchema,
  searchSchema,
  summarySchema,
} from '../../domain/totals'
import { keyLength } from '../../sessions/idempotency-keys'
import type { Filter } from '../../sessions/session-reads'
import type { ChangeOutcome } from '../../sessions/sessions'
import { type Tool, tool } from '../../tool'

const changesNothing = { readOnlyHint: true }

// Arguments that several tools have.

const { session_id } = snapshotSchema.shape
const filter = {
  ...filterSchema.shape,
  state: stateSchema.optional().describe('Only sessions in this state.'),
  ...rangeMembers,
}
const filterOf = (stated: z.output<z.ZodObject<typeof filter>>): Filter => withMonths(stated) as Filter
const limit = sessionsLimitSchema.default(sessionsLimitDefault)
const after = z.string().optional().describe('`next` of the page before.')
const idempotency_key = z
  .string()
  .optional()
  .meta({ minLength: 1, maxLength: keyLength })
  .describe(
    `Any text, a new one for each change. A repeat with the same key and arguments gets the first response, for ${idempotencyLifetime}.`,
  )

const expires_in_days = expiresInDaysSchema
  .unwrap()
  .unwrap()
  .optional()
  .describe(`${expiresInDaysSchema.description} Only for ShareRequested.`)

/** Returns a command whose payload has the days, for ShareRequested. The use case refuses them with another event. */
const withExpiry = (command: { event?: unknown; payload?: unknown }, expires_in_days: number | undefined): object => {
  if (expires_in_days === undefined) return command
  if (command.event !== 'ShareRequested') return { ...command, expires_in_days }
  return { ...command, payload: { ...Object(command.payload), expires_in_days } }
}

// Parts of answers.

const next = z.string().nullable().describe('Pass it as `after` to get the next page. Null on the last page.')
const { results, amounts } = summarySchema.shape

/** A session as a list shows it. The figures are those of its current result, and missing without one. */
const rowSchema = z.object({
  ...snapshotSchema.pick({
    session_id: true,
    mentor_id: true,
    organisation_id: true,
    state: true,
    updated_at: true,
    version: true,
  }).shape,
  ...storedInputsSchema.pick({ label: true, currency: true, period: true }).shape,
  ...outputsSchema
    .pick({ programme_cost: true, time_value: true, net_benefit: true, benefit_cost_ratio: true })
    .partial().shape,
})

const changedSchema = z.object({
  ...snapshotSchema.shape,
  allowed_events: z.array(sessionEventSchema).describe('Events that the session accepts now.'),
  replayed: z.boolean().describe('Whether this repeats the response to an earlier call with the same key.'),
})

const shownSnapshot = shownBy(snapshotSchema)

/** Returns a session as clients see it, and the events that it accepts. */
const shownSession = (session: Snapshot) => ({ ...shownSnapshot(session), allowed_events: allowedEvents(session) })

const changed = ({ session, replayed }: ChangeOutcome) => ({ ...shownSession(session), replayed })

// Sentences.

const money = (amount: number, currency: string | null | undefined): string =>
  currency ? `${amount.toFixed(2)} ${currency}` : amount.toFixed(2)

const figures = (
  { time_value, programme_cost, net_benefit, benefit_cost_ratio }: Pick<Outputs, keyof Outputs & keyof Amounts>,
  currency: string | null | undefined,
): string => {
  const ratio = benefit_cost_ratio === null ? '' : `, a benefit-cost ratio of ${benefit_cost_ratio.toFixed(2)}`
  return `Net benefit ${money(net_benefit, currency)}: a value of ${money(time_value, currency)} for a cost of ${money(programme_cost, currency)}${ratio}.`
}

const stateOf = ({ session_id, state, version }: Snapshot): string =>
  `Session ${session_id} is in state ${state}, at version ${version}.`

// Tools that change nothing.

const calculate = tool({
  name: 'calculate',
  title: 'Calculate',
  description:
    'Calculates what the hours of a mentoring programme are worth, and stores nothing. An undefined output is null, and `undefined_because` has the reason. Report the caveat with the figures.',
  annotations: changesNothing,
  // The use case checks the inputs.
  input: z.unknown(),
  described: inputsSchema,
  output: z.object({ ...outputsSchema.shape, caveat: resultSchema.shape.caveat }),
  call(inputs, { useCases: { sessions } }) {
    const outputs = sessions.calculate(inputs)
    const { currency } = Object(inputs) as { currency?: string }
    return { text: figures(outputs, currency), data: { ...outputs, caveat } }
  },
})

const findSessions = tool({
  name: 'find_sessions',
  title: 'Find sessions',
  description:
    'Lists the sessions that match all arguments, newest first, with the main figures of their current results. A session is a calculation of a mentor.',
  annotations: changesNothing,
  input: withMonthsInOrder(z.strictObject({ ...filter, limit, after })),
  output: z.object({
    sessions: z.array(rowSchema),
    total: summarySchema.shape.sessions.describe('Number of all sessions that match.'),
    next,
  }),
  async call({ limit, after: cursor, ...selected }, { useCases: { reads } }) {
    const after = cursor === undefined ? undefined : sortKeyFromCursor(newestFirst, cursor)
    const [total, page] = await Promise.all([
      reads.count(filterOf(selected)),
      reads.sorted(filterOf(selected), newestFirst, { limit, after, withResults: true }),
    ])
    const last = page.sessions.at(-1)
    const sessions = page.sessions.map(({ session: { result, ...session } }) => ({
      ...session,
      updated_at: shownTime(session.updated_at),
      ...result?.inputs,
      ...result?.outputs,
    }))
    const more = page.more ? ' Pass `next` as `after` to get more.' : ''
    return {
      text: `Matching sessions: ${total}. This page has ${sessions.length}.${more}`,
      data: { sessions, total, next: last && page.more ? sessionCursorOf(newestFirst, last) : null },
    }
  },
})

const getSession = tool({
  name: 'get_session',
  title: 'Read a session',
  description: 'Returns a session with its current result, which has inputs, outputs and a caveat.',
  annotations: changesNothing,
  input: z.strictObject({ session_id }),
  output: z.object({
    ...changedSchema.omit({ replayed: true }).shape,
    result: resultSchema.nullable().describe('The current result. Null if there is none.'),
  }),
  async call({ session_id }, { useCases: { reads } }) {
    const { result, ...session } = await reads.withResult(session_id)
    const sentences = [stateOf(session), result ? figures(result.outputs, result.inputs.currency) : 'It has no result.']
    return {
      text: sentences.join(' '),
      data: { ...shownSession(session), result: result && shownResult(result) },
    }
  },
})

const getSummary = tool({
  name: 'get_summary',
  title: 'Sum up sessions',
  description:
    'Counts the sessions that match all arguments, and sums their current results by currency. Never add amounts in different currencies.',
  annotations: changesNothing,
  input: withMonthsInOrder(z.strictObject(filter)),
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
    'Sums the current results of the sessions that match all arguments by month, oldest first: the last months up to the current one, or with `from` or `to` exactly these, at most 120. A result belongs to the month in which its period ends or, without a period, in which it was computed.',
  annotations: changesNothing,
  input: withMonthsInOrder(
    z.strictObject({
      last: monthsSchema
        .optional()
        .describe(`Number of months, ${monthsDefault} if you leave it out. Not with \`from\` or \`to\`.`),
      ...filter,
    }),
  ),
  output: z.object({
    months: z.array(z.object({ month: z.string().describe('Such as 2026-03.'), results, amounts })),
  }),
  async call({ last, ...selected }, { useCases: { totals } }) {
    const trend = await totals.trend(filterOf(selected), last)
    const months = trend.map(({ month, ...sums }) => ({ ...sums, month: month.slice(0, 7) }))
    const count = months.reduce((sum, { results }) => sum + results, 0)
    return { text: `Results of ${months.length} months, up to ${months.at(-1)?.month}: ${count}.`, data: { months } }
  },
})

const compareOrganisations = tool({
  name: 'compare_organisations',
  title: 'Compare organisations',
  description:
    'Lists organisations with the totals of their sessions, in an order. Amounts are compared in one currency only. Sessions without an organisation are one group with the id null.',
  annotations: changesNothing,
  input: withMonthsInOrder(
    z.strictObject({
      ...filter,
      search: searchSchema.optional().describe('Beginning of the id, in any case.'),
      order_by: groupOrderSchema.shape.by,
      descending: groupOrderSchema.shape.descending,
      currency: groupOrderSchema.shape.currency.describe(
        'Currency of the amounts to compare. Without it, those that have none.',
      ),
      limit,
      after,
    }),
  ),
  output: z.object({
    organisations: z.array(
      z.object({
        organisation_id: snapshotSchema.shape.organisation_id,
        sessions: summarySchema.shape.sessions,
        results,
        amounts,
      }),
    ),
    total: summarySchema.shape.sessions.describe('Number of all organisations that match.'),
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
    const organisations = edges.map(({ node: { id, ...sums } }) => ({ organisation_id: id, ...sums }))
    return {
      text: `Matching organisations: ${total}. This page has ${organisations.length}, ordered by ${order_by}${descending ? ', highest first' : ''}.`,
      data: { organisations, total, next: hasNext ? (edges.at(-1)?.cursor ?? null) : null },
    }
  },
})

// Tools that change sessions.

const startSession = tool({
  name: 'start_session',
  title: 'Start a session',
  description: 'Starts a session for a mentor. It has no result until you dispatch CalculateRequested to it.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false },
  input: startSchema.extend({ idempotency_key }),
  output: changedSchema,
  async call({ idempotency_key, ...start }, { useCases: { sessions }, client }) {
    const outcome = await sessions.start(start, { ...client, idempotency_key })
    return { text: stateOf(outcome.session), data: changed(outcome) }
  },
})

const changeArguments = z.strictObject({
  session_id,
  expected_version: snapshotSchema.shape.version.describe(
    '`version` of the session as you read it. If it has another one by now, nothing changes.',
  ),
  event: z.unknown(),
  payload: z.unknown().optional(),
  expires_in_days,
  idempotency_key,
})

const dispatchEvent = tool({
  name: 'dispatch_event',
  title: 'Dispatch an event',
  description:
    'Changes a session. CalculateRequested calculates a new result; then read it with get_session. ShareRequested creates a share link; share_result also returns it. ShareRevokeRequested revokes all share links. ResetRequested removes the current result and revokes the share links. RetryRequested repeats a calculation that failed. `allowed_events` of the session names those that it accepts.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
  // The use case checks event and payload, after the version.
  input: changeArguments,
  described: changeArguments.extend({
    event: sessionEventSchema,
    payload: payloadSchemas.CalculateRequested.optional().describe(
      'The inputs of CalculateRequested. Leave it out with any other event.',
    ),
  }),
  output: changedSchema,
  async call(
    { session_id, expected_version, idempotency_key, expires_in_days, ...dispatched },
    { useCases: { sessions }, client },
  ) {
    const command = withExpiry(dispatched, expires_in_days)
    const conditions = { ...client, expected_versions: [expected_version], idempotency_key }
    const outcome = await sessions.dispatch(session_id, command, conditions)
    const isUnchanged = !outcome.replayed && outcome.transitions.length === 0
    const sentences = [stateOf(outcome.session), ...(isUnchanged ? ['The event changed nothing.'] : [])]
    return { text: sentences.join(' '), data: changed(outcome) }
  },
})

const shareResult = tool({
  name: 'share_result',
  title: 'Share a result',
  description:
    "Returns the share link of a session's current result, and creates it if there is none. Anyone with the link can see the result, but no names. Ask the user before you create one.",
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true },
  input: z.strictObject({ session_id, expires_in_days }),
  output: z.object({
    url: z.string().describe('The share link.'),
    ...shareSchema.pick({ result_id: true, expires_at: true }).shape,
  }),
  async call({ session_id, expires_in_days }, { useCases: { sessions, reads }, client, urlOf }) {
    await sessions.dispatch(session_id, withExpiry({ event: 'ShareRequested' }, expires_in_days), client)
    const share = await reads.findShare(session_id)
    // Another client has just revoked it.
    if (!share) throw new DomainError('share_gone')
    const url = urlOf(sharePath(share))
    const expires_at = shownTime(share.expires_at)
    return {
      text: `Anyone with this link can see the result, but no names, until ${expires_at.slice(0, 10)}: ${url}`,
      data: { url, result_id: share.result_id, expires_at },
    }
  },
})

export const readTools: Tool[] = [calculate, findSessions, getSession, getSummary, getTrend, compareOrganisations]

export const writeTools: Tool[] = [startSession, dispatchEvent, shareResult]
