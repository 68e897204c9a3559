import { type Call, checkOptions } from './check-options.js'
import type { Page } from './documents.js'
import { type ErrorCode, isApiError } from './errors.js'
import type { Transports } from './follow.js'
import { Operations } from './operations.js'
import type { FollowOptions, RequestOptions, Settings } from './options.js'
import { Requests } from './requests.js'
import { Subscriptions } from './subscriptions.js'

/** Implements a client's calls: requests, subscriptions, and their cancellation. */
export class Calls implements Transports {
  readonly requests: Requests
  readonly subscriptions: Subscriptions
  readonly #operations = new Operations()

  constructor(settings: Settings) {
    this.requests = new Requests(settings, this.#operations)
    this.subscriptions = new Subscriptions(settings)
  }

  /** Stops all iterables of the follow methods, aborts all reads, and closes the connection. */
  close(): void {
    this.#operations.close()
    this.subscriptions.close()
  }

  throwIfClosed(): void {
    this.#operations.throwIfClosed()
  }

  /** Sends a document. All options except the request options become variables of the document. */
  async send<T>(call: Call, document: string, variables: object, options: RequestOptions): Promise<T> {
    checkOptions(call, options)
    const { signal, maxAttempts, onRetry, ...stated } = options
    return this.requests.send<T>(document, { ...stated, ...variables }, { signal, maxAttempts, onRetry })
  }

  /** Yields each item that `follow` yields, until the caller aborts its signal or the client is closed. */
  follow<T>(
    call: Call,
    options: FollowOptions,
    follow: (signal: AbortSignal) => AsyncGenerator<T, void>,
  ): AsyncGenerator<T, void> {
    checkOptions(call, options)
    this.throwIfClosed()
    return this.#following(options.signal, follow)
  }

  async *#following<T>(
    outer: AbortSignal | undefined,
    follow: (signal: AbortSignal) => AsyncGenerator<T, void>,
  ): AsyncGenerator<T, void> {
    const { signal, end } = this.#operations.begin(outer)
    try {
      yield* follow(signal)
    } finally {
      end()
    }
  }
}

/**
 * Maps each client to its calls. A capability's functions use this map, because they can't read the client's private
 * members.
 */
const callsOfClients = new WeakMap<object, Calls>()

export function bindCalls(client: object, calls: Calls): void {
  callsOfClients.set(client, calls)
}

export const callsOf = (client: object): Calls => callsOfClients.get(client) as Calls

/** Yields the items on all pages of a list. */
export async function* itemsOf<T>(read: (after: string | null) => Promise<Page<T>>): AsyncGenerator<T, void> {
  for (let after: string | null = null; ; ) {
    const { nodes, pageInfo }: Page<T> = await read(after)
    yield* nodes
    if (!pageInfo.hasNextPage) return
    after = pageInfo.endCursor
  }
}

/**
 * Sends a deletion. If the server refuses a retry with one of `codes`, the deletion has succeeded: an earlier attempt
 * took effect, and only its response was lost.
 */
export async function untilGone(
  send: (options: RequestOptions) => Promise<unknown>,
  options: RequestOptions,
  ...codes: ErrorCode[]
): Promise<void> {
  let isRetried = false
  const onRetry = (delayMs: number): void => {
    isRetried = true
    options.onRetry?.(delayMs)
  }
  try {
    await send({ ...options, onRetry })
  } catch (error) {
    if (!isRetried || !codes.some(code => isApiError(error, code))) throw error
  }
}
