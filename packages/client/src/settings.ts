import type { Sentences } from './refusal.js'

/**
 * Returns the token, without `Bearer`, or undefined if there is none. The client calls it for each request and each
 * connection. If the server refuses the token, or it has expired, the client calls it again with that token as
 * `refused`. If it then returns the same token or undefined, the client throws UNAUTHENTICATED. If it throws, the
 * client calls it again later.
 */
export type TokenSource = (refused?: string) => string | undefined | Promise<string | undefined>

export interface Settings {
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
   * connection after half as long again. Default: 8,000.
   */
  silenceMs?: number | undefined
  /** Called with true when the WebSocket connection is established, and with false when it is lost. */
  connection?: ((isLive: boolean) => void) | undefined
  /** Messages of Refusal, in the user's language. */
  sentences?: Sentences | undefined
  /** Message of Unreachable, in the user's language. */
  unreachable?: string | undefined
}

export const unreachableIn = ({ unreachable }: Settings): string =>
  unreachable ?? 'The server is unreachable or temporarily unavailable.'
