import type { Logger } from 'pino'
import type { EmbeddedCore } from './db/embedded/embedded-store'
import type { MongoConnection } from './db/mongo/connection'
import type { LogFollower, Store, StorePart } from './db/store'
import type { Caller } from './domain/caller'
import type { Feed } from './feed/feed'
import type { AllowsOrigin } from './http/middleware'
import type { Admit } from './http/rate-limit'
import type { Resource } from './rest/resource'
import type { CountSessions } from './sessions/session-reads'
import type { Sessions, TrackWrite } from './sessions/sessions'
import type { MetricsRegistry } from './telemetry/metrics'
import type { Tool } from './tool'
import type { UseCases } from './use-cases'
import type { Config } from './variables'

/**
 * A removable part of the server: a folder below `capabilities`, and lines in the lists there. It adds its types to
 * those of the core by declaration merging (`declare module`): to `UseCases`, `StoreParts`, `Facts` (error codes) and
 * `Config`. If you delete the folder, these types disappear with it.
 */
export interface Capability {
  /** Name of the capability's use cases in `UseCases`, and of its part in `Store`. */
  name: string
  /** Returns the functions that create the capability's part of a store. */
  store?(config: Config): StorePartFactories
  /** REST resources that the OpenAPI description lists. */
  resources?: Resource[]
  /** type-graphql classes with queries, mutations, subscriptions and fields. */
  resolvers?: NonNullable<unknown>[]
  /**
   * Functions that convert a subscription's messages to responses, by field. They replace the methods of the class,
   * because they are synchronous, which saves one promise per delivery.
   */
  messages?: Record<string, (message: never, args: never, context: never) => unknown>
  /** Paths of the capability's views in the dashboard. */
  views?: readonly string[]
  tools?: Tool[]
  /** Connects the capability to the core of one server. The store may not be open yet. */
  open?(core: Core): Opened | Promise<Opened>
}

/** Creates a capability's part of a store. There is one function for each kind of store. */
export interface StorePartFactories {
  mongo(connection: MongoConnection): StorePart
  embedded(core: EmbeddedCore): StorePart
}

/** The parts of the core that capabilities use. */
export interface Core {
  config: Config
  log: Logger
  clock: () => Date
  version: string
  store: Store
  feed: Feed
  sessions: Sessions
  /** Whether requests need a token. */
  requiresTokens: boolean
  /** Whether pages from the request's origin may use this server. */
  allowsOrigin: AllowsOrigin
  capabilities: readonly Capability[]
  overrides: Overrides
}

/**
 * Test doubles and settings that only tests inject, by capability. Each capability adds its own by declaration merging.
 */
// biome-ignore lint/suspicious/noEmptyInterface: a type alias can't be merged
export interface Overrides {}

/**
 * A capability of one server. Its methods are called in this order: `open`, `start` once the store is open, `stop`,
 * `end`.
 */
export interface Opened {
  /** Whether the configuration disables the capability. Its resources then refuse all requests and are not listed. */
  isOff?: boolean
  /**
   * Returns its use cases for a caller. `useCases` contains those of the core and of the capabilities listed earlier.
   */
  of?(caller: Caller, useCases: UseCases): object
  /** Names of the measured use cases. */
  measured?: string[]
  follower?: LogFollower
  /** Resources that only some configurations have. The OpenAPI description omits them. */
  resources?: Resource[]
  /** Throws to refuse a request. Called for every HTTP request, except health checks, before its body is read. */
  admit?: Admit
  settings?: Record<string, string>
  /** Counts sessions, in place of the store. */
  count?: CountSessions
  /** Wraps each write of this process that creates a new version of a session. */
  trackWrite?: TrackWrite
  /** Registers the capability's metrics. Called only if the server has metrics. */
  addMetrics?(metrics: MetricsRegistry): void
  /** Called once when the store is open, unless the server stops earlier. */
  start?(): void
  /**
   * Stops the capability's own work. Called when the server accepts no more requests. The server waits for it, within
   * the time limit for stopping.
   */
  stop?(): void | Promise<void>
  /** Releases what the use cases need. Called when no request is left, before the store ends. */
  end?(): void | Promise<void>
}
