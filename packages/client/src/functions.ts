import { callsOf } from './calls.js'
import { checkNames } from './check-options.js'
import type { SessionsClient } from './client.js'
import { request } from './option-names.js'
import type { RequestOptions } from './options.js'

/** Sends a document for a function of another entry point. */
export async function send<T>(
  call: string,
  client: SessionsClient,
  document: string,
  variables: object,
  options: RequestOptions,
): Promise<T> {
  checkNames(call, options, request)
  return callsOf(client).requests.send<T>(document, variables, options)
}

/**
 * Sends a mutation, by default only once. The mutation has no idempotency key, so a retry could take effect a second
 * time.
 */
export const sendOnce: typeof send = (call, client, document, variables, options) =>
  send(call, client, document, variables, { ...options, maxAttempts: options.maxAttempts ?? 1 })
