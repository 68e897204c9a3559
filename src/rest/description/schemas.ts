import { z } from 'zod'
import { currencySchema, inputsSchema, outputsSchema, storedInputsSchema } from '../../domain/calculator'
import { startSchema } from '../../domain/decide'
import { errorCodes, factSchemas, faultSchema, type GapReason } from '../../domain/errors'
import {
  payloadSchemas,
  resultSchema,
  sessionEventSchema,
  sessionEvents,
  shareSchema,
  snapshotSchema,
  stateSchema,
  transitionEvents,
  transitionSchema,
} from '../../domain/session'
import { summarySchema } from '../../domain/totals'
import { callerBodySchema, sessionBodySchema } from '../bodies'
import { linkNames } from '../links'

/** A JSON object: a document, or a part of one. */
export type Json = Record<string, unknown>

const { session_id, mentor_id, organisation_id } = snapshotSchema.shape
const { token, result_id, expires_at } = shareSchema.shape
const cursorSchema = z.string().describe('Opaque cursor of a position in the feed.')
const feedItemSchema = transitionSchema.extend({ cursor: cursorSchema, session_id, mentor_id, organisation_id })
const countSchema = z.int().min(0)
const codeSchema = z.enum(errorCodes)
const said = (status: string) => z.literal(status)

const factNames = new Set(errorCodes.flatMap(code => Object.keys(factSchemas[code].shape)))

/**
 * Returns the schema of an additional member of problems. It names the codes that have the member; they all use the
 * same schema.
 */
function factSchema(name: string): z.ZodType {
  const stated = Object.entries(factSchemas).flatMap(([code, { shape }]) =>
    name in shape ? [{ code, schema: shape[name as keyof typeof shape] as z.ZodType }] : [],
  )
  const [{ schema }] = stated as [(typeof stated)[number]]
  return schema.optional().describe(`Only with these codes: ${stated.map(({ code }) => code).join(', ')}.`)
}

/** Schema of any problem: the members that all have, and the optional members that some codes add. */
const problemSchema = z.object({
  type: z.string().describe('Path that explains the code, relative to the server.'),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().describe('Message for people.'),
  code: codeSchema,
  instance: z.string().describe('Path of the request.'),
  ...Object.fromEntries([...factNames].map(name => [name, factSchema(name)])),
})

const explanationSchema = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: codeSchema,
  when: z.string().describe('When it happens.'),
  remedy: z.string().describe('What to do about it.'),
  members: z.array(z.string()).describe('Additional members of this problem.'),
  example: z.looseObject({}),
})

const linkSchema = z.strictObject({
  path: z.string().describe('Path of the shared result, relative to the server.'),
  token,
  result_id,
  expires_at,
})

/** Schemas of the bodies of requests and responses. */
export const bodySchemas = {
  Session: sessionBodySchema,
  SessionList: z.strictObject({
    data: z.array(sessionBodySchema),
    pagination: z.strictObject({ page: z.int().min(1), limit: z.int().min(1), total: countSchema }),
  }),
  SessionStart: startSchema,
  SessionClosed: z.strictObject({ deleted: z.boolean().describe('Always true.'), session_id }),
  MentorErased: z.strictObject({
    mentor_id,
    closed: countSchema.describe('Number of sessions that this request closed.'),
    remaining: countSchema.describe('Number of sessions that remain.'),
    erased: z.boolean().describe('Whether nothing remains. If false, send the same request again.'),
  }),
  Transition: transitionSchema,
  TransitionList: z.strictObject({ data: z.array(transitionSchema) }),
  FeedItem: feedItemSchema,
  FeedPage: z.strictObject({
    data: z.array(feedItemSchema),
    next: cursorSchema.describe('Cursor to continue from: send it as `after`.'),
  }),
  Inputs: inputsSchema,
  KeptInputs: storedInputsSchema,
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
    reason: z
      .string()
      .exactOptional()
      .describe('Present if the store has not been available since the server started.'),
  }),
  Explanation: explanationSchema,
  ExplanationList: z.strictObject({ data: z.array(explanationSchema) }),
  Links: z.strictObject({ links: z.strictObject(Object.fromEntries(linkNames.map(name => [name, z.string()]))) }),
  Description: z.looseObject({}),
  Problem: problemSchema,
}

export type BodyName = keyof typeof bodySchemas

/** Schemas of the messages of streams other than transitions. */
export const streamedSchemas = {
  FeedReady: z.strictObject({ cursor: cursorSchema }),
  FeedGap: z.strictObject({
    after: z.string(),
    reason: z.enum(['expired', 'unknown'] satisfies GapReason[]),
  }),
}

/** Schemas of the events that clients dispatch, each with its payload. */
const commandSchemas = Object.fromEntries(
  sessionEvents.map(event => [event, z.strictObject({ event: z.literal(event), payload: payloadSchemas[event] })]),
)

const { pagination } = bodySchemas.SessionList.shape
const { amounts, calculations, states } = summarySchema.shape

/** Schemas of parts of bodies. A generated client gets one type for each, with this name. */
export const partSchemas = {
  SessionState: stateSchema,
  SessionEvent: sessionEventSchema,
  TransitionEvent: transitionSchema.shape.event,
  ErrorCode: codeSchema,
  Fault: faultSchema,
  Pagination: pagination,
  Currency: currencySchema,
  Period: storedInputsSchema.shape.period.unwrap(),
  UndefinedOutput: outputsSchema.shape.undefined_because.element,
  Amounts: amounts.element,
  MinuteCount: calculations.element,
  StateCount: states.element,
}

/** Schemas of requests, which refuse unknown members. */
const taken = new Set<string>(['SessionStart', 'Inputs', 'Period', ...sessionEvents])

/**
 * Allows additional members in a response: a later version may add some, and a client generated today must accept them.
 */
function open(schema: Json): Json {
  if (schema.additionalProperties === false) delete schema.additionalProperties
  return schema
}

type Target = 'draft-2020-12' | 'draft-7'

/** Options of all JSON Schemas that are made here. */
const made = (target: Target) => ({ io: 'input', target, override: plain }) as const

/**
 * Adjusts a schema so that client generators make the right types: a time or a date has only its format, and a number
 * states its width.
 */
function plain({ zodSchema, jsonSchema }: { zodSchema: unknown; jsonSchema: Json }): void {
  if (jsonSchema.format) delete jsonSchema.pattern
  if ([jsonSchema.type].flat().includes('number')) jsonSchema.format = 'double'
  // In Go, constants of all enums share one namespace, and these would have the names of the clients' events.
  if (zodSchema === partSchemas.TransitionEvent) {
    jsonSchema['x-enum-varnames'] = transitionEvents.map(event => `Transition${event}`)
  }
}

/** Converts schemas by name to JSON Schemas that refer to each other as components of a description. */
export function jsonSchemas(schemas: Record<string, z.ZodType>, target: Target): Record<string, Json> {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id })
  const { schemas: found } = z.toJSONSchema(registry, { ...made(target), uri: id => `#/components/schemas/${id}` })
  return Object.fromEntries(
    Object.entries(found).map(([id, { $schema: _, $id: __, ...schema }]) => [
      id,
      (taken.has(id) ? schema : open(schema)) as Json,
    ]),
  )
}

/** Converts one schema to JSON Schema. */
export function jsonSchema(schema: z.ZodType, target: Target): Json {
  const { $schema: _, ...found } = z.toJSONSchema(schema, made(target))
  return found
}

export const ref = (place: string): Json => ({ $ref: `#/components/${place}` })

/** Returns the JSON Schemas that the OpenAPI description refers to. */
export const componentSchemas = (): Record<string, Json> => ({
  ...jsonSchemas({ ...partSchemas, ...bodySchemas, ...commandSchemas }, 'draft-2020-12'),
  Command: {
    oneOf: sessionEvents.map(event => ref(`schemas/${event}`)),
    discriminator: {
      propertyName: 'event',
      mapping: Object.fromEntries(sessionEvents.map(event => [event, `#/components/schemas/${event}`])),
    },
  },
})
