import type {
  CreateWebhookEndpointInput,
  RotateWebhookSecretPayload,
  WebhookAttempt,
  WebhookEndpoint,
} from '../../../../packages/client/src/schema.js'
import { client } from '../../graphql/client'
import {
  createEndpointMutation,
  deleteEndpointMutation,
  endpointQuery,
  endpointsQuery,
  pauseEndpointMutation,
  replayEndpointMutation,
  rotateSecretMutation,
  testEndpointMutation,
} from './documents'

export type { WebhookAttempt } from '../../../../packages/client/src/schema.js'

export type ListedEndpoint = Omit<WebhookEndpoint, 'cursor' | 'version' | 'updatedAt' | 'attempts'>

export interface Endpoint extends ListedEndpoint {
  attempts: WebhookAttempt[]
}

export const readEndpoints = async (): Promise<ListedEndpoint[]> =>
  (await client.request<{ webhookEndpoints: ListedEndpoint[] }>(endpointsQuery)).webhookEndpoints

/** Returns an endpoint with its latest delivery attempts, or null if no endpoint in the user's scope has this id. */
export const readEndpoint = async (id: string): Promise<Endpoint | null> =>
  (await client.request<{ webhookEndpoint: Endpoint | null }>(endpointQuery, { id })).webhookEndpoint

/** Sends a mutation only once. The mutation has no idempotency key, so a retry could take effect a second time. */
const change = <T>(document: string, variables: object): Promise<T> =>
  client.request<T>(document, variables, { maxAttempts: 1 })

/** A new endpoint, or an endpoint with a new secret. */
export type EndpointSecret = Pick<WebhookEndpoint, 'id'> & RotateWebhookSecretPayload

export async function createEndpoint(input: CreateWebhookEndpointInput): Promise<EndpointSecret> {
  const { createWebhookEndpoint: created } = await change<{
    createWebhookEndpoint: { endpoint: Pick<WebhookEndpoint, 'id'> } & RotateWebhookSecretPayload
  }>(createEndpointMutation, { input })
  return { id: created.endpoint.id, secret: created.secret }
}

export const pauseEndpoint = (id: string, paused: boolean): Promise<unknown> =>
  change(pauseEndpointMutation, { id, paused })

export const testEndpoint = (id: string): Promise<unknown> => change(testEndpointMutation, { id })

export const replayEndpoint = (id: string, after: string): Promise<unknown> =>
  change(replayEndpointMutation, { input: { id, after } })

/** Rotates the endpoint's secret and returns the new secret. */
export const rotateSecret = async (id: string): Promise<string> =>
  (await change<{ rotateWebhookSecret: RotateWebhookSecretPayload }>(rotateSecretMutation, { id })).rotateWebhookSecret
    .secret

export const deleteEndpoint = (id: string): Promise<unknown> => change(deleteEndpointMutation, { id })
