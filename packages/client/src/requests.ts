import { apiErrorOf, ConnectionError, type GraphQLError, isTemporary } from './errors.js'
import type { Operations } from './operations.js'
import type { RequestOptions, Settings } from './options.js'
import { backoffMs, delay } from './retry.js'

/** Maximum delay before a retry, even if the server asks for a longer one. */
const maxDelayMs = 30_000

interface GraphQLResponse<T> {
  data?: T | null
  errors?: GraphQLError[]
}

const isMutation = (document: string): boolean => /^\s*mutation\b/m.test(document)

/** Sends queries and mutations over HTTP. */
export class Requests {
  constructor(
    readonly settings: Settings,
    readonly operations: Operations,
  ) {}

  /**
   * Sends a document and returns the data of the response. Retries while there is no response, after the delay that the
   * server asks for. Throws ApiError, ConnectionError after the last attempt, ClientClosedError, or the signal's reason.
   */
  async send<T>(document: string, variables: object, options: RequestOptions): Promise<T> {
    const operation = this.operations.begin(options.signal)
    try {
      return await this.#send(document, variables, { ...options, signal: operation.signal })
    } finally {
      operation.end()
    }
  }

  async #send<T>(
    document: string,
    variables: object,
    { signal, maxAttempts = 5, onRetry }: RequestOptions,
  ): Promise<T> {
    const body = JSON.stringify({ query: document, variables })
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted()
      try {
        return await this.#attempt<T>(body, isMutation(document) ? undefined : signal)
      } catch (error) {
        if (!(error instanceof ConnectionError) || attempt + 1 >= maxAttempts) throw error
        const ms = Math.max(Math.min(error.retryAfterMs, maxDelayMs), backoffMs(attempt))
        if (!signal?.aborted) onRetry?.(ms)
        await delay(ms, signal)
      }
    }
  }

  async #attempt<T>(body: string, signal: AbortSignal | undefined): Promise<T> {
    const { endpoint, errorMessages, connectionErrorMessage } = this.settings
    let result: GraphQLResponse<T> | undefined
    let cause: unknown
    let retryAfterMs = 0
    try {
      const response = await this.#postWithToken(body, signal)
      retryAfterMs = 1_000 * (Number(response.headers.get('Retry-After')) || 0)
      cause = new Error(`${endpoint} responded with status ${response.status} and without GraphQL data.`)
      result = (await response.json()) as GraphQLResponse<T>
    } catch (error) {
      signal?.throwIfAborted()
      cause ??= error
    }
    if (result?.errors?.length) {
      cause = apiErrorOf(result.errors, errorMessages)
      if (!isTemporary(result.errors)) throw cause
    } else if (result?.data) return result.data
    throw new ConnectionError(connectionErrorMessage, { cause }, retryAfterMs)
  }

  /** Posts the body. If the server refuses the token (401), posts once more with another one, if there is one. */
  async #postWithToken(body: string, signal: AbortSignal | undefined): Promise<Response> {
    const token = await this.settings.token()
    const response = await this.#post(body, token, signal)
    if (response.status !== 401 || token === undefined) return response
    const renewed = await this.#renewToken(token)
    return renewed === undefined || renewed === token ? response : this.#post(body, renewed, signal)
  }

  /** Returns the token that replaces a refused one. Returns undefined if `token` throws, so the 401 is the response. */
  async #renewToken(refused: string): Promise<string | undefined> {
    try {
      return await this.settings.token(refused)
    } catch {
      return undefined
    }
  }

  #post(body: string, token: string | undefined, signal: AbortSignal | undefined): Promise<Response> {
    const { endpoint, timeoutMs = 30_000 } = this.settings
    const timeout = AbortSignal.timeout(timeoutMs)
    const types = { 'Content-Type': 'application/json', Accept: 'application/json' }
    return fetch(endpoint, {
      method: 'POST',
      headers: { ...types, ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
      body,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    })
  }
}
