import { type Client, createClient, type FormattedExecutionResult } from 'graphql-ws/client'
import { type ApiError, apiErrorOf, type GraphQLError, isTemporary } from './errors.js'
import type { ClientOptions } from './options.js'
import { backoffMs } from './retry.js'

/** Receives the messages of one subscription. */
export interface Subscriber<T> {
  /** Returns the variables, which say where to resume. Called for each attempt to subscribe. */
  variables(): Record<string, unknown>
  next(data: T): void
  /** Called when the connection is lost. `retryAt` is the time of the next attempt, in ms of Date.now(). */
  disconnected?(retryAt: number): void
  /** Called when the server refuses or ends the subscription with an error. Then the subscription is stopped. */
  error?(error: ApiError): void
  /** Called when the server completes the subscription. Return false to subscribe again. */
  complete?(): boolean
}

/** Handle of one subscription. */
export interface Subscription {
  /** Unsubscribes for now. The server keeps the messages that follow. */
  pause(): void
  /** Subscribes again, with new `variables`. */
  resume(): void
  stop(): void
}

/** Part of a WebSocket class that this file uses. graphql-ws uses more of it. */
type WebSocketClass = new (
  url: string | URL,
  protocols?: string | string[],
) => { close(): void; addEventListener(event: 'open' | 'error' | 'close', listener: () => void): void }

interface Runtime {
  WebSocket?: unknown
  /** Exists in browsers only. Reports whether the device has a network. */
  addEventListener?(event: 'online' | 'offline', listener: () => void): void
}

/** Returns a WebSocket class that closes a connection if it does not open within `ms`. */
function withOpenTimeout(given: unknown, ms: number): WebSocketClass {
  const Socket = (given ?? (globalThis as Runtime).WebSocket) as WebSocketClass | undefined
  if (!Socket) throw new Error('This runtime has no WebSocket class: pass one in `WebSocket`, such as that of `ws`.')
  return class extends Socket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      const timer = setTimeout(() => this.close(), ms)
      for (const event of ['open', 'error', 'close'] as const) this.addEventListener(event, () => clearTimeout(timer))
    }
  }
}

/** Subscribes over one WebSocket, which is open while there are subscriptions. */
export class Subscriptions {
  /** Subscriptions that wait for their next attempt. */
  readonly waiting = new Set<RetryingSubscription<never>>()
  /** Token that the last connection was opened with. */
  connectionToken: string | undefined
  #client: Client | undefined
  #pongTimer: ReturnType<typeof setTimeout> | undefined

  constructor(readonly options: ClientOptions) {
    const runtime = globalThis as Runtime
    runtime.addEventListener?.('online', () => this.#retryAll())
    // Without a network there is no response to wait for, so do not wait until `keepAliveMs` is over.
    runtime.addEventListener?.('offline', () => this.#client?.terminate())
  }

  /** Follows a subscription across lost connections until it is stopped, refused or complete. */
  subscribe<T>(document: string, subscriber: Subscriber<T>): Subscription {
    const subscription = new RetryingSubscription(this, document, subscriber)
    subscription.open()
    return subscription
  }

  /** Retries of graphql-ws are off: they would repeat the first variables. Each subscription resumes with new ones. */
  get client(): Client {
    const { url, token, onConnectionChange, keepAliveMs = 8_000 } = this.options
    this.#client ??= createClient({
      url: `${url.replace(/^http/, 'ws')}/graphql`,
      retryAttempts: 0,
      keepAlive: keepAliveMs,
      connectionAckWaitTimeout: keepAliveMs,
      webSocketImpl: withOpenTimeout(this.options.WebSocket, keepAliveMs),
      connectionParams: async () => {
        this.connectionToken = await token?.()
        return this.connectionToken === undefined ? {} : { authorization: `Bearer ${this.connectionToken}` }
      },
      on: {
        connected: () => {
          onConnectionChange?.(true)
          this.#retryAll()
        },
        ping: received => {
          if (received) return
          clearTimeout(this.#pongTimer)
          this.#pongTimer = setTimeout(() => this.client.terminate(), keepAliveMs / 2)
        },
        pong: received => {
          if (received) clearTimeout(this.#pongTimer)
        },
        closed: event => {
          clearTimeout(this.#pongTimer)
          // 1000: there is no subscription any more, or all are paused.
          if ((event as { code?: unknown } | undefined)?.code !== 1000) onConnectionChange?.(false)
        },
      },
    })
    return this.#client
  }

  #retryAll(): void {
    for (const subscription of [...this.waiting]) subscription.open()
  }
}

const forbidden = { message: 'Your role does not allow this.', extensions: { code: 'FORBIDDEN' } }
const unauthenticated = {
  message: 'Not signed in: the server needs a valid token.',
  extensions: { code: 'UNAUTHENTICATED' },
}

/** A subscription that subscribes again, with new variables and if necessary a new token, when it is interrupted. */
class RetryingSubscription<T> implements Subscription {
  #state: 'active' | 'paused' | 'stopped' = 'active'
  /** Number of attempts without a message. */
  #attempt = 0
  /** Timer of the next attempt. */
  #timer: ReturnType<typeof setTimeout> | undefined
  #unsubscribe = (): void => {}

  constructor(
    readonly subscriptions: Subscriptions,
    readonly document: string,
    readonly subscriber: Subscriber<T>,
  ) {}

  /** Subscribes, also if the next attempt is due later. */
  open(): void {
    this.#cancelRetry()
    this.#unsubscribe = this.subscriptions.client.subscribe<T>(
      { query: this.document, variables: this.subscriber.variables() },
      {
        next: result => this.#next(result),
        error: error => this.#interrupted(error),
        complete: () => this.#complete(),
      },
    )
  }

  pause(): void {
    if (this.#state !== 'active') return
    this.#state = 'paused'
    this.#cancelRetry()
    this.#unsubscribe()
  }

  resume(): void {
    if (this.#state !== 'paused') return
    this.#state = 'active'
    this.open()
  }

  stop(): void {
    if (this.#state === 'stopped') return
    this.#state = 'stopped'
    this.#cancelRetry()
    this.#unsubscribe()
  }

  #next({ data, errors }: FormattedExecutionResult<T, unknown>): void {
    if (this.#state !== 'active') return
    if (errors) this.#interrupted(errors)
    else {
      this.#attempt = 0
      if (data) this.subscriber.next(data)
    }
  }

  #complete(): void {
    if (this.#state !== 'active') return
    if (this.subscriber.complete?.()) this.stop()
    else this.#interrupted(undefined)
  }

  /** Decides what follows an error, a lost connection or an early completion: refusal, a new token, or a retry. */
  #interrupted(error: unknown): void {
    if (this.#state !== 'active' || this.#timer !== undefined) return
    const code = (error as { code?: unknown } | undefined)?.code
    if (Array.isArray(error) && !isTemporary(error)) this.#refuse(error)
    else if (code === 4403) this.#refuse([forbidden])
    else if (code === 4401 && this.#attempt === 0) {
      // The token has expired or was refused. If there is another one already, do not report a lost connection.
      this.#attempt++
      const refused = this.subscriptions.connectionToken
      this.#timer = setTimeout(() => this.#reopenWithToken(refused), 0)
    } else this.#retry()
  }

  #refuse(errors: readonly GraphQLError[]): void {
    this.stop()
    this.subscriber.error?.(apiErrorOf(errors, this.subscriptions.options.errorMessages))
  }

  #retry(): void {
    const delayMs = backoffMs(this.#attempt++)
    this.#timer = setTimeout(() => this.open(), delayMs)
    this.subscriptions.waiting.add(this)
    this.subscriber.disconnected?.(Date.now() + delayMs)
  }

  #cancelRetry(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.subscriptions.waiting.delete(this)
  }

  /** Subscribes again with a token other than `refused`, or ends with UNAUTHENTICATED if there is none. */
  async #reopenWithToken(refused: string | undefined): Promise<void> {
    const { token } = this.subscriptions.options
    let current: string | undefined
    try {
      current = await token?.()
      if (current === refused) {
        this.subscriber.disconnected?.(Date.now())
        current = refused === undefined ? undefined : await token?.(refused)
      }
    } catch {
      if (this.#state === 'active') this.#retry()
      return
    }
    if (this.#state !== 'active') return
    if (current === undefined || current === refused) this.#refuse([unauthenticated])
    else this.open()
  }
}
