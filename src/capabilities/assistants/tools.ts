import { z } from 'zod'
import { inputsSchema, outputsSchema, storedInputsSchema } from '../../domain/calculator'
import { managesOrganisation } from '../../domain/caller'
import { allowedEvents, startSchema } from '../../domain/decide'
import { DomainError } from '../../domain/errors'
import { commandOf, payloadMember, payloadMembers } from '../../domain/flat-command'
import { idempotencyLifetime } from '../../domain/idempotency-record'
import { filterMembers, filterOf, withOneOrganisation } from '../../domain/list-query'
import { caveat } from '../../domain/methods'
import { withMonthsInOrder } from '../../domain/month-schemas'
import { newestFirst, sessionCursorOf, sortKeyFromCursor } from '../../domain/order'
import { descriptionOf, unwrapped } from '../../domain/schema-parts'
import {
  expiresInDaysSchema,
  payloadSchemas,
  resultSchema,
  type Snapshot,
  sessionEventSchema,
  sharePath,
  shareSchema,
  shownResult,
  snapshotSchema,
} from '../../domain/session'
import { shownBy } from '../../domain/shown'
import { shownTime } from '../../domain/timestamp'
import { keyLength } from '../../sessions/idempotency-keys'
import type { ChangeOutcome } from '../../sessions/session-commands'
import { changesNothing, figures, next, pageArguments, type Tool, tool } from '../../tool'

// Arguments that several tools share.

const { session_id } = snapshotSchema.shape
const idempotency_key = z
  .string()
  .optional()
  .meta({ minLength: 1, maxLength: keyLength })
  .describe(
    `Any text. Use a new key for each change. For ${idempotencyLifetime}, a repeated call with the same key and arguments gets the first response.`,
  )

const expires_in_days = expiresInDaysSchema
  .unwrap()
  .unwrap()
  .optional()
  .describe(`${expiresInDaysSchema.description} Only for ShareRequested.`)

// Schemas and functions for tool results.

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
  replayed: z.boolean().describe('Whether this is the response to an earlier call with the same key.'),
})

const shownSnapshot = shownBy(snapshotSchema)

const shownSession = (session: Snapshot) => ({ ...shownSnapshot(session), allowed_events: allowedEvents(session) })

const changed = ({ session, replayed }: ChangeOutcome) => ({ ...shownSession(session), replayed })

const stateOf = ({ session_id, state, version }: Snapshot): string =>
  `Session ${session_id} is in state ${state}, at version ${version}.`

// Read-only tools.

const calculate = tool({
  name: 'calculate',
  title: 'Calculate',
  description:
    'Calculates what the hours of a mentoring programme are worth, and stores nothing. An undefined output is null, and `undefined_because` has the reason. Report the caveat with the figures.',
  annotations: changesNothing,
  // Don't validate the calculation's inputs here, because the use case validates them.
  input: z.unknown(),
  described: inputsSchema,
  output: z.object({ ...outputsSchema.shape, caveat: resultSchema.shape.caveat }),
  async call(inputs, { useCases: { sessions } }) {
    const outputs = await sessions.calculate(inputs)
    const { currency } = Object(inputs) as { currency?: string }
    return { text: figures(outputs, currency), data: { ...outputs, caveat } }
  },
})

const findSessions = tool({
  name: 'find_sessions',
  title: 'Find sessions',
  description:
    "Lists the sessions that match all arguments, newest first, with the main figures of their current results. A session is a mentor's calculation.",
  annotations: changesNothing,
  input: withMonthsInOrder(z.strictObject({ ...filterMembers, ...pageArguments })),
  output: z.object({
    sessions: z.array(rowSchema),
    total: z.int().min(0).describe('Number of matching sessions.'),
    next,
  }),
  async call({ limit, after: cursor, ...selected }, { useCases: { queries } }) {
    const after = cursor === undefined ? undefined : sortKeyFromCursor(queries.cursors, newestFirst, cursor)
    const [total, page] = await Promise.all([
      queries.count(filterOf(selected)),
      queries.sorted(filterOf(selected), newestFirst, { limit, after, withResults: true }),
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
      data: { sessions, total, next: last && page.more ? sessionCursorOf(queries.cursors, newestFirst, last) : null },
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
    result: resultSchema.nullable().describe('The current result. Null if the session has none.'),
  }),
  async call({ session_id }, { useCases: { queries } }) {
    const { result, ...session } = await queries.withResult(session_id)
    const sentences = [stateOf(session), result ? figures(result.outputs, result.inputs.currency) : 'It has no result.']
    return {
      text: sentences.join(' '),
      data: { ...shownSession(session), result: result && shownResult(result) },
    }
  },
})

// Tools that change sessions.

const startSession = tool({
  name: 'start_session',
  title: 'Start a session',
  description:
    'Starts a session for a mentor. With `inputs`, it also calculates. Without them, the session has no result until you dispatch CalculateRequested to it.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false },
  input: startSchema.extend({ idempotency_key }),
  output: changedSchema,
  async call({ idempotency_key, ...start }, { useCases: { sessions }, client }) {
    const outcome = await sessions.start(start, { ...client, idempotency_key })
    return { text: stateOf(outcome.session), data: changed(outcome) }
  },
})

/** Events of dispatch_event. The event ReassignRequested has a tool of its own. */
const dispatchedEvents = sessionEventSchema.exclude(['ReassignRequested'])

/** Assistants can't show the organisation on a share link. */
const { show_organisation: _, ...payloadArguments } = Object.fromEntries(
  dispatchedEvents.options.flatMap(event =>
    Object.entries(payloadMembers(event)).map(([name, schema]) => [
      name,
      unwrapped(schema)
        .optional()
        .describe(`${descriptionOf(schema) ?? ''} Only for ${event}.`.trim()),
    ]),
  ),
)

// Don't validate `event` and required payloads here, because the use case validates them after it has checked the
// version.
const unchecked = Object.fromEntries(
  dispatchedEvents.options.flatMap(event => payloadMember(event) ?? []).map(name => [name, z.unknown().optional()]),
)

const changeArguments = z.strictObject({
  session_id,
  expected_version: snapshotSchema.shape.version.describe(
    'The `version` of the session as you read it. If the session has changed since, the call fails.',
  ),
  event: z.unknown(),
  ...payloadArguments,
  ...unchecked,
  expires_in_days,
  idempotency_key,
})

const dispatchEvent = tool({
  name: 'dispatch_event',
  title: 'Dispatch an event',
  description:
    'Changes a session. CalculateRequested calculates a new result. Read it with get_session. ShareRequested creates a share link. Use share_result to get the link too. ShareRevokeRequested revokes all share links. ResetRequested removes the current result and revokes the share links. RetryRequested repeats a calculation that failed. For ReassignRequested, use reassign_session. The session accepts the events in its `allowed_events`.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
  input: changeArguments,
  described: changeArguments.extend({
    event: dispatchedEvents,
    ...payloadArguments,
    expires_in_days,
    payload: payloadSchemas.CalculateRequested.optional().describe(
      'Inputs for CalculateRequested. Omit them with any other event.',
    ),
  }),
  output: changedSchema,
  async call({ session_id, expected_version, idempotency_key, ...command }, { useCases: { sessions }, client }) {
    const conditions = { ...client, expected_versions: [expected_version], idempotency_key }
    const outcome = await sessions.dispatch(session_id, commandOf(command), conditions)
    const isUnchanged = !outcome.replayed && outcome.transitions.length === 0
    const sentences = [stateOf(outcome.session), ...(isUnchanged ? ['The event changed nothing.'] : [])]
    return { text: sentences.join(' '), data: changed(outcome) }
  },
})

const { mentor_id, organisation_id } = payloadSchemas.ReassignRequested.shape

const reassignArguments = changeArguments
  .pick({ session_id: true, expected_version: true, idempotency_key: true })
  .extend({
    mentor_id: z.unknown().optional(),
    organisation_id: z.unknown().optional(),
    // Null can't mean "remove the organisation", because assistants send null for arguments that they omit.
    without_organisation: z.boolean().optional().describe("True removes the session's organisation."),
  })

const reassignSession = tool({
  name: 'reassign_session',
  title: 'Change mentor or organisation',
  description:
    'Gives a session to another mentor or organisation, to correct a mistake. The session keeps its results and share links. Only admins and coordinators may reassign sessions, and only within their scope. Ask the user before you do it.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
  isFor: managesOrganisation,
  // Don't validate the new ids here, because the use case validates them after it has checked the version.
  input: withOneOrganisation(reassignArguments),
  described: reassignArguments.extend({
    mentor_id: mentor_id.unwrap().unwrap().optional(),
    organisation_id: organisation_id.unwrap().unwrap().optional().describe("The session's new organisation."),
  }),
  output: changedSchema,
  async call(
    { session_id, expected_version, idempotency_key, without_organisation, ...owner },
    { useCases: { sessions }, client },
  ) {
    const conditions = { ...client, expected_versions: [expected_version], idempotency_key }
    const payload = without_organisation ? { organisation_id: null, ...owner } : owner
    const outcome = await sessions.dispatch(session_id, { event: 'ReassignRequested', payload }, conditions)
    return { text: stateOf(outcome.session), data: changed(outcome) }
  },
})

const shareResult = tool({
  name: 'share_result',
  title: 'Share a result',
  description:
    "Returns the share link of a session's current result, and creates it if there is none. Anyone with the link can see the result, but no names. Ask the user before you create a link.",
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true },
  input: z.strictObject({ session_id, expires_in_days }),
  output: z.object({
    url: z.string().describe('The share link.'),
    ...shareSchema.pick({ result_id: true, expires_at: true }).shape,
  }),
  async call({ session_id, expires_in_days }, { useCases: { sessions, queries }, client, urlOf }) {
    await sessions.dispatch(session_id, { event: 'ShareRequested', payload: { expires_in_days } }, client)
    const share = await queries.findShare(session_id)
    // If another client has just revoked the share link, it no longer exists.
    if (!share) throw new DomainError('share_gone')
    const url = urlOf(sharePath(share))
    const expires_at = shownTime(share.expires_at)
    return {
      text: `Anyone with this link can see the result, but no names, until ${expires_at.slice(0, 10)}: ${url}`,
      data: { url, result_id: share.result_id, expires_at },
    }
  },
})

export const readTools: Tool[] = [calculate, findSessions, getSession]

export const writeTools: Tool[] = [startSession, dispatchEvent, reassignSession, shareResult]
