import type { Logger } from 'pino'
import type { EmbeddedCore } from './db/embedded/embedded-store'
import type { MongoConnection } from './db/mongo/connection'
import type { LogFollower, Store, StorePart } from './db/store'
import type { Caller } from './domain/caller'
import type { Feed } from './feed/feed'
import type { AllowsOrigin } from './http/middleware'
import type { Admit } from './http/rate-limit'
import type { Resource } from './rest/resource'
import type { SessionCommands, TrackWrite } from './sessions/session-commands'
import type { CountSessions } from './sessions/session-queries'
import type { MetricsRegistry } from './telemetry/metrics'
import type { Tool } from './tool'
import type { UseCases } from './use-cases'
import type { Config } from './variables'

/**
 * A removable part of the server: a folder below `capabilities`, and its entries in the lists there. A capability
 * extends the core's types `UseCases`, `StoreParts`, `Facts` (error codes) and `Config` by declaration merging
 * (`declare module`). Deleting a capability's folder also removes its type extensions.
 */
export interface Capability {
  /** Name under which the capability's use cases are in `UseCases`, and its part is in `Store`. */
  name: string
  /** Returns the functions that create the capability's part of a store. */
  store?(config: Config): StorePartFactories
  /** REST resources, which the OpenAPI description lists. */
  resources?: Resource[]
  /** type-graphql classes that define queries, mutations, subscriptions and fields. */
  resolvers?: NonNullable<unknown>[]
  /**
   * Functions that convert subscription messages to responses, keyed by the subscription's field. These functions
   * replace the resolver class's methods. Because they are synchronous, each delivery saves one promise.
   */
  messages?: Record<string, (message: never, args: never, context: never) => unknown>
  /** Paths of the capability's dashboard views. */
  viewPaths?: readonly string[]
  tools?: Tool[]
  /**
   * Connects the capability to the core of one server. Do not use the store in `open`, because the store may not have
   * opened yet.
   */
  open?(core: Core): Opened | Promise<Opened>
}

/** Functions that create a capability's part of a store, one for each kind of store. */
export interface StorePartFactories {
  mongo(connection: MongoConnection): StorePart
  embedded(core: EmbeddedCore): StorePart
}

/** The components of the core that capabilities use. */
export interface Core {
  config: Config
  log: Logger
  clock: () => Date
  version: string
  store: Store
  feed: Feed
  sessions: SessionCommands
  /** Whether requests need a bearer token. */
  requiresTokens: boolean
  /** Decides whether web pages of an origin are allowed to use this server (CORS). */
  allowsOrigin: AllowsOrigin
  capabilities: readonly Capability[]
  overrides: Overrides
}

/** Test doubles and settings that only tests pass. Each capability adds its members by declaration merging. */
// biome-ignore lint/suspicious/noEmptyInterface: a type alias can't be merged
export interface Overrides {}

/**
 * A capability that is connected to one server. The lifecycle is: `Capability.open`, `start` once the store has opened,
 * `stop`, and `end`.
 */
export interface Opened {
  /**
   * Whether the configuration disables the capability. The resources of a disabled capability refuse all requests and
   * are not listed.
   */
  isOff?: boolean
  /**
   * Returns the capability's use cases for a caller. `useCases` contains the use cases of the core and of all
   * capabilities earlier in the list.
   */
  of?(caller: Caller, useCases: UseCases): object
  /** Names of the use cases that telemetry measures. */
  measured?: string[]
  follower?: LogFollower
  /** REST resources that exist only in some configurations. The OpenAPI description omits them. */
  resources?: Resource[]
  /** Called for every HTTP request except health checks, before its body is read. Throws to refuse the request. */
  admit?: Admit
  settings?: Record<string, string>
  /** Replaces the store's count of sessions. */
  count?: CountSessions
  /** Wraps every write by this process that creates a new version of a session. */
  trackWrite?: TrackWrite
  /** Registers the capability's metrics. Called only if metrics are enabled. */
  addMetrics?(metrics: MetricsRegistry): void
  /**
   * Starts the capability's background work. Called once, after the store has opened, unless the server stops first.
   */
  start?(): void
  /**
   * Stops the capability's background work. Called once the server has stopped accepting requests. The server waits for
   * `stop`, up to its time limit for stopping.
   */
  stop?(): void | Promise<void>
  /**
   * Releases resources that the use cases need. Called when no request is in progress any more, before the store ends.
   */
  end?(): void | Promise<void>
}
