import { callsOf } from './calls.js'
import { checkNames } from './check-options.js'
import type { SessionsClient } from './client.js'
import { request } from './option-names.js'
import type { RequestOptions } from './options.js'

/** Sends a GraphQL document for a function that another entry point exports. */
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
 * Sends a mutation that has no idempotency key. By default, sends the mutation only once, because a retry could take
 * effect a second time.
 */
export const sendOnce: typeof send = (call, client, document, variables, options) =>
  send(call, client, document, variables, { ...options, maxAttempts: options.maxAttempts ?? 1 })
