/**
 * Webhook endpoints: `import { createWebhookEndpoint } from 'benefit-sessions-client/webhooks'`
 *
 * Only admins and coordinators can use these functions, and only if webhooks are turned on for the server. The client
 * sends a change to an endpoint only once unless you set `maxAttempts`, because the change has no idempotency key.
 * After a ConnectionError, read the endpoint before you repeat the change.
 */
import { callsOf, untilGone } from '../../calls.js'
import { checkNames } from '../../check-options.js'
import type { SessionsClient } from '../../client.js'
import { send, sendOnce } from '../../functions.js'
import { type Names, request } from '../../option-names.js'
import type { RequestOptions } from '../../options.js'
import type * as schema from '../../schema.js'
import type { CreateWebhookEndpointInput, WebhookAttempt } from '../../schema.js'
import { requireVersion } from '../../versions.js'
import {
  attemptsQuery,
  createMutation,
  deleteMutation,
  endpointQuery,
  endpointsQuery,
  replayMutation,
  rotateMutation,
  testMutation,
  updateMutation,
} from './documents.js'

export type {
  CreateWebhookEndpointInput,
  WebhookAttempt,
  WebhookAttemptError,
  WebhookEndpointStatus,
  WebhookFailure,
} from '../../schema.js'

/**
 * A webhook endpoint, whose URL the server calls when a session changes. `listWebhookAttempts` returns the delivery
 * attempts.
 */
export type WebhookEndpoint = Omit<schema.WebhookEndpoint, 'attempts'>

/**
 * An endpoint, and the version on which a change is based. If the endpoint has changed since this version, the server
 * refuses the change (VERSION_MISMATCH). `version: null` accepts any version.
 */
export type WebhookEndpointVersion = Pick<WebhookEndpoint, 'id'> & { version: number | null }

/** Changes to an endpoint. Omitted members stay unchanged. */
export type WebhookEndpointChanges = Omit<schema.UpdateWebhookEndpointInput, 'id' | 'expectedVersion'>

/** A new endpoint, and the secret that signs the endpoint's messages. The server does not show this secret again. */
export interface CreatedWebhookEndpoint {
  endpoint: WebhookEndpoint
  secret: string
}

/** Options of `listWebhookAttempts`. */
export interface ListWebhookAttemptsOptions extends RequestOptions {
  /** Maximum number of delivery attempts to return, 1 to 100. Default: 100. */
  first?: number | undefined
}

/** Returns all webhook endpoints in the caller's scope, newest first. */
export async function listWebhookEndpoints(
  client: SessionsClient,
  options: RequestOptions = {},
): Promise<WebhookEndpoint[]> {
  return (
    await send<{ webhookEndpoints: WebhookEndpoint[] }>('listWebhookEndpoints', client, endpointsQuery, {}, options)
  ).webhookEndpoints
}

/** Returns an endpoint, or null if no endpoint has this id. */
export async function getWebhookEndpoint(
  client: SessionsClient,
  id: string,
  options: RequestOptions = {},
): Promise<WebhookEndpoint | null> {
  return (
    await send<{ webhookEndpoint: WebhookEndpoint | null }>(
      'getWebhookEndpoint',
      client,
      endpointQuery,
      { id },
      options,
    )
  ).webhookEndpoint
}

/** Returns an endpoint's latest delivery attempts, newest first, or null if no endpoint has this id. */
export async function listWebhookAttempts(
  client: SessionsClient,
  id: string,
  options: ListWebhookAttemptsOptions = {},
): Promise<WebhookAttempt[] | null> {
  checkNames('listWebhookAttempts', options, {
    ...request,
    first: true,
  } satisfies Names<ListWebhookAttemptsOptions>)
  const { first, ...others } = options
  const { webhookEndpoint } = await callsOf(client).requests.send<{
    webhookEndpoint: { attempts: WebhookAttempt[] } | null
  }>(attemptsQuery, { id, first }, others)
  return webhookEndpoint?.attempts ?? null
}

/** Creates an endpoint, which receives all later changes that match its filters. */
export async function createWebhookEndpoint(
  client: SessionsClient,
  input: CreateWebhookEndpointInput,
  options: RequestOptions = {},
): Promise<CreatedWebhookEndpoint> {
  const { createWebhookEndpoint } = await sendOnce<{ createWebhookEndpoint: CreatedWebhookEndpoint }>(
    'createWebhookEndpoint',
    client,
    createMutation,
    { input },
    options,
  )
  return createWebhookEndpoint
}

/** Changes, pauses or resumes an endpoint. */
export async function updateWebhookEndpoint(
  client: SessionsClient,
  endpoint: WebhookEndpointVersion,
  changes: WebhookEndpointChanges,
  options: RequestOptions = {},
): Promise<WebhookEndpoint> {
  const expectedVersion = requireVersion('updateWebhookEndpoint', endpoint)
  const { updateWebhookEndpoint } = await sendOnce<{ updateWebhookEndpoint: WebhookEndpoint }>(
    'updateWebhookEndpoint',
    client,
    updateMutation,
    { input: { ...changes, id: endpoint.id, expectedVersion } },
    options,
  )
  return updateWebhookEndpoint
}

/** Deletes an endpoint with its secret and its recorded delivery attempts. */
export async function deleteWebhookEndpoint(
  client: SessionsClient,
  id: string,
  options: RequestOptions = {},
): Promise<void> {
  const remove = (options: RequestOptions): Promise<unknown> =>
    send('deleteWebhookEndpoint', client, deleteMutation, { id }, options)
  await untilGone(remove, options, 'WEBHOOK_ENDPOINT_NOT_FOUND')
}

/**
 * Replaces an endpoint's secret, and returns the new secret. For one day, the server signs messages with both secrets.
 */
export async function rotateWebhookSecret(
  client: SessionsClient,
  id: string,
  options: RequestOptions = {},
): Promise<string> {
  const { rotateWebhookSecret } = await sendOnce<{ rotateWebhookSecret: { secret: string } }>(
    'rotateWebhookSecret',
    client,
    rotateMutation,
    { id },
    options,
  )
  return rotateWebhookSecret.secret
}

/** Sends one `webhook.test` message to an endpoint, without retries. */
export async function testWebhookEndpoint(
  client: SessionsClient,
  id: string,
  options: RequestOptions = {},
): Promise<void> {
  await sendOnce('testWebhookEndpoint', client, testMutation, { id }, options)
}

/** Redelivers all transitions after a feed cursor to an endpoint. */
export async function replayWebhookEndpoint(
  client: SessionsClient,
  id: string,
  after: string,
  options: RequestOptions = {},
): Promise<void> {
  await sendOnce('replayWebhookEndpoint', client, replayMutation, { input: { id, after } }, options)
}
