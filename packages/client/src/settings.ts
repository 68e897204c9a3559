import type { Sentences } from './refusal.js'

/**
 * The token to be shown, without `Bearer`; undefined where there is none. Called for each request and each connection, and
 * once more with a token that was not taken, or has ended: another one is to be had then. One that is the same, or none,
 * is the end (UNAUTHENTICATED); what it throws says that there is none for now, and is asked again later.
 */
export type TokenSource = (refused?: string) => string | undefined | Promise<string | undefined>

export interface Settings {
  /** Where the server is, with its BASE_PATH: https://sessions.example.org */
  url: string
  /** Where the server asks for tokens. */
  token?: TokenSource | undefined
  /** A class as the browser's; `ws` on a Node.js that has none, before 22. */
  WebSocket?: unknown
  /** An answer is waited for so long, 30,000 ms where it is not stated; then it is asked again. */
  timeoutMs?: number | undefined
  /**
   * A connection that says nothing for so long, 8,000 ms where it is not stated, is asked whether it is there, and taken for
   * dead after half as long again.
   */
  silenceMs?: number | undefined
  /** Told when the connection that what is followed comes over is there (true), and when it is lost (false). */
  connection?: ((isLive: boolean) => void) | undefined
  /** Of refusals, in the reader's language. */
  sentences?: Sentences | undefined
  /** What Unreachable says, in the reader's language. */
  unreachable?: string | undefined
}

export const unreachableIn = ({ unreachable }: Settings): string =>
  unreachable ?? 'The server cannot be reached, or cannot answer right now.'
