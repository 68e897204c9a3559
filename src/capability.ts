import type { Logger } from 'pino'
import type { EmbeddedCore } from './db/embedded/embedded-store'
import type { MongoConnection } from './db/mongo/connection'
import type { LogFollower, Store, StorePart } from './db/store'
import type { Caller } from './domain/caller'
import type { Feed } from './feed/feed'
import type { AllowsOrigin } from './http/middleware'
import type { Resource } from './rest/resource'
import type { CountSessions } from './sessions/session-reads'
import type { Sessions, TrackWrite } from './sessions/sessions'
import type { MetricsRegistry } from './telemetry/metrics'
import type { Tool } from './tool'
import type { UseCases } from './use-cases'
import type { Config } from './variables'

/**
 * A part of the server that can be taken out: a folder below `capabilities`, and a line in its lists. Types that the core
 * has to know of it (its use cases, store, variables and error codes) are merged by declaration.
 */
export interface Capability {
  /** Name of its use cases in `UseCases`, and of its part in `Store`. */
  name: string
  /** Makes its part of a store. */
  store?(config: Config): StoreParts
  /** REST resources that the OpenAPI description has. */
  resources?: Resource[]
  /** Classes of type-graphql with queries, mutations, subscriptions and fields. */
  resolvers?: NonNullable<unknown>[]
  /**
   * Resolvers of its subscriptions' messages, by field, in place of those in the class: a synchronous one saves a promise
   * for each delivery.
   */
  messages?: Record<string, (message: never, args: never, context: never) => unknown>
  /** Paths of its views in the dashboard. */
  views?: readonly string[]
  /** Paths that `GET /` lists, by name. */
  links?: Record<string, string>
  /** Tools for assistants. */
  tools?: Tool[]
  /** Connects it to the core of one server. The store may not be open yet. */
  open?(core: Core): Opened | Promise<Opened>
}

/** Makes a part of each store. */
export interface StoreParts {
  mongo(connection: MongoConnection): StorePart
  embedded(core: EmbeddedCore): StorePart
}

/** What a capability uses of the core. */
export interface Core {
  config: Config
  log: Logger
  clock: () => Date
  /** Version of this program. */
  version: string
  store: Store
  feed: Feed
  sessions: Sessions
  /** Whether requests need a token. */
  requiresTokens: boolean
  /** Whether pages of the request's origin may use this server. */
  allowsOrigin: AllowsOrigin
  /** All capabilities. */
  capabilities: readonly Capability[]
  /** What tests set in place of the system's. */
  means: Means
}

/** What tests set in place of the system's, by capability. Each one adds its own by declaration merging. */
// biome-ignore lint/suspicious/noEmptyInterface: a type alias can't be merged
export interface Means {}

/** A capability of one server. */
export interface Opened {
  /** Returns its use cases for a caller. `useCases` has those of the core, and of the capabilities before it in the list. */
  of?(caller: Caller, useCases: UseCases): object
  /** Names of the use cases that are measured. */
  measured?: string[]
  /** Follows the log. */
  follower?: LogFollower
  /** Resources that only some configurations have. The OpenAPI description leaves them out. */
  resources?: Resource[]
  /** Settings for the dashboard, by name. */
  settings?: Record<string, string>
  /** Counts sessions in place of the store. */
  count?: CountSessions
  /** Surrounds each write of this process that makes a new version of a session. */
  trackWrite?: TrackWrite
  /** Registers its metrics. Called only if the server has metrics. */
  addMetrics?(metrics: MetricsRegistry): void
  /** Called once when the store is open, unless the server stops before. */
  start?(): void
  /** Stops its own work. Called when the server accepts no more requests. The stop waits for it, within its time. */
  stop?(): void | Promise<void>
  /** Releases what its use cases need. Called when no request is left, before the store ends. */
  end?(): void | Promise<void>
}
