// The client follows the feed over a WebSocket, because an event stream over HTTP/1.1 would occupy one of the six
// connections that a browser allows per host.
import { type Client, createClient, type FormattedExecutionResult } from 'graphql-ws/client'
import { type ApiError, apiErrorOf, type GraphQLError, isTemporary } from './errors.js'
import type { Settings } from './options.js'
import { backoffMs } from './retry.js'

/** Callbacks for the messages of one subscription. */
export interface Subscriber<T> {
  /**
   * Returns the variables of the subscription, which include the position at which to resume. The client calls this
   * function for each attempt to subscribe.
   */
  variables(): Record<string, unknown>
  next(data: T): void
  /** Called when the connection is lost. `retryAt` is the time of the next attempt, in epoch ms. */
  disconnected?(retryAt: number): void
  /**
   * Called when the server refuses the subscription, or ends it with an error. After this error, the client does not
   * subscribe again.
   */
  error?(error: ApiError): void
  /**
   * Called when the server completes the subscription. Return true to end the subscription, or false to subscribe
   * again.
   */
  complete?(): boolean
  /**
   * Called if the server refuses a token that it had accepted before, and the client has no other token. The reason may
   * be that the caller's access has changed. After calling this function, the client subscribes again with the same
   * token.
   */
  accessChanged?(): void
}

/** Handle that controls one subscription. */
export interface Subscription {
  /** Unsubscribes until `resume` is called. The server keeps the messages that the paused subscription misses. */
  pause(): void
  /** Subscribes again, with new `variables`. */
  resume(): void
  stop(): void
}

/** The part of a WebSocket class that this file uses. */
type WebSocketClass = new (
  url: string | URL,
  protocols?: string | string[],
) => { close(): void; addEventListener(event: 'open' | 'error' | 'close', listener: () => void): void }

interface Runtime {
  WebSocket?: unknown
  /** Adds a listener for changes in the device's network state. Exists only in browsers. */
  addEventListener?(event: 'online' | 'offline', listener: () => void): void
  removeEventListener?(event: 'online' | 'offline', listener: () => void): void
}

const runtime = globalThis as Runtime

/** Returns a WebSocket class that closes a connection if the connection does not open within `ms`. */
function withOpenTimeout(given: unknown, ms: number): WebSocketClass {
  const Socket = (given ?? runtime.WebSocket) as WebSocketClass | undefined
  if (!Socket)
    throw new TypeError('This runtime has no WebSocket class: pass one in `webSocketImpl`, such as that of `ws`.')
  return class extends Socket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      const timer = setTimeout(() => this.close(), ms)
      for (const event of ['open', 'error', 'close'] as const) this.addEventListener(event, () => clearTimeout(timer))
    }
  }
}

/** Runs all of a client's subscriptions over one WebSocket, which is open only while there are subscriptions. */
export class Subscriptions {
  /** Subscriptions that have not been stopped. */
  readonly running = new Set<Subscription>()
  /** Subscriptions that are waiting for their next attempt to subscribe. */
  readonly waiting = new Set<RetryingSubscription<never>>()
  /** Listeners that are called with false when the connection is lost, and with true when it is restored. */
  readonly connectionListeners = new Set<(isConnected: boolean) => void>()
  /** Token that was sent when the latest connection was opened. */
  token: string | undefined
  /** Whether the server has accepted the latest connection, and thus its token. */
  isAccepted = false
  /** Token to send when the next connection is opened, if the token is already known. */
  nextToken: string | undefined
  #client: Client | undefined
  #pongTimer: ReturnType<typeof setTimeout> | undefined
  /** The connection state that was last reported to the listeners. */
  #isConnected: boolean | undefined

  constructor(readonly settings: Settings) {
    runtime.addEventListener?.('online', this.#retryAll)
    runtime.addEventListener?.('offline', this.#terminate)
  }

  /**
   * Starts a subscription. After each lost connection, subscribes again, until the subscription is stopped, refused or
   * complete.
   */
  subscribe<T>(document: string, subscriber: Subscriber<T>): Subscription {
    const subscription = new RetryingSubscription(this, document, subscriber)
    this.running.add(subscription)
    subscription.open()
    return subscription
  }

  /** Stops all subscriptions. The connection closes after the last subscription has stopped. */
  close(): void {
    for (const subscription of this.running) subscription.stop()
    runtime.removeEventListener?.('online', this.#retryAll)
    runtime.removeEventListener?.('offline', this.#terminate)
    // Terminate a connection that is still being opened, because it would otherwise close only after it has opened.
    if (!this.isAccepted) this.#terminate()
  }

  /**
   * The graphql-ws client, created on first use. The retries of graphql-ws are disabled, because they would send the
   * original variables again. Instead, each subscription resumes with new variables.
   */
  get client(): Client {
    const { endpoint, webSocketImpl, keepAliveMs = 8_000 } = this.settings
    this.#client ??= createClient({
      url: endpoint.replace(/^http/, 'ws'),
      retryAttempts: 0,
      keepAlive: keepAliveMs,
      connectionAckWaitTimeout: keepAliveMs,
      webSocketImpl: withOpenTimeout(webSocketImpl, keepAliveMs),
      connectionParams: async () => {
        this.token = this.nextToken ?? (await this.settings.token())
        this.nextToken = undefined
        return this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }
      },
      on: {
        connecting: () => {
          this.isAccepted = false
        },
        connected: () => {
          this.isAccepted = true
          this.#reportConnection(true)
          this.#retryAll()
        },
        ping: received => {
          if (received) return
          clearTimeout(this.#pongTimer)
          this.#pongTimer = setTimeout(this.#terminate, keepAliveMs / 2)
        },
        pong: received => {
          if (received) clearTimeout(this.#pongTimer)
        },
        closed: event => {
          clearTimeout(this.#pongTimer)
          // The client itself closes the connection with code 1000 when no subscription is left, or when all
          // subscriptions are paused.
          if ((event as { code?: unknown } | undefined)?.code !== 1000) this.#reportConnection(false)
        },
      },
    })
    return this.#client
  }

  #reportConnection(isConnected: boolean): void {
    if (isConnected === this.#isConnected) return
    this.#isConnected = isConnected
    for (const listener of [...this.connectionListeners]) listener(isConnected)
  }

  readonly #retryAll = (): void => {
    for (const subscription of [...this.waiting]) subscription.open()
  }

  /** Terminates the connection without waiting for the server, for example when the device goes offline. */
  readonly #terminate = (): void => this.#client?.terminate()
}

const forbidden = {
  message: 'Your role does not allow this. Ask your administrator for the role that you need.',
  extensions: { code: 'FORBIDDEN' },
}
const unauthenticated = {
  message: 'Not signed in: the server requires a valid token.',
  extensions: { code: 'UNAUTHENTICATED' },
}

/** A subscription that subscribes again after each interruption, with new variables and, if necessary, a new token. */
class RetryingSubscription<T> implements Subscription {
  #state: 'active' | 'paused' | 'stopped' = 'active'
  /** Number of attempts to subscribe since the last message arrived. */
  #attempt = 0
  /** Timer for the next attempt to subscribe. */
  #timer: ReturnType<typeof setTimeout> | undefined
  #unsubscribe = (): void => {}

  constructor(
    readonly subscriptions: Subscriptions,
    readonly document: string,
    readonly subscriber: Subscriber<T>,
  ) {}

  /** Subscribes now, even if the next attempt is scheduled for later. */
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
    this.#leave()
  }

  resume(): void {
    if (this.#state !== 'paused') return
    this.#state = 'active'
    this.open()
  }

  stop(): void {
    if (this.#state === 'stopped') return
    this.#state = 'stopped'
    this.subscriptions.running.delete(this)
    this.#cancelRetry()
    this.#leave()
  }

  /**
   * Unsubscribes in a microtask. If a subscription unsubscribed while graphql-ws was handling a message, graphql-ws
   * would count a later `complete` message twice.
   */
  #leave(): void {
    queueMicrotask(this.#unsubscribe)
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

  /** Handles an error, a lost connection or an early completion: reports a refusal, gets a new token, or retries. */
  #interrupted(error: unknown): void {
    if (this.#state !== 'active' || this.#timer !== undefined) return
    // Unsubscribe even after an error, because otherwise graphql-ws would keep the next connection open for this
    // subscription.
    this.#leave()
    const code = (error as { code?: unknown } | undefined)?.code
    if (Array.isArray(error) && !isTemporary(error)) this.#refuse(error)
    else if (code === 4403) this.#refuse([forbidden])
    else if (code === 4401) this.#renewToken()
    else this.#retry()
  }

  #refuse(errors: readonly GraphQLError[]): void {
    this.stop()
    this.subscriber.error?.(apiErrorOf(errors, this.subscriptions.settings.errorMessages))
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

  /** Gets another token and subscribes again. If the previous attempt to subscribe also failed, waits first. */
  #renewToken(): void {
    const { token, isAccepted } = this.subscriptions
    const delayMs = this.#attempt === 0 ? 0 : backoffMs(this.#attempt)
    this.#attempt++
    this.#timer = setTimeout(() => this.#openWithOtherToken(token, isAccepted), delayMs)
    if (delayMs > 0) this.subscriber.disconnected?.(Date.now() + delayMs)
  }

  /**
   * After the server has refused a token, subscribes again with another token if there is one. If there is no other
   * token, reuses the refused token if the server had accepted it before, because the server also closes a connection
   * when the rights of its valid token change. If there is no token, or only a token that the server has never
   * accepted, ends the subscription with UNAUTHENTICATED.
   */
  async #openWithOtherToken(refused: string | undefined, wasAccepted: boolean): Promise<void> {
    const { subscriptions, subscriber } = this
    let token: string | undefined
    try {
      token = await subscriptions.settings.token()
      // Report the lost connection only if no other token is available yet.
      if (token === refused) {
        subscriber.disconnected?.(Date.now())
        token = refused === undefined ? undefined : await subscriptions.settings.token(refused)
      }
    } catch {
      if (this.#state === 'active') this.#retry()
      return
    }
    if (this.#state !== 'active') return
    if (token === undefined || (token === refused && !wasAccepted)) return this.#refuse([unauthenticated])
    if (token === refused) subscriber.accessChanged?.()
    subscriptions.nextToken = token
    this.open()
  }
}
