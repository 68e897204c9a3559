import type { ErrorMessages } from './errors.js'
import type { FeedFilter, SessionFilter, SessionOrder, StartSessionInput } from './schema.js'

/**
 * Returns a token without `Bearer`, or undefined if there is no token. The client calls this function for each request
 * and each connection. If the token has expired or the server refuses it, the client calls the function again and
 * passes the refused token as `refused`. If the function then returns no token or the same one, the client's request
 * fails with UNAUTHENTICATED. If the function throws, the client calls the function again later.
 */
export type TokenProvider = (refused?: string) => string | undefined | Promise<string | undefined>

/** Options of a SessionsClient. */
export interface ClientOptions {
  /** URL of the server, including its BASE_PATH if it has one: https://sessions.example.org */
  url: string
  /** A service key, or a function that returns a token. Needed only if the server requires tokens. */
  token?: string | TokenProvider | undefined
  /**
   * WebSocket class for runtimes that have none, for example the class from the package `ws`. Default: the global
   * `WebSocket`.
   */
  webSocketImpl?: unknown
  /** Time in ms that the client waits for each response before it retries. Default: 30,000. */
  timeoutMs?: number | undefined
  /**
   * If no message arrives for this time in ms, the client pings the server. If no pong arrives within half of this
   * time, the client closes the connection. `keepAliveMs` is also the time limit for opening a connection. Default:
   * 8,000.
   */
  keepAliveMs?: number | undefined
  /** Messages of ApiErrors, keyed by error code, for example in the user's language. Default: the server's messages. */
  errorMessages?: ErrorMessages | undefined
  /** Message of ConnectionErrors, for example in the user's language. Default: an English message. */
  connectionErrorMessage?: string | undefined
}

/** Options of every request. */
export interface RequestOptions {
  /**
   * Aborts a read at once. If the aborted request is a change that was already sent, the client still awaits the
   * response, but does not retry the change.
   */
  signal?: AbortSignal | undefined
  /** Maximum number of attempts if the server does not respond or is temporarily unavailable. Default: 5. */
  maxAttempts?: number | undefined
  /** Called before each retry. The client sends the retry `delayMs` after calling this function. */
  onRetry?: ((delayMs: number) => void) | undefined
}

/** Options of a change. */
export interface ChangeOptions extends RequestOptions {
  /**
   * Idempotency key. Set your own key if another process may have to repeat the change. Default: a new idempotency key
   * for each call.
   */
  idempotencyKey?: string | undefined
}

/** Options of `share`. */
export interface ShareOptions extends ChangeOptions {
  /**
   * Days from now until the link expires, 1 to 365. Default: a new link expires in 30 days, and an existing link keeps
   * its expiry.
   */
  expiresInDays?: number | undefined
  /**
   * Whether the shared result names the organisation. Default: false for a new link; an existing link keeps its
   * setting.
   */
  showOrganisation?: boolean | undefined
}

/** Input of `startSession`. */
export type NewSession = Omit<StartSessionInput, 'idempotencyKey'>

/** Options of a request that reads the sessions matching a filter. */
export interface FilterOptions extends RequestOptions {
  /** Selects sessions. Default: all sessions that the caller is allowed to see. */
  filter?: SessionFilter | undefined
}

/** Selects one page of a list. */
export interface PageOptions {
  /** Page size, 1 to 100. Default: 20. */
  first?: number | undefined
  /** The `endCursor` of the previous page. */
  after?: string | null | undefined
}

/** Options of `allSessions`. */
export interface AllSessionsOptions extends FilterOptions {
  /** Order of the sessions. Default: newest first. */
  orderBy?: SessionOrder | undefined
}

/** Options of `listSessions`. */
export interface ListSessionsOptions extends AllSessionsOptions, PageOptions {}

/** Options of `listSharedLinks`. */
export interface ListSharedLinksOptions extends FilterOptions, PageOptions {}

/** Options of `listTransitions`. */
export interface ListTransitionsOptions extends RequestOptions {
  /** Maximum number of transitions, 1 to 1,000. Default: 100. */
  first?: number | undefined
  /**
   * Sequence number of the transition after which the list starts. Default: 0, so that the list starts with the first
   * transition.
   */
  after?: number | undefined
}

/** Options of `followSession`. */
export interface FollowOptions {
  /** Stops following without an error. */
  signal?: AbortSignal | undefined
}

/**
 * Selects the sessions to follow. Unlike the feed's filter, this filter has no `events`, because a copy of the sessions
 * needs all transitions.
 */
export type FollowSessionsFilter = Omit<FeedFilter, 'events'>

/** Describes your stored copy of the sessions, from which `followSessions` resumes. */
export interface StoredCopy {
  /** Cursor of the last change that you applied to your copy. */
  after: string
  /** Returns a session's version in your copy, or undefined if your copy does not contain the session. */
  versionOf(id: string): number | undefined | Promise<number | undefined>
}

/** Options of `followSessions`. */
export interface FollowSessionsOptions extends FollowOptions {
  /** Selects the sessions to follow. Default: all sessions that the caller is allowed to see. */
  filter?: FollowSessionsFilter | undefined
  /** Resumes from a copy that you have stored. Without this option, `followSessions` yields all sessions first. */
  resume?: StoredCopy | undefined
}

/** Validated options of a client. */
export interface Settings extends Omit<ClientOptions, 'url' | 'token'> {
  /** URL of the server's GraphQL endpoint. */
  endpoint: string
  token(refused?: string): Promise<string | undefined>
}

export const settingsOf = ({ url, token, ...others }: ClientOptions): Settings => ({
  ...others,
  endpoint: endpointOf(url),
  token: shareCalls(async refused => (typeof token === 'function' ? token(refused) : token)),
})

/**
 * Returns a token function whose concurrent calls share one result if they have the same argument. When a connection is
 * lost, all its subscriptions may request a token at once.
 */
function shareCalls(token: Settings['token']): Settings['token'] {
  const running = new Map<string | undefined, Promise<string | undefined>>()
  return refused => {
    const call = running.get(refused) ?? token(refused).finally(() => running.delete(refused))
    running.set(refused, call)
    return call
  }
}

/** Returns the URL of the server's GraphQL endpoint. Throws TypeError if `url` is not the URL of a server. */
function endpointOf(url: string): string {
  const refuse = (reason: string): never => {
    throw new TypeError(`The option \`url\` is ${JSON.stringify(url)}. ${reason}`)
  }
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    return refuse('The URL must begin with http:// or https:// and a host, such as https://sessions.example.org.')
  }
  const { origin, pathname, search, hash, username, password } = new URL(url)
  if (username || password) return refuse('The URL must not have a user or a password: pass a token in `token`.')
  if (search || hash) return refuse('The URL must not have a query or a fragment.')
  const server = origin + pathname.replace(/\/+$/, '')
  const [path] = /\/(?:graphql|graphiql|api\/v1(?:\/.*)?)$/.exec(server) ?? []
  if (path !== undefined) return refuse(`Leave out ${path}: pass ${JSON.stringify(server.slice(0, -path.length))}.`)
  return `${server}/graphql`
}
