import { apiErrorOf, ConnectionError, type GraphQLError, isTemporary } from './errors.js'
import type { Operations } from './operations.js'
import type { RequestOptions, Settings } from './options.js'
import { backoffMs, delay } from './retry.js'
import { type TypedDocument, textOf } from './typed-document.js'

/** Maximum delay in ms before a retry, even if the server requests a longer delay. */
const maxDelayMs = 30_000

/** Content of a response. A response that has neither data nor errors does not come from a Benefit Sessions server. */
export interface Answer<T> {
  data?: T | null
  errors?: GraphQLError[]
}

/** A request that the client can send more than once. */
export interface Sending<T> {
  url: string
  init: RequestInit
  /**
   * Reads the response, within the request's time limit. `token` is the token that the client sent with the request.
   */
  read(response: Response, token: string | undefined): Promise<Answer<T>>
  /** Whether the caller can abort the request after it was sent. */
  isAbortable: boolean
}

const isMutation = (document: string): boolean => /^\s*mutation\b/m.test(document)

export class Requests {
  constructor(
    readonly settings: Settings,
    readonly operations: Operations,
  ) {}

  /**
   * Sends a document, and returns the response's data. Retries while the server does not respond or is temporarily
   * unavailable, after the delay that the server requests. Throws ApiError, ClientClosedError, the signal's reason, or,
   * after the last attempt, ConnectionError.
   */
  async send<T>(document: string | TypedDocument<T, never>, variables: object, options: RequestOptions): Promise<T> {
    this.operations.throwIfClosed()
    const query = await textOf(document)
    const sending: Sending<T> = {
      url: this.settings.endpoint,
      init: {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
        body: JSON.stringify({ query, variables }),
      },
      read: async response => (await response.json()) as Answer<T>,
      isAbortable: !isMutation(query),
    }
    const operation = this.operations.begin(options.signal)
    try {
      return await this.run(sending, { ...options, signal: operation.signal })
    } finally {
      operation.end()
    }
  }

  /** Sends a request. Retries and throws like `send`. */
  async run<T>(sending: Sending<T>, { signal, maxAttempts = 5, onRetry }: RequestOptions): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted()
      try {
        return await this.#attempt(sending, sending.isAbortable ? signal : undefined)
      } catch (error) {
        if (!(error instanceof ConnectionError) || attempt + 1 >= maxAttempts) throw error
        const ms = Math.max(Math.min(error.retryAfterMs, maxDelayMs), backoffMs(attempt))
        if (!signal?.aborted) onRetry?.(ms)
        await delay(ms, signal)
      }
    }
  }

  async #attempt<T>({ url, init, read }: Sending<T>, signal: AbortSignal | undefined): Promise<T> {
    const { errorMessages, connectionErrorMessage, timeoutMs = 30_000 } = this.settings
    const late = new AbortController()
    const timer = setTimeout(
      () => late.abort(new DOMException(`No response in ${timeoutMs} ms`, 'TimeoutError')),
      timeoutMs,
    )
    // Do not let the timer keep a Node.js process alive, because the program may no longer be awaiting the request.
    ;(timer as { unref?(): void }).unref?.()
    let answer: Answer<T> | undefined
    let cause: unknown
    let retryAfterMs = 0
    try {
      const within = signal ? AbortSignal.any([signal, late.signal]) : late.signal
      const { response, token } = await this.#fetchWithToken(url, { ...init, signal: within })
      retryAfterMs = 1_000 * (Number(response.headers.get('Retry-After')) || 0)
      cause = new Error(`${url} responded with status ${response.status} and without data.`)
      answer = await read(response, token)
    } catch (error) {
      signal?.throwIfAborted()
      cause ??= error
    } finally {
      clearTimeout(timer)
    }
    if (answer?.errors?.length) {
      cause = apiErrorOf(answer.errors, errorMessages)
      if (!isTemporary(answer.errors)) throw cause
    } else if (answer?.data) return answer.data
    throw new ConnectionError(connectionErrorMessage, { cause }, retryAfterMs)
  }

  /**
   * Sends a request. If the server refuses the token (401) and there is another token, sends the request once more with
   * that token.
   */
  async #fetchWithToken(url: string, init: RequestInit): Promise<{ response: Response; token: string | undefined }> {
    const token = await this.settings.token()
    const response = await fetch(url, withToken(init, token))
    if (response.status !== 401 || token === undefined) return { response, token }
    const renewed = await this.#renewToken(token)
    if (renewed === undefined || renewed === token) return { response, token }
    return { response: await fetch(url, withToken(init, renewed)), token: renewed }
  }

  /** Returns the token that replaces a refused token. Returns undefined if the program's token function throws. */
  async #renewToken(refused: string): Promise<string | undefined> {
    try {
      return await this.settings.token(refused)
    } catch {
      return undefined
    }
  }
}

export const withToken = (init: RequestInit, token: string | undefined): RequestInit =>
  token === undefined ? init : { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } }
