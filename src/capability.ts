import type { Logger } from 'pino'
import type { ServiceKeys } from './access/service-keys'
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
 * A removable part of the server, with its own folder in `src/capabilities`. A capability extends the core's types
 * `UseCases`, `StoreParts`, `Facts` (error codes) and `Config` by declaration merging (`declare module`).
 */
export interface Capability {
  /** Name of the properties of `UseCases` and `Store` that contain the capability's use cases and store part. */
  name: string
  /** Returns the functions that create the capability's part of a store. */
  store?(config: Config): StorePartFactories
  /** REST resources that the OpenAPI description includes. */
  resources?: Resource[]
  /** type-graphql classes that define queries, mutations, subscriptions and fields. */
  resolvers?: NonNullable<unknown>[]
  /** Paths of the capability's views in the dashboard. */
  viewPaths?: readonly string[]
  tools?: Tool[]
  /** Connects the capability to one server's core. Must not use the store, which may not have opened yet. */
  open?(core: Core): Opened | Promise<Opened>
}

/** Functions that create a capability's part of a store, one function per kind of store. */
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
  requiresTokens: boolean
  /** Undefined if the server accepts no service keys. */
  serviceKeys: ServiceKeys | undefined
  /** Decides whether web pages of an origin are allowed to call this server (CORS). */
  allowsOrigin: AllowsOrigin
  capabilities: readonly Capability[]
  overrides: Overrides
}

/** Test doubles and settings for tests. Each capability adds its own overrides by declaration merging. */
// biome-ignore lint/suspicious/noEmptyInterface: a type alias can't be merged
export interface Overrides {}

/** The server calls `Capability.open`, then `start` once the store has opened, then `stop` and `end`. */
export interface Opened {
  /**
   * Whether the configuration disables the capability. Its resources then refuse all requests, and `GET /` omits them.
   */
  isOff?: boolean
  /**
   * Returns the capability's use cases for a caller. `useCases` contains the use cases of the core and of all
   * capabilities that precede this one in the list.
   */
  of?(caller: Caller, useCases: UseCases): object
  follower?: LogFollower
  /** REST resources that exist only in some configurations. The OpenAPI description omits them. */
  resources?: Resource[]
  /** Checks every HTTP request, except health checks, before its body is read. Throws to refuse the request. */
  admit?: (request: Parameters<Admit>[0]) => void
  settings?: Record<string, string>
  /** Counts sessions faster than the store can. */
  count?: CountSessions
  /** Wraps every write by which this process creates a session version. */
  trackWrite?: TrackWrite
  /** Registers the capability's metrics. The server calls this function only if metrics are enabled. */
  addMetrics?(metrics: MetricsRegistry): void
  /** Starts the capability's background work. The server calls this function once, after the store has opened. */
  start?(): void
  /**
   * Stops the capability's background work. The server calls this function when the server begins to stop. The server
   * then waits for the returned promise, up to its own time limit for stopping.
   */
  stop?(): void | Promise<void>
  /** Releases resources of the use cases. Called after all requests have ended and before the store closes. */
  end?(): void | Promise<void>
}

export interface OpenedCapability extends Opened {
  name: string
}

/** Opens the core's capabilities one after the other, in the order of their list. */
export async function openCapabilities(core: Core): Promise<OpenedCapability[]> {
  const opened: OpenedCapability[] = []
  for (const { name, open } of core.capabilities) opened.push({ name, ...(await open?.(core)) })
  return opened
}
