import { type Client, createClient, type FormattedExecutionResult } from 'graphql-ws/client'
import { backoffMs } from './backoff.js'
import { type GraphQLFault, isPassing, type Refusal, refusalOf, type Sentences } from './refusal.js'
import type { Settings } from './settings.js'

/** Part of a WebSocket class that this file uses. graphql-ws uses more of it. */
type WebSocketClass = new (
  url: string | URL,
  protocols?: string | string[],
) => { close(): void; addEventListener(event: 'open' | 'error' | 'close', listener: () => void): void }

interface Page {
  WebSocket?: unknown
  /** Exists in browsers only. Reports whether the device has a network. */
  addEventListener?(event: 'online' | 'offline', listener: () => void): void
}

/** Returns a WebSocket class that closes a connection if it does not open within `ms`. */
function impatient(given: unknown, ms: number): WebSocketClass {
  const Socket = (given ?? (globalThis as Page).WebSocket) as WebSocketClass | undefined
  if (!Socket) throw new Error('This runtime has no WebSocket class: pass one in `WebSocket`, such as that of `ws`.')
  return class extends Socket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      const timer = setTimeout(() => this.close(), ms)
      for (const event of ['open', 'error', 'close'] as const) this.addEventListener(event, () => clearTimeout(timer))
    }
  }
}

const forbidden = { message: 'Your role does not allow this.', extensions: { code: 'FORBIDDEN' } }
const unauthenticated = {
  message: 'Not signed in: the server needs a valid token.',
  extensions: { code: 'UNAUTHENTICATED' },
}

export interface Subscriber<T> {
  /** Returns the variables, which say where to resume. Called for each attempt to subscribe. */
  variables(): Record<string, unknown>
  next(data: T): void
  /** Called when the connection is lost. `retryAt` is the time of the next attempt, in ms of Date.now(). */
  lost?(retryAt: number): void
  refused?(refusal: Refusal): void
  /** Called when the server completes the subscription. Return false to subscribe again. */
  complete?(): boolean
}

export interface Subscription {
  /** Unsubscribes for now. The server keeps the messages that follow. */
  pause(): void
  /** Subscribes again, with new `variables`. */
  resume(): void
  stop(): void
}

/** Subscribes over one WebSocket, which is open while there are subscriptions. */
export class Subscriptions {
  readonly #sentences: Sentences
  #made: Client | undefined
  /** For each subscription that waits to retry, the function that does so at once. */
  readonly #waiting = new Set<() => void>()
  /** Token that the last connection was opened with. */
  #introducedBy: string | undefined
  #pongTimer: ReturnType<typeof setTimeout> | undefined

  constructor(readonly settings: Settings) {
    this.#sentences = settings.sentences ?? {}
    const page = globalThis as Page
    page.addEventListener?.('online', () => this.#attemptAll())
    // Without a network there is no response to wait for, so do not wait until `silenceMs` is over.
    page.addEventListener?.('offline', () => this.#made?.terminate())
  }

  /** Retries of graphql-ws are off: they would repeat the first variables. Each subscription resumes with new ones. */
  get #client(): Client {
    const { url, token, connection, silenceMs = 8_000 } = this.settings
    this.#made ??= createClient({
      url: `${url.replace(/^http/, 'ws')}/graphql`,
      retryAttempts: 0,
      keepAlive: silenceMs,
      connectionAckWaitTimeout: silenceMs,
      webSocketImpl: impatient(this.settings.WebSocket, silenceMs),
      connectionParams: async () => {
        this.#introducedBy = await token?.()
        return this.#introducedBy === undefined ? {} : { authorization: `Bearer ${this.#introducedBy}` }
      },
      on: {
        connected: () => {
          connection?.(true)
          this.#attemptAll()
        },
        ping: received => {
          if (received) return
          clearTimeout(this.#pongTimer)
          this.#pongTimer = setTimeout(() => this.#client.terminate(), silenceMs / 2)
        },
        pong: received => {
          if (received) clearTimeout(this.#pongTimer)
        },
        closed: event => {
          clearTimeout(this.#pongTimer)
          // 1000: there is no subscription any more, or all are paused.
          if ((event as { code?: unknown } | undefined)?.code !== 1000) connection?.(false)
        },
      },
    })
    return this.#made
  }

  #attemptAll(): void {
    for (const attempt of [...this.#waiting]) attempt()
  }

  /** Follows a subscription across lost connections until it is stopped, refused or complete. */
  subscribe<T>(document: string, { variables, next, lost, refused, complete }: Subscriber<T>): Subscription {
    let stopped = false
    let paused = false
    let attempt = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    let unsubscribe = (): void => {}

    const open = (): void => {
      clearTimeout(timer)
      timer = undefined
      this.#waiting.delete(open)
      unsubscribe = this.#client.subscribe<T>(
        { query: document, variables: variables() },
        {
          next: ({ data, errors }: FormattedExecutionResult<T>) => {
            if (stopped || paused) return
            if (errors) return end(errors)
            attempt = 0
            if (data) next(data)
          },
          error: end,
          complete: () => {
            if (stopped || paused) return
            if (complete?.()) leave()
            else end(undefined)
          },
        },
      )
    }

    const leave = (): void => {
      if (stopped) return
      stopped = true
      clearTimeout(timer)
      this.#waiting.delete(open)
      unsubscribe()
    }

    const refuse = (faults: readonly GraphQLFault[]): void => {
      leave()
      refused?.(refusalOf(faults, this.#sentences))
    }

    const end = (error: unknown): void => {
      if (stopped || paused || timer !== undefined) return
      const code = (error as { code?: unknown } | undefined)?.code
      if (Array.isArray(error) && !isPassing(error)) refuse(error)
      else if (code === 4403) refuse([forbidden])
      else if (code === 4401 && attempt === 0) {
        // The token has expired or was refused. If there is another one already, do not report a lost connection.
        attempt++
        timer = setTimeout(reopen, 0, this.#introducedBy)
      } else again()
    }

    const again = (): void => {
      const wait = backoffMs(attempt++)
      timer = setTimeout(open, wait)
      this.#waiting.add(open)
      lost?.(Date.now() + wait)
    }

    /** Subscribes again with a token other than `shown`, or ends with UNAUTHENTICATED if there is none. */
    const reopen = async (shown: string | undefined): Promise<void> => {
      let current: string | undefined
      try {
        current = await this.settings.token?.()
        if (current === shown) {
          lost?.(Date.now())
          current = shown === undefined ? undefined : await this.settings.token?.(shown)
        }
      } catch {
        if (!stopped && !paused) again()
        return
      }
      if (stopped || paused) return
      if (current === undefined || current === shown) refuse([unauthenticated])
      else open()
    }

    open()
    return {
      pause() {
        if (stopped || paused) return
        paused = true
        clearTimeout(timer)
        timer = undefined
        unsubscribe()
      },
      resume() {
        if (stopped || !paused) return
        paused = false
        open()
      },
      stop: leave,
    }
  }
}
