import type { ErrorMessages } from './errors.js'

/**
 * Returns the token, without `Bearer`, or undefined if there is none. The client calls it for each request and each
 * connection. If the server refuses the token, or it has expired, the client calls it again with that token as
 * `refused`. If it then returns the same token or undefined, the client throws UNAUTHENTICATED. If it throws, the
 * client calls it again later.
 */
export type TokenSource = (refused?: string) => string | undefined | Promise<string | undefined>

/** Options of a SessionsClient. */
export interface ClientOptions {
  /** URL of the server, with its BASE_PATH: https://sessions.example.org */
  url: string
  /** Source of tokens, if the server requires them. */
  token?: TokenSource | undefined
  /** WebSocket class. Default: the global one. Node.js before 22 has none: pass the class of `ws`. */
  WebSocket?: unknown
  /** Time limit for a response, in ms. Then the client retries. Default: 30,000. */
  timeoutMs?: number | undefined
  /**
   * Silence on a connection, in ms, after which the client pings the server. Without a pong, the client closes the
   * connection after half as long again. Also the time limit for opening a connection. Default: 8,000.
   */
  keepAliveMs?: number | undefined
  /** Called with true when the WebSocket connection is established, and with false when it is lost. */
  onConnectionChange?: ((isConnected: boolean) => void) | undefined
  /** Messages of ApiError by code, for example in the user's language. Default: the server's messages. */
  errorMessages?: ErrorMessages | undefined
  /** Message of ConnectionError, for example in the user's language. */
  connectionErrorMessage?: string | undefined
}

/** Options of one request. */
export interface RequestOptions {
  /**
   * Aborts a read at once. If a change was sent already, the client still awaits its response, but does not send it
   * again.
   */
  signal?: AbortSignal | undefined
  /** Maximum number of attempts while there is no response. Default: 5. */
  maxAttempts?: number | undefined
  /** Called before the delay of each retry, with its length in ms. */
  onRetry?: ((delayMs: number) => void) | undefined
}
