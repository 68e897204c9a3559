import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client'
import type { Subscriber, Transport } from '../concurrency/probe'
import { waitsByPlace } from '../concurrency/waits'
import type { Store } from '../db/store'
import { errorCodes } from '../domain/errors'
import { graphqlErrorCodes } from '../domain/graphql-errors'
import type { Feed } from '../feed/feed'
import type { SessionCommands } from '../sessions/session-commands'
import type { Work } from './instrumentation'

/** Histogram buckets in seconds: the lowest fits cached responses, and the highest exceeds the request deadline. */
const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20]
const sizes = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000]

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])

const closeCodes = new Set([1008, 1012, 1013, 4400, 4401, 4403, 4406, 4408, 4409, 4429, 4500])

/** Labels of a request whose response has ended or has become a stream. */
export interface Served {
  method: string
  route: string
  status: string
  operation: string
}

const named = (name: string, help: string) => ({ name: `benefit_sessions_${name}`, help })

/** Every metric label has a closed set of values that clients cannot extend. */
export class MetricsRegistry {
  readonly registry = new Registry()
  readonly #registers = [this.registry]

  /** By default, the buckets are durations in seconds. */
  histogram<Label extends string = never>(
    name: string,
    help: string,
    labelNames: Label[] = [],
    buckets = seconds,
  ): Histogram<Label> {
    return new Histogram({ ...named(name, help), labelNames, buckets, registers: this.#registers })
  }

  counter<Label extends string = never>(name: string, help: string, ...labelNames: Label[]): Counter<Label> {
    return new Counter({ ...named(name, help), labelNames, registers: this.#registers })
  }

  /** Adds a gauge whose value is computed only when the metrics are scraped. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void {
    new Gauge({
      ...named(name, help),
      registers: this.#registers,
      async collect() {
        this.set(await read())
      },
    })
  }

  /** Adds a labelled gauge whose values are computed only when the metrics are scraped. */
  gauges(name: string, help: string, label: string, read: () => Record<string, number>): void {
    new Gauge({
      ...named(name, help),
      labelNames: [label],
      registers: this.#registers,
      collect() {
        this.reset()
        for (const [value, count] of Object.entries(read())) this.set({ [label]: value }, count)
      },
    })
  }
}

/** Metrics that are recorded as events happen, whereas the gauges are read when the metrics are scraped. */
export class Metrics extends MetricsRegistry {
  readonly #codes = new Set<string>([...errorCodes(), ...graphqlErrorCodes])

  readonly #requests = this.histogram(
    'http_request_duration_seconds',
    'Time from a request to the end of its response, or to the start of a stream.',
    ['method', 'route', 'status', 'operation'],
  )
  readonly #durationsOf: Record<Work['kind'], Histogram<string>> = {
    'use case': this.histogram('use_case_duration_seconds', 'Duration of use cases.', ['use_case', 'event', 'outcome']),
    store: this.histogram('store_operation_duration_seconds', 'Duration of store operations.', [
      'operation',
      'outcome',
    ]),
    batch: this.histogram('store_batch_duration_seconds', 'Duration of batches of store operations.', [
      'batch',
      'outcome',
    ]),
    websocket: this.histogram(
      'websocket_operation_duration_seconds',
      'Time from receiving an operation over WebSocket to its result, or to the start of a subscription.',
      ['operation', 'outcome'],
    ),
  }
  readonly #batchSizes = this.histogram('store_batch_size', 'Number of store operations in a batch.', ['batch'], sizes)
  readonly #waits = this.histogram('wait_duration_seconds', 'Time spent waiting, by place.', ['place'])
  readonly #refusals = this.counter('refusals_total', 'Errors returned to clients.', 'door', 'code')
  readonly #conflictsExhausted = this.counter(
    'races_lost_total',
    'Changes that failed because another process wrote the session first in every attempt.',
  )
  readonly #subscribers = new Gauge({
    ...named('subscribers', 'Stream subscribers.'),
    labelNames: ['transport'] as const,
    registers: [this.registry],
  })
  readonly #deliveries = this.counter('deliveries_total', 'Items delivered to subscribers.', 'transport')
  readonly #gaps = this.counter('feed_gaps_total', 'Gaps sent to feed subscribers.', 'reason')
  readonly #commits = this.counter('feed_commits_total', 'Commits that this process received from the log.')
  readonly #lag = this.histogram(
    'feed_lag_seconds',
    'Time from a commit to its delivery to all subscribers that were ready.',
  )
  readonly #resets = this.counter(
    'feed_resets_total',
    'Number of times that the process resumed following the log after a gap.',
  )
  readonly #failures = this.counter('feed_failures_total', 'Number of times that the process failed to follow the log.')
  readonly #socketsClosed = this.counter('websockets_closed_total', 'Closed WebSockets.', 'code')
  readonly #connectionsReset = this.counter(
    'http_connections_cut_total',
    'Connections closed because the client stopped reading.',
  )

  constructor() {
    super()
    collectDefaultMetrics({ register: this.registry })
    for (const code of [1008, 1013]) this.#socketsClosed.inc({ code: String(code) }, 0)
    for (const reason of ['expired', 'unknown']) this.#gaps.inc({ reason }, 0)
    for (const transport of ['websocket', 'sse', 'multipart', 'rest-sse']) {
      this.#subscribers.set({ transport }, 0)
      this.#deliveries.inc({ transport }, 0)
    }
  }

  served({ method, ...request }: Served, ms: number): void {
    this.#requests.observe({ method: methods.has(method) ? method : 'other', ...request }, ms / 1_000)
  }

  took({ kind, labels }: Work, outcome: string, ms: number): void {
    this.#durationsOf[kind].observe({ ...labels, outcome }, ms / 1_000)
  }

  batched(batch: string, size: number): void {
    this.#batchSizes.observe({ batch }, size)
  }

  refused(door: string, errorCode: string): void {
    const code = errorCode.toLowerCase()
    this.#refusals.inc({ door, code: this.#codes.has(code) ? code : 'other' })
  }

  waited(place: string, ms: number): void {
    this.#waits.observe({ place }, ms / 1_000)
  }

  conflictsExhausted(): void {
    this.#conflictsExhausted.inc()
  }

  subscribed(transport: Transport): Subscriber {
    const subscribers = this.#subscribers.labels({ transport })
    const deliveries = this.#deliveries.labels({ transport })
    subscribers.inc()
    return {
      delivered: item => {
        deliveries.inc()
        const { kind, reason } = item as { kind?: string; reason?: string }
        if (kind === 'gap' && reason) this.#gaps.inc({ reason })
      },
      ended: () => subscribers.dec(),
    }
  }

  committed(): void {
    this.#commits.inc()
  }

  delivered(lagMs: number): void {
    this.#lag.observe(Math.max(0, lagMs) / 1_000)
  }

  reset(): void {
    this.#resets.inc()
  }

  failed(): void {
    this.#failures.inc()
  }

  socketClosed(code: number | undefined): void {
    this.#socketsClosed.inc({ code: code === undefined ? 'client' : closeCodes.has(code) ? String(code) : 'other' })
  }

  connectionReset(): void {
    this.#connectionsReset.inc()
  }
}

export interface GaugeSources {
  store: Pick<Store, 'ping'>
  sessions: Pick<SessionCommands, 'changes'>
  feed: Pick<Feed, 'readers'>
  server: { connections: number }
  webSocket: { connections: number }
  /** Returns the time of the latest commit in ms since the Unix epoch, or 0 before the first commit. */
  latestCommit(): number
  /** Path of the embedded store's file, or undefined if the server uses MongoDB. */
  dataFile: string | undefined
}

export function addGauges(metrics: MetricsRegistry, sources: GaugeSources): void {
  const { store, sessions, feed, server, webSocket, dataFile } = sources
  metrics.gauge('ready', 'Whether the store is available.', () =>
    store.ping().then(
      () => 1,
      () => 0,
    ),
  )
  metrics.gauges('connections', 'Open connections, by protocol.', 'protocol', () => ({
    http: server.connections - webSocket.connections,
    websocket: webSocket.connections,
  }))
  metrics.gauge(
    'changes_under_way',
    'Changes that are running, or waiting for another change to the same session.',
    () => sessions.changes,
  )
  metrics.gauges('waiting', 'Requests and subscribers that are waiting, by place.', 'place', waitsByPlace)
  metrics.gauges('feed_readers', 'Feed subscribers, by state.', 'state', () => feed.readers)
  metrics.gauge(
    'feed_latest_commit_timestamp_seconds',
    'Time of the latest commit that this process received from the log.',
    () => sources.latestCommit() / 1_000,
  )
  if (dataFile === undefined) return
  metrics.gauge('data_free_bytes', 'Free space on the disk of the data file.', async () => {
    const disk = await statfs(dirname(dataFile)).catch(() => undefined)
    return disk ? disk.bavail * disk.bsize : Number.NaN
  })
}
