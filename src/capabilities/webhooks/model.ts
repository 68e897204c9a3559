import { z } from 'zod'
import type { Limits } from '../../db/store'
import { type FactsOf, row } from '../../domain/error-table'
import { addErrors, type GapReason } from '../../domain/errors'
import { exampleOf, withExample } from '../../domain/example'
import { printable } from '../../domain/limits'
import { feedCursorSchema } from '../../domain/list-query'
import { snapshotSchema, type TransitionEvent, transitionEvents, transitionSchema } from '../../domain/session'
import { identifierSchema, snake, textSchema } from '../../domain/text'
import { dayMs, hourMs, minuteMs, type Timestamp, timestampSchema } from '../../domain/timestamp'
import { isPublic, literalAddress } from './addresses'

/** Maximum per organisation and in total. All endpoints without an organisation count as one organisation's. */
export const endpointsOfOrganisation = 100
export const endpointsInTotal = 1_000
export const endpointLimits: Limits = { total: endpointsInTotal, organisation: endpointsOfOrganisation }
/** Maximum number of recorded delivery attempts per endpoint. Older attempts are deleted. */
export const attemptsRecorded = 100
/** Maximum per endpoint. When it is reached, the server stops reading the feed for this endpoint. */
export const messagesWaiting = 1_000
/**
 * Maximum number of waiting messages in a process, in total and per organisation. Each endpoint can have
 * `messagesBeyond` waiting messages even if these limits are reached.
 */
export const messagesInTotal = 20_000
export const messagesOfOrganisation = 5_000
export const messagesBeyond = 20
/** Maximum number of test messages that wait for one endpoint. */
export const testsWaiting = 10

/** Delay in ms before each retry of a message. If the last retry fails, the endpoint is disabled. */
export const retryDelaysMs = [
  5_000,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
  24 * hourMs,
]
/** Maximum jitter added to a retry delay, as a fraction of the delay. */
const jitter = 0.1
/** Maximum delay in ms that a receiver can request with `Retry-After`. */
export const askedAtMostMs = dayMs

const errors = addErrors({
  webhook_endpoint_not_found: row({
    status: 404,
    message: () => 'No webhook endpoint that you can see has this id.',
    title: 'No such webhook endpoint',
    when: 'No webhook endpoint that you can see has this id. It was deleted, it never existed, or it is outside the scope of your token.',
    remedy: 'List the webhook endpoints, or create a new one.',
  }),
  endpoint_inactive: row({
    status: 409,
    message: () => 'The webhook endpoint is paused or disabled. Change it with `paused: false` to enable it first.',
    title: 'The webhook endpoint is not active',
    when: 'The webhook endpoint is paused, or it is disabled because its receiver failed too often or returned 410. In both cases, the server sends nothing to it.',
    remedy: 'Change the endpoint with `paused: false`. Then send the request again.',
  }),
  loop_detected: row({
    status: 508,
    refusesChanges: true,
    message: () =>
      "A webhook message can't change anything here, because each change would cause another message, in an endless loop. Change the URL of the endpoint.",
    title: 'A webhook message came back',
    when: 'A webhook endpoint points to this server, or its receiver forwards the headers of messages to this server. A request with both `webhook-id` and the `User-Agent` of a webhook message cannot change anything, whatever its path.',
    remedy:
      'Change the URL of the endpoint. If you send requests in response to messages, do not forward the headers of the messages.',
  }),
})

declare module '../../domain/errors' {
  interface Facts extends FactsOf<typeof errors> {}
}

export const endpointStatuses = ['active', 'retrying', 'paused', 'disabled'] as const
export const endpointStatusSchema = z.enum(endpointStatuses)
export type EndpointStatus = z.infer<typeof endpointStatusSchema>

export const attemptErrorSchema = z.enum([
  'unexpected_status',
  'timed_out',
  'name_not_resolved',
  'address_not_allowed',
  'connection_failed',
  'tls_failed',
])
export type AttemptError = z.infer<typeof attemptErrorSchema>

const responseStatus = z.int().nullable().describe('HTTP status of the response. Null if there was no response.')

export const failureSchema = z.strictObject({ at: timestampSchema, status: responseStatus, error: attemptErrorSchema })

const { session_id, organisation_id, created_at, updated_at, version } = snapshotSchema.shape

/** A webhook endpoint in the form that clients see. The server calls its URL when a session changes. */
export const endpointSchema = z.strictObject({
  endpoint_id: withExample(z.string(), 'we_5f0c7a9b21de'),
  url: withExample(z.string(), 'https://crm.example/hooks/benefits'),
  description: withExample(z.string().nullable(), 'CRM'),
  events: withExample(z.array(transitionSchema.shape.event), []).describe(
    'Events that the endpoint receives. If the list is empty, the endpoint receives all events.',
  ),
  organisation_id,
  mentor_id: z.string().nullable(),
  status: endpointStatusSchema,
  cursor: feedCursorSchema.describe('Feed cursor before the oldest undelivered message.'),
  version: z.int().min(1).describe("Version of the endpoint's configuration."),
  created_at,
  updated_at: created_at,
  last_success_at: timestampSchema.nullable(),
  last_failure: failureSchema.nullable(),
  pending: z
    .int()
    .min(0)
    .max(messagesWaiting)
    .describe(
      `Number of messages that are due, held back or being retried. ${messagesWaiting} means ${messagesWaiting} or more.`,
    ),
})
export type ShownEndpoint = z.infer<typeof endpointSchema>

/** Names of the endpoint's fields that describe delivery progress. All other fields are configuration. */
type DeliveryMember = 'cursor' | 'last_success_at' | 'last_failure' | 'pending'

/** Configuration of a webhook endpoint. Each change by a client increments `version`. */
export interface WebhookEndpoint extends Omit<ShownEndpoint, DeliveryMember | 'status'> {
  paused: boolean
  /** Incremented by every change, including changes that leave `version` unchanged. */
  revision: number
  /** Secrets with which messages are signed, newest first. `expires_at` is null for the newest secret. */
  secrets: { secret: string; expires_at: Timestamp | null }[]
  /**
   * Latest restart of the delivery. Each time `number` increases, delivery restarts at `cursor`, and all failures are
   * reset. If `cursor` is null, delivery restarts at its current feed position.
   */
  start: { number: number; cursor: string | null }
  /** Total number of test messages requested so far. */
  tests: number
}

/** A session whose messages wait. `sequence` is the sequence number of the first undelivered transition. */
export interface HeldSession {
  session_id: string
  sequence: number
  /** Failed attempts for the next message, without early retries, and the time of the next scheduled attempt. */
  attempts: number
  next_at: Timestamp | null
  /** Whether the receiver requested `next_at` with `Retry-After`. No attempt is made earlier. */
  isAsked?: true
}

/**
 * Delivery progress of a webhook endpoint. The log itself is the queue: between `cursor` and `read_to`, all messages
 * have been delivered, except messages about a held session, from its `sequence` on. No message after `read_to` has been
 * attempted. Held sessions are stored separately, so that a save writes only the held sessions that changed.
 */
export interface DeliveryState extends Pick<ShownEndpoint, DeliveryMember> {
  /** The endpoint's latest `start.number` that the delivery has adopted. */
  start: number
  /** Feed cursor before the first message after all attempted messages. */
  read_to: string
  /** Whether a failed message waits for its retry. */
  isRetrying: boolean
  /** A gap that has not been reported to the receiver yet. Messages after the gap are delivered regardless. */
  gap: { after: string; reason: GapReason; at: Timestamp } | null
  isDisabled: boolean
  /** Total number of test messages sent so far. */
  tests: number
  attempts: number
}

/** Returns the delivery state of a new endpoint, whose delivery starts at a feed cursor. */
export const newDelivery = (cursor: string): DeliveryState => ({
  start: 0,
  cursor,
  read_to: cursor,
  isRetrying: false,
  gap: null,
  isDisabled: false,
  pending: 0,
  tests: 0,
  attempts: 0,
  last_success_at: null,
  last_failure: null,
})

export interface StoredEndpoint {
  endpoint: WebhookEndpoint
  delivery: DeliveryState
}

/** An endpoint with its held sessions, from which a process continues the delivery. */
export interface StoredDelivery extends StoredEndpoint {
  held: HeldSession[]
}

/** An attempt to deliver a message, as recorded. The record contains no message body, secrets or names. */
export const attemptSchema = z.strictObject({
  message_id: withExample(z.string(), 'msg_mV2s0bYtq3kLr8wKd5nA7eJh').describe(
    'Value of the `webhook-id` header of the message.',
  ),
  type: withExample(z.string(), 'session.calculate_requested'),
  session_id: withExample(z.string().nullable(), exampleOf(session_id)),
  sequence: withExample(z.int().nullable(), exampleOf(version)),
  attempt: z.int().min(1).describe('1 for the first attempt of the message.'),
  at: updated_at,
  duration_ms: withExample(z.int().min(0), 84),
  status: withExample(responseStatus, 200),
  error: attemptErrorSchema.nullable().describe('Null if the attempt succeeded.'),
  next_attempt_at: timestampSchema.nullable(),
})
export type WebhookAttempt = z.infer<typeof attemptSchema>

/** Whether the endpoint has a restart that its delivery has not adopted yet. */
const isRestarting = ({ endpoint, delivery }: StoredEndpoint): boolean => endpoint.start.number !== delivery.start

/** Returns the delivery state after the endpoint's latest restart is applied. */
export const currentDelivery = (stored: StoredEndpoint): DeliveryState => {
  const { endpoint, delivery } = stored
  if (!isRestarting(stored)) return delivery
  const { number, cursor } = endpoint.start
  const again = { ...delivery, start: number, isDisabled: false, isRetrying: false }
  return cursor === null ? again : { ...again, cursor, read_to: cursor, gap: null, pending: 0 }
}

/** Returns the held sessions after the endpoint's latest restart is applied. */
export const currentHeld = (stored: StoredDelivery): HeldSession[] => {
  const { endpoint, held } = stored
  if (!isRestarting(stored)) return held
  if (endpoint.start.cursor !== null) return []
  return held.map(({ session_id, sequence }) => ({ session_id, sequence, attempts: 0, next_at: null }))
}

export function statusOf(stored: StoredEndpoint): EndpointStatus {
  const { isDisabled, isRetrying } = currentDelivery(stored)
  if (stored.endpoint.paused) return 'paused'
  if (isDisabled) return 'disabled'
  return isRetrying ? 'retrying' : 'active'
}

/** Returns the `start` that restarts delivery at a cursor or, if the cursor is null, at its current position. */
export function nextStart(stored: StoredEndpoint, cursor: string | null): WebhookEndpoint['start'] {
  const { start } = stored.endpoint
  // If an earlier replay has not been adopted by the delivery yet, keep that replay's cursor.
  const unadopted = isRestarting(stored) ? start.cursor : null
  return { number: start.number + 1, cursor: cursor ?? unadopted }
}

interface FailedMessage {
  attempts: number
  /** Delay in ms that the receiver requested. */
  askedMs: number
  /** Random number between 0 and 1. */
  random: number
  delays?: readonly number[] | undefined
}

/** Returns the delay in ms before the next attempt to deliver a message. Returns undefined if no retries are left. */
export function retryDelay({ attempts, askedMs, random, delays = retryDelaysMs }: FailedMessage): number | undefined {
  const delay = delays[attempts - 1]
  return delay === undefined ? undefined : Math.max(delay * (1 + jitter * random), Math.min(askedMs, askedAtMostMs))
}

/** Returns the message type for a transition: `session.started`, `session.calculate_requested`, … */
export const messageTypeOf = (event: TransitionEvent): string => `session.${snake(event.replace(/^Session/, ''))}`

/** Maximum number of characters in an endpoint's URL and in its description. */
export const urlCharacters = 2_048
export const descriptionCharacters = 200

/**
 * Returns what is wrong with an endpoint's URL, or undefined if the URL is valid. Refuses line feeds, which URL parsers
 * drop, and backslashes, which URL parsers read as slashes. Line feeds and backslashes can disguise where a URL leads.
 */
function urlFault(text: string, allowsPrivate: boolean): string | undefined {
  if (!printable.test(text)) return 'must not contain control characters'
  if (text.includes('\\')) return 'must not contain a backslash'
  const url = URL.parse(text)
  if (Math.max(text.length, url?.href.length ?? 0) > urlCharacters)
    return `must have at most ${urlCharacters} characters`
  const isHttp = url?.protocol === 'https:' || (allowsPrivate && url?.protocol === 'http:')
  if (!url || !isHttp) return 'must be an https URL'
  if (url.username !== '' || url.password !== '') return 'must not contain a user name or password'
  if (text.includes('#')) return 'must not have a fragment'
  const address = literalAddress(url)
  if (address !== undefined && !allowsPrivate && !isPublic(address))
    return 'must not have a private or reserved address'
  return undefined
}

/** If `allowsPrivate` is true, URLs can use `http:` and private addresses. */
export function requestSchemas(allowsPrivate: boolean) {
  const url = z
    .string()
    .superRefine((text, context) => {
      const message = urlFault(text, allowsPrivate)
      if (message !== undefined) context.addIssue({ code: 'custom', message })
    })
    .overwrite(text => URL.parse(text)?.href ?? text)
    .meta({ format: 'uri', maxLength: urlCharacters })
  const description = textSchema(descriptionCharacters).nullish().describe('Purpose of the endpoint.')
  const events = z
    .array(transitionSchema.shape.event)
    .max(transitionEvents.length)
    .nullish()
    .describe('Events that the endpoint receives. If the list is missing or empty, the endpoint receives all events.')
  return {
    create: z.strictObject({
      url,
      description,
      events,
      organisation_id: identifierSchema.nullish().describe('Limits the messages to sessions of this organisation.'),
      mentor_id: identifierSchema.nullish().describe('Limits the messages to sessions of this mentor.'),
    }),
    update: z.strictObject({
      url: url.nullish(),
      description,
      events,
      paused: z.boolean().nullish().describe('`false` resumes a paused endpoint, and re-enables a disabled one.'),
    }),
  }
}

export const replaySchema = z.strictObject({
  after: feedCursorSchema.describe('Feed cursor after which the server delivers all messages again.'),
})
