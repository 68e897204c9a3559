import { backoffMs } from './backoff.js'
import { type GraphQLFault, isPassing, refusalOf, Unreachable } from './refusal.js'
import { type Settings, unreachableIn } from './settings.js'

/** However long the server asks to wait, it is asked again after so long. */
const longestWaitMs = 30_000

export interface Call {
  /**
   * Ends the wait: what is read is not waited for any more; a change that was sent is, and is not sent again.
   */
  signal?: AbortSignal | undefined
  /** So often it is asked while there is no answer, 5 times where it is not stated. */
  attempts?: number | undefined
  /** Told before each wait for another attempt. */
  waits?: ((ms: number) => void) | undefined
}

interface Said<T> {
  data?: T | null
  errors?: GraphQLFault[]
}

const isChange = (document: string): boolean => /^\s*mutation\b/m.test(document)

/** Asks over HTTP. */
export class Requests {
  constructor(readonly settings: Settings) {}

  /**
   * What a document's answer holds. While there is none, it is asked again, no sooner than the server said. Throws Refusal,
   * Unreachable once it was asked often enough, or the signal's reason.
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

  /** Posts, once more where another token takes the place of one that was refused. */
  async #posted(body: string, signal: AbortSignal | undefined): Promise<Response> {
    const { token } = this.settings
    const shown = await token?.()
    const response = await this.#post(body, shown, signal)
    if (response.status !== 401 || shown === undefined) return response
    const next = await this.#inPlaceOf(shown)
    return next === undefined || next === shown ? response : this.#post(body, next, signal)
  }

  /** Where none can be had for now, the refusal is the answer. */
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

/** Waits so long, or throws the signal's reason. */
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
