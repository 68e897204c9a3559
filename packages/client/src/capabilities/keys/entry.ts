/**
 * Stored service keys: `import { createServiceKey } from 'benefit-sessions-client/keys'`
 *
 * Only admins can use these functions, and only if the server accepts stored keys (`AUTH_KEYS=stored`). The client sends
 * a change to a service key only once unless you set `maxAttempts`, because the change has no idempotency key. After a
 * ConnectionError, list the service keys before you repeat the change.
 */
import { untilGone } from '../../calls.js'
import type { SessionsClient } from '../../client.js'
import { send, sendOnce } from '../../functions.js'
import type { RequestOptions } from '../../options.js'
import type { CreateServiceKeyInput, RotateServiceKeyInput, ServiceKey } from '../../schema.js'
import { createMutation, keyQuery, keysQuery, revokeMutation, rotateMutation } from './documents.js'

export type { CreateServiceKeyInput, ServiceKey, ServiceKeyRole } from '../../schema.js'

/** A service key, and the secret to send as the `token` of a client. The server does not show this secret again. */
export interface CreatedServiceKey {
  serviceKey: ServiceKey
  key: string
}

/** Returns all stored service keys, newest first. */
export async function listServiceKeys(client: SessionsClient, options: RequestOptions = {}): Promise<ServiceKey[]> {
  return (await send<{ serviceKeys: ServiceKey[] }>('listServiceKeys', client, keysQuery, {}, options)).serviceKeys
}

/** Returns a service key, or null if no stored service key has this id. */
export async function getServiceKey(
  client: SessionsClient,
  id: string,
  options: RequestOptions = {},
): Promise<ServiceKey | null> {
  return (await send<{ serviceKey: ServiceKey | null }>('getServiceKey', client, keyQuery, { id }, options)).serviceKey
}

/** Creates a service key. */
export async function createServiceKey(
  client: SessionsClient,
  input: CreateServiceKeyInput,
  options: RequestOptions = {},
): Promise<CreatedServiceKey> {
  return (
    await sendOnce<{ createServiceKey: CreatedServiceKey }>(
      'createServiceKey',
      client,
      createMutation,
      { input },
      options,
    )
  ).createServiceKey
}

/** Replaces the secret of a service key. The former secret ends at once, or after `overlapHours`. */
export async function rotateServiceKey(
  client: SessionsClient,
  input: RotateServiceKeyInput,
  options: RequestOptions = {},
): Promise<CreatedServiceKey> {
  return (
    await sendOnce<{ rotateServiceKey: CreatedServiceKey }>(
      'rotateServiceKey',
      client,
      rotateMutation,
      { input },
      options,
    )
  ).rotateServiceKey
}

/** Revokes a service key. Throws LAST_ADMIN_KEY if no admin could sign in without this key. */
export async function revokeServiceKey(
  client: SessionsClient,
  id: string,
  options: RequestOptions = {},
): Promise<void> {
  const revoke = (options: RequestOptions): Promise<unknown> =>
    send('revokeServiceKey', client, revokeMutation, { id }, options)
  await untilGone(revoke, options, 'SERVICE_KEY_NOT_FOUND')
}
