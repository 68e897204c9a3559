import { z } from 'zod'
import { inputsSchema, keptInputsSchema, outputsSchema } from '../../domain/calculator'
import { payloadSchemas, startSchema } from '../../domain/command'
import { type ErrorCode, errorCodes, factSchemas, type GapReason } from '../../domain/errors'
import { resultSchema, sessionEvents, shareSchema, snapshotSchema, transitionSchema } from '../../domain/session'
import { summarySchema } from '../../domain/totals'
import { statuses } from '../../http/statuses'
import { callerBodySchema, sessionBodySchema } from '../bodies'
import { typeOf } from '../problem'
import { problemTypes } from '../problem-types'

/** A JSON document, or a part of one. */
export type Json = Record<string, unknown>

const { session_id, mentor_id, organisation_id } = snapshotSchema.shape
const { token, result_id, expires_at } = shareSchema.shape
const cursorSchema = z.string().describe('Everything up to and including this place; opaque.')
const feedItemSchema = transitionSchema.extend({ cursor: cursorSchema, session_id, mentor_id, organisation_id })
const countSchema = z.int().min(0)
const codeSchema = z.enum(errorCodes)
const said = (status: string) => z.literal(status)

const explanationSchema = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: codeSchema,
  when: z.string().describe('When it happens.'),
  remedy: z.string().describe('What to do about it.'),
  members: z.array(z.string()).describe('The members that it has beyond those of every problem.'),
  example: z.looseObject({}),
})

const linkSchema = z.strictObject({
  path: z.string().describe('Where the share is followed, relative to the server.'),
  token,
  result_id,
  expires_at,
})

/** Bodies of requests and answers. */
export const bodySchemas = {
  Session: sessionBodySchema,
  SessionList: z.strictObject({
    data: z.array(sessionBodySchema),
    pagination: z.strictObject({ page: z.int().min(1), limit: z.int().min(1), total: countSchema }),
  }),
  SessionStart: startSchema,
  SessionClosed: z.strictObject({ deleted: z.literal(true), session_id }),
  MentorErased: z.strictObject({
    mentor_id,
    closed: countSchema.describe('The sessions that this request closed.'),
    remaining: countSchema.describe('The sessions that are left.'),
    erased: z.boolean().describe('Nothing is left; otherwise the same request goes on.'),
  }),
  Transition: transitionSchema,
  TransitionList: z.strictObject({ data: z.array(transitionSchema) }),
  FeedItem: feedItemSchema,
  FeedPage: z.strictObject({
    data: z.array(feedItemSchema),
    next: cursorSchema.describe('The cursor to ask for what follows with.'),
  }),
  Inputs: inputsSchema,
  KeptInputs: keptInputsSchema,
  Outputs: outputsSchema,
  Result: resultSchema,
  ResultList: z.strictObject({ data: z.array(resultSchema) }),
  Share: linkSchema,
  ShareList: z.strictObject({ data: z.array(linkSchema) }),
  Summary: summarySchema,
  Caller: callerBodySchema,
  SharedResult: resultSchema.omit({ result_id: true }).extend({ expires_at }),
  Health: z.strictObject({ status: said('ok') }),
  NotReady: z.strictObject({
    status: said('unavailable'),
    failing: z.array(z.literal('store')),
    reason: z.string().exactOptional().describe('Stated where the store has not been there since the process started.'),
  }),
  Explanation: explanationSchema,
  ExplanationList: z.strictObject({ data: z.array(explanationSchema) }),
  Description: z.looseObject({}),
}

export type BodyName = keyof typeof bodySchemas

/** What streams say beside the transitions. */
export const streamedSchemas = {
  FeedReady: z.strictObject({ cursor: cursorSchema }),
  FeedGap: z.strictObject({
    after: z.string(),
    reason: z.enum(['expired', 'unknown'] satisfies GapReason[]),
  }),
  Problem: z.looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: codeSchema,
    instance: z.string(),
  }),
}

/** The events that a client dispatches, each with what its payload may be. */
const commandSchemas = Object.fromEntries(
  sessionEvents.map(event => [event, z.strictObject({ event: z.literal(event), payload: payloadSchemas[event] })]),
)

/** A problem of this code: the members of every problem, and the facts of its own. */
export const problemSchema = (code: ErrorCode): z.ZodType =>
  z.object({
    type: z.literal(typeOf(code)),
    title: z.literal(problemTypes[code].title),
    status: z.literal(statuses[code]),
    detail: z.string(),
    code: z.literal(code),
    instance: z.string(),
    ...factSchemas[code].shape,
  })

// No operation that is described is refused for its method.
const codes = errorCodes.filter(code => code !== 'method_not_allowed')

type Target = 'draft-2020-12' | 'draft-7'

/** Schemas by name as JSON Schemas that refer to each other as the components of a description. */
export function jsonSchemas(schemas: Record<string, z.ZodType>, target: Target): Record<string, Json> {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id })
  const made = z.toJSONSchema(registry, { io: 'input', target, uri: id => `#/components/schemas/${id}` })
  return Object.fromEntries(
    Object.entries(made.schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema as Json]),
  )
}

/** One schema as JSON Schema. */
export function jsonSchema(schema: z.ZodType, target: Target): Json {
  const { $schema: _, ...made } = z.toJSONSchema(schema, { io: 'input', target })
  return made
}

/** The JSON Schemas that the OpenAPI description refers to. */
export const componentSchemas = (): Record<string, Json> =>
  jsonSchemas(
    { ...bodySchemas, ...commandSchemas, ...Object.fromEntries(codes.map(code => [code, problemSchema(code)])) },
    'draft-2020-12',
  )

export const ref = (place: string): Json => ({ $ref: `#/components/${place}` })
