import { backoffMs } from './backoff.js'
import { type GraphQLFault, isPassing, refusalOf, Unreachable } from './refusal.js'
import { type Settings, unreachableIn } from './settings.js'

/** Maximum delay before a retry, even if the server asks for a longer one. */
const longestWaitMs = 30_000

export interface Call {
  /**
   * Aborts a read at once. If a change was sent already, the client still awaits its response, but does not send it
   * again.
   */
  signal?: AbortSignal | undefined
  /** Maximum attempts while there is no response. Default: 5. */
  attempts?: number | undefined
  /** Called before each delay between attempts, with its length in ms. */
  waits?: ((ms: number) => void) | undefined
}

interface Said<T> {
  data?: T | null
  errors?: GraphQLFault[]
}

const isChange = (document: string): boolean => /^\s*mutation\b/m.test(document)

/** Sends operations over HTTP. */
export class Requests {
  constructor(readonly settings: Settings) {}

  /**
   * Sends a document and returns the data of the response. Retries while there is no response, after the delay that the
   * server asks for. Throws Refusal, Unreachable after the last attempt, or the signal's reason.
   */
  async ask<T>(document: string, variables: object, { signal, attempts = 5, waits }: Call = {}): Promise<T> {
    const body = JSON.stringify({ query: document, variables })
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted()
      try {
        return await this.#once<T>(body, isChange(document) ? undefined : signal)
      } catch (error) {
        if (!(error instanceof Unreachable) || attempt + 1 >= attempts) throw error
        const ms = Math.max(Math.min(error.retryAfterMs, longestWaitMs), backoffMs(attempt))
        if (!signal?.aborted) waits?.(ms)
        await pause(ms, signal)
      }
    }
  }

  async #once<T>(body: string, signal: AbortSignal | undefined): Promise<T> {
    let said: Said<T> | undefined
    let cause: unknown
    let retryAfterMs = 0
    try {
      const response = await this.#posted(body, signal)
      retryAfterMs = 1_000 * (Number(response.headers.get('Retry-After')) || 0)
      said = (await response.json()) as Said<T>
    } catch (error) {
      signal?.throwIfAborted()
      cause = error
    }
    if (said?.errors?.length) {
      const refusal = refusalOf(said.errors, this.settings.sentences ?? {})
      if (!isPassing(said.errors)) throw refusal
      cause = refusal
    } else if (said?.data) return said.data
    throw new Unreachable(unreachableIn(this.settings), { cause }, retryAfterMs)
  }

  /** Posts the body. If the server refuses the token (401), posts once more with another one, if there is one. */
  async #posted(body: string, signal: AbortSignal | undefined): Promise<Response> {
    const { token } = this.settings
    const shown = await token?.()
    const response = await this.#post(body, shown, signal)
    if (response.status !== 401 || shown === undefined) return response
    const next = await this.#inPlaceOf(shown)
    return next === undefined || next === shown ? response : this.#post(body, next, signal)
  }

  /** Returns the token that replaces a refused one. Returns undefined if `token` throws, so the 401 is the response. */
  async #inPlaceOf(shown: string): Promise<string | undefined> {
    try {
      return await this.settings.token?.(shown)
    } catch {
      return undefined
    }
  }

  #post(body: string, token: string | undefined, signal: AbortSignal | undefined): Promise<Response> {
    const { url, timeoutMs = 30_000 } = this.settings
    const late = AbortSignal.timeout(timeoutMs)
    const types = { 'Content-Type': 'application/json', Accept: 'application/json' }
    return fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { ...types, ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
      body,
      signal: signal ? AbortSignal.any([signal, late]) : late,
    })
  }
}

/** Waits for `ms`, or throws the signal's reason. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', aborted)
      resolve()
    }, ms)
    if (signal?.aborted) aborted()
    else signal?.addEventListener('abort', aborted, { once: true })
  })
}
