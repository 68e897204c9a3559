import { Field, ID, InterfaceType } from 'type-graphql'
import { z } from 'zod'
import {
  costRangeSchema,
  outputBoundSchema,
  outputRangeSchema,
  outputsSchema,
  outputsThatMayBeNull,
  storedInputsSchema,
} from '../domain/calculator'
import { startSchema } from '../domain/decide'
import { erasureSchema } from '../domain/erasure'
import { payloadMember, payloadMembers } from '../domain/flat-command'
import { idempotencyLifetime } from '../domain/idempotency-record'
import { maxShareDays, shareDays } from '../domain/limits'
import { externalIdFilterSchema } from '../domain/list-query'
import { method } from '../domain/methods'
import { monthRangeSchema } from '../domain/month-schemas'
import { sessionOrderSchema } from '../domain/order'
import { descriptionOf, unwrapped } from '../domain/schema-parts'
import {
  daysSchema,
  type SessionEvent as Event,
  payloadSchemas,
  resultSchema,
  sessionEventSchema,
  sessionEvents,
  shareSchema,
  snapshotSchema,
  stateSchema,
  transitionSchema,
} from '../domain/session'
import { listedLinkSchema } from '../domain/shared-link'
import { timestampSchema } from '../domain/timestamp'
import { connectionType } from './connections'
import { enumType, type InputValue, inputType, objectType } from './derive'
import { constant } from './names'
import { OrderKey } from './scalars'

// Resolvers return the domain's own objects (see `readSnakeCase`).

// Enums

enumType('SessionState', stateSchema, {
  description: 'State of a session. `CLOSED` is final.',
  descriptions: {
    initial: 'No calculation was requested yet, or the session was reset.',
    loading: 'A calculation runs. Only transitions show this state: no session rests in it.',
    loaded: 'The last calculation succeeded.',
    error: 'The last calculation failed. Retry or reset it.',
    closed: 'The session was closed. Only transitions show this state.',
  },
})
const eventDescriptions = {
  CalculateRequested: 'Calculates a result.',
  ShareRequested: 'Creates a share link to the current result, or changes the live one.',
  ShareRevokeRequested: 'Ends all live share links of the session.',
  ResetRequested: 'Returns the session to `INITIAL`, without a current result.',
  RetryRequested: 'Repeats the calculation that failed.',
  ReassignRequested: 'Changes the mentor or the organisation of the session.',
} satisfies Record<Event, string>
export const SessionEvent = enumType('SessionEvent', sessionEventSchema, {
  description: 'Events that a client can dispatch. REST calls them CalculateRequested, ShareRequested, …',
  descriptions: eventDescriptions,
})
enumType('TransitionEvent', transitionSchema.shape.event, {
  description: 'Cause of a transition: a dispatched event, or the start or close of the session.',
  descriptions: {
    SessionStarted: 'The session was started.',
    ...eventDescriptions,
    SessionClosed: 'The session was closed.',
  },
})
const undefinedOutputSchema = outputsSchema.shape.undefined_because.element
enumType('UndefinedReason', undefinedOutputSchema.shape.reason, {
  description: 'Reason why an output is null.',
  descriptions: {
    no_sessions: '`sessions` is 0.',
    no_minutes: '`avgMinutes` is 0.',
    zero_cost: '`costPerSession` is 0.',
    zero_value: '`costPerHour` is 0.',
  },
})
enumType('SessionOrderField', sessionOrderSchema.in.shape.by.unwrap(), {
  description: 'Field by which a list of sessions is sorted.',
  // Enum values omit the suffixes `_at`, `_id` and `_to`: `created_at` becomes CREATED.
  constantOf: name => constant(name.replace(/_(at|id|to)$/, '')),
})

// Calculations

const period = storedInputsSchema.shape.period.unwrap()
const ofPeriod = { description: 'First and last day of a period.' }
const ofRange = { description: 'Lowest and highest plausible cost per hour.' } as const

objectType('Period', period, ofPeriod)
inputType('PeriodInput', period, ofPeriod)
objectType('CostPerHourRange', costRangeSchema, ofRange)
inputType('CostPerHourRangeInput', costRangeSchema, ofRange)
objectType('CalculationInputValues', storedInputsSchema, {
  description: 'Inputs of a stored calculation.',
})

export type CalculationInputs = InputValue<typeof storedInputsSchema>
export const CalculationInputs = inputType('CalculationInputs', storedInputsSchema, {
  description: 'Inputs of a calculation.',
  members: {
    label: 'Name of the calculation, such as "Spring 2026, Year 9 reading". 1 to 120 characters.',
    currency: 'ISO 4217 code, such as GBP.',
    value_source: 'Source of `costPerHour`, such as "ASHE 2025, teaching assistants, median". 1 to 200 characters.',
    note: "Assumptions, in the author's words. 1 to 1,000 characters. Line feeds are allowed.",
    cost_per_hour_range: 'Lowest and highest plausible `costPerHour`. `costPerHour` must be between them.',
  },
})

export const UndefinedOutput = objectType('UndefinedOutput', undefinedOutputSchema, {
  description: 'An output that is null, with the reason.',
  members: { output: { type: String, description: 'Name of the field that is null, such as benefitCostRatio.' } },
})
objectType('OutputBound', outputBoundSchema, {
  description: 'Outputs calculated with the lowest or the highest cost per hour.',
})
objectType('OutputRange', outputRangeSchema, {
  description: 'Outputs calculated with the lowest and with the highest cost per hour.',
})

export const CalculationOutputs = objectType('CalculationOutputs', outputsSchema, {
  description:
    'Outputs of a calculation, rounded to 2 decimals (half away from zero). An undefined output is null, and `undefinedBecause` has the reason.',
  members: {
    range: 'Value, net benefit and ratio, calculated with the bounds of `costPerHourRange`. Null if there is no range.',
    undefined_because: { size: outputsThatMayBeNull.length },
  },
})

const shownResultSchema = z.object({
  id: z.string().describe('Opaque id of the result, which is unique on this server.'),
  ...resultSchema.shape,
})

export const Result = objectType('Result', shownResultSchema, {
  description: 'A stored calculation. A result never changes.',
  members: {
    result_id: 'Id of the result within its session. REST calls it `result_id`.',
    method: `Method of the calculation, such as ${method}.`,
  },
})

export const SharedResult = objectType(
  'SharedResult',
  resultSchema.omit({ result_id: true }).extend({
    organisation_id: snapshotSchema.shape.organisation_id.describe(
      'Organisation of the session, if the link was requested with `showOrganisation`. Null for all other links.',
    ),
    expires_at: timestampSchema,
  }),
  {
    description: 'A result as a share link shows it. The shared result names no session and no mentor.',
  },
)

// Sessions

@InterfaceType({
  description: 'An object with an id that is unique on this server.',
  resolveType: () => 'Session',
})
export abstract class Node {
  @Field(() => ID) id!: string
}

/** The fields are in the same order as in schema.graphql. */
export const sessionSchema = snapshotSchema.pick({
  session_id: true,
  mentor_id: true,
  organisation_id: true,
  external_id: true,
  state: true,
  last_event: true,
  result_id: true,
  version: true,
  created_at: true,
  updated_at: true,
})

export const Session = objectType('Session', sessionSchema, {
  implements: Node,
  description: "A mentor's calculation, as a state machine that accepts events.",
  members: {
    session_id: { name: 'id' },
    version:
      'Sequence of the last transition. Use it as `expectedVersion`. In REST, a strong ETag contains the same number.',
  },
})

const pastSessionSchema = sessionSchema.extend({})
export const SessionSnapshot = objectType('SessionSnapshot', pastSessionSchema, {
  description:
    'A session as it was after a transition. It has no `id`, so that a cache of objects by id does not take it for the session as it is now.',
  members: { version: 'Sequence of the transition.' },
})

export const shownTransitionSchema = transitionSchema.omit({ by: true }).extend({
  session: sessionSchema.describe('The session directly after this transition.'),
  snapshot: pastSessionSchema.describe('The session directly after this transition.'),
})

export const Transition = objectType('Transition', shownTransitionSchema, {
  description: 'A step of a session from one state to the next.',
  members: {
    session: {
      deprecationReason:
        'Use `snapshot`. A cache of objects by id would replace the session as it is now with this past state.',
    },
  },
})

const shownShareSchema = z.object({
  path: z.string().describe("Path of the result's read-only page, relative to the server: /shared/<token>."),
  ...shareSchema.omit({ days: true, revoked: true }).shape,
})

export const Share = objectType('Share', shownShareSchema, {
  description: 'A public link to one result.',
  members: { token: { type: ID } },
})

const sessionEdgeSchema = z.object({
  cursor: z.string(),
  order_key: z
    .unknown()
    .describe(
      'Sort key that the session had when this page was selected. If the session changed afterwards, `node.orderKey` has the current sort key.',
    ),
  node: sessionSchema,
})
objectType('SessionEdge', sessionEdgeSchema, { members: { order_key: { type: OrderKey, nullable: true } } })
export const SessionConnection = connectionType('SessionConnection', sessionEdgeSchema)

const shownLinkSchema = listedLinkSchema.extend({ session: sessionSchema, share: shownShareSchema })
objectType('SharedLink', shownLinkSchema, { description: 'A live share link and its session.' })
const linkEdgeSchema = z.object({ cursor: z.string(), node: shownLinkSchema })
objectType('SharedLinkEdge', linkEdgeSchema)
export const SharedLinkConnection = connectionType('SharedLinkConnection', linkEdgeSchema)

// Payloads

const replayed = z.boolean().describe('Whether this is the response to an earlier call with the same `idempotencyKey`.')

export const SessionPayload = objectType(
  'SessionPayload',
  z.object({
    session: sessionSchema,
    transitions: z
      .array(shownTransitionSchema)
      .describe('Transitions that this call committed. Empty if the call changed nothing.'),
    replayed,
    closed: z.boolean().describe('Whether the response is replayed, and the session was closed after the first call.'),
  }),
  { members: { transitions: { size: 2 } } },
)

const { session_id, mentor_id, organisation_id } = snapshotSchema.shape

export const CloseSessionPayload = objectType(
  'CloseSessionPayload',
  z.object({ session_id, deleted: z.boolean(), replayed }),
)

export const EraseMentorPayload = objectType('EraseMentorPayload', erasureSchema)

// Inputs

export const ownerFilter = {
  mentor_id: mentor_id.optional(),
  organisation_id: organisation_id.optional(),
  without_organisation: z.boolean().optional().describe('Selects only sessions without an organisation.'),
}

inputType('MonthRange', monthRangeSchema, {
  description:
    'Range of months in UTC, including both ends. Write a month as 2026-04, or as its first day, 2026-04-01, which is the format of `Month`. Both ends of the range are optional. A range with neither end does not filter. A result belongs to the month in which its period ends or, without a period, in which it was computed.',
})

const sessionFilterSchema = z.object({
  ...ownerFilter,
  external_id: externalIdFilterSchema,
  state: stateSchema.optional(),
  months: monthRangeSchema.optional().describe('Selects only sessions whose current result belongs to these months.'),
})

export const SessionFilter = inputType('SessionFilter', sessionFilterSchema, {
  description: 'Selects the sessions that match every field of the filter.',
})
export type SessionFilter = InputValue<typeof sessionFilterSchema>

export const SessionOrder = inputType('SessionOrder', sessionOrderSchema.in, {
  description: `Sort order of sessions. Texts are compared by code point, and periods by their last day. An order by amount compares only
amounts in \`currency\` or, if it is null, amounts without a currency. Sessions without the value come last in both directions.
Ties are ordered by id, in the same direction.`,
})
export type SessionOrder = InputValue<typeof sessionOrderSchema.in>

export const keyDescription = `A repeated call with the same key gets the first response again, for ${idempotencyLifetime}.`
const idempotency_key = z.string().nullish().describe(keyDescription)
const expected_version = z
  .int()
  .nullish()
  .describe(
    'Version that the session must have. If it has another one, nothing changes, and the error is VERSION_MISMATCH.',
  )

const startInput = startSchema.extend({
  inputs: storedInputsSchema.nullish().describe(startSchema.shape.inputs.description ?? ''),
  idempotency_key,
})
export const StartSessionInput = inputType('StartSessionInput', startInput)
export type StartSessionInput = InputValue<typeof startInput>

const payloadDescriptions: Partial<Record<Event, string>> = {
  ReassignRequested: 'New mentor and organisation of a session. At least one of them is required.',
}
for (const event of sessionEvents) {
  if (payloadMember(event) === undefined || event === 'CalculateRequested') continue
  inputType(`${event.replace(/Requested$/, '')}Input`, unwrapped(payloadSchemas[event]) as z.ZodObject, {
    description: payloadDescriptions[event] ?? `Payload of ${constant(event)}.`,
  })
}

const useOf = (event: Event, schema: z.ZodType): string =>
  payloadMember(event) === undefined
    ? `${descriptionOf(schema)} Only for ${constant(event)}.`
    : `Required for ${constant(event)}, and refused for all other events.`

const payloadInputs = Object.fromEntries(
  sessionEvents.flatMap(event =>
    Object.entries(payloadMembers(event)).map(([name, schema]) => [
      name,
      schema.nullish().describe(useOf(event, schema)),
    ]),
  ),
)

const dispatchInput = z.object({
  session_id,
  event: sessionEventSchema,
  ...payloadInputs,
  // The following fields have a type or a description of their own in GraphQL.
  payload: storedInputsSchema
    .nullish()
    .describe('Inputs of the calculation. Required for CALCULATE_REQUESTED, and refused for all other events.'),
  expires_in_days: daysSchema.describe(
    `Number of days from now until the share link expires, 1 to ${maxShareDays}. Only for SHARE_REQUESTED. If null, a live link keeps its expiry, and a new link expires after ${shareDays} days.`,
  ),
  show_organisation: z
    .boolean()
    .nullish()
    .describe(
      'Whether the shared result names the organisation. Only for SHARE_REQUESTED. If null, a live link stays unchanged, and a new link does not show the organisation.',
    ),
  reassign: payloadSchemas.ReassignRequested.nullish().describe(
    'New mentor or organisation. Required for REASSIGN_REQUESTED, and refused for all other events.',
  ),
  expected_version,
  idempotency_key,
})
export const DispatchEventInput = inputType('DispatchEventInput', dispatchInput)
export type DispatchEventInput = InputValue<typeof dispatchInput>

const closeInput = z.object({ session_id, expected_version, idempotency_key })
export const CloseSessionInput = inputType('CloseSessionInput', closeInput)
export type CloseSessionInput = InputValue<typeof closeInput>

const eraseInput = z.object({ mentor_id })
export const EraseMentorInput = inputType('EraseMentorInput', eraseInput)
export type EraseMentorInput = InputValue<typeof eraseInput>
