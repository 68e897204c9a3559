import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client'
import type { Subscriber, Transport } from '../concurrency/probe'
import { waitsByPlace } from '../concurrency/waits'
import type { Store } from '../db/store'
import { errorCodes } from '../domain/errors'
import { restingStates } from '../domain/session'
import type { Feed } from '../feed/feed'
import type { Sessions } from '../sessions/sessions'
import type { Totals } from '../totals/totals'
import type { WebhookDeliveries } from '../webhooks/deliveries'
import type { Work } from './instrumentation'

/** Histogram buckets in seconds, from a cached response to the deadline of a request. */
const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20]
const sizes = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000]

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])

/** Error codes of GraphQL over HTTP, Apollo and graphql-js, in addition to the codes of the domain. */
const graphqlCodes = [
  'graphql_parse_failed',
  'graphql_validation_failed',
  'bad_user_input',
  'bad_request',
  'operation_resolution_failure',
  'persisted_query_not_found',
  'persisted_query_not_supported',
  'too_many_requests',
]
const closeCodes = new Set([1008, 1012, 1013, 4400, 4401, 4403, 4406, 4408, 4409, 4429, 4500])

/** A request that was served, or whose stream began. */
export interface Served {
  method: string
  route: string
  status: string
  operation: string
}

const named = (name: string, help: string) => ({ name: `benefit_sessions_${name}`, help })

/** Metrics that are recorded as things happen. Every label has a closed set of values, whatever clients send. */
export class Metrics {
  readonly registry = new Registry()
  readonly #registers = [this.registry]
  readonly #codes = new Set<string>([...errorCodes(), ...graphqlCodes])

  readonly #requests = new Histogram({
    ...named(
      'http_request_duration_seconds',
      'Time from a request to the end of its response, or to the start of a stream.',
    ),
    labelNames: ['method', 'route', 'status', 'operation'] as const,
    buckets: seconds,
    registers: this.#registers,
  })
  readonly #durationsOf: Record<Work['kind'], Histogram<string>> = {
    'use case': this.#durations('use_case_duration_seconds', 'Duration of use cases.', 'use_case', 'event'),
    store: this.#durations('store_operation_duration_seconds', 'Duration of store operations.', 'operation'),
    batch: this.#durations('store_batch_duration_seconds', 'Duration of batches of store operations.', 'batch'),
    websocket: this.#durations(
      'websocket_operation_duration_seconds',
      'Time from an operation over WebSocket to its result, or to the start of a subscription.',
      'operation',
    ),
  }
  readonly #batchSizes = new Histogram({
    ...named('store_batch_size', 'Number of store operations in a batch.'),
    labelNames: ['batch'] as const,
    buckets: sizes,
    registers: this.#registers,
  })
  readonly #waits = new Histogram({
    ...named('wait_duration_seconds', 'Time spent waiting, by place.'),
    labelNames: ['place'] as const,
    buckets: seconds,
    registers: this.#registers,
  })
  readonly #refusals = this.#counter('refusals_total', 'Errors returned to clients.', 'door', 'code')
  readonly #conflictsExhausted = this.#counter(
    'races_lost_total',
    'Changes given up after losing every race against other writes.',
  )
  readonly #subscribers = new Gauge({
    ...named('subscribers', 'Subscribers of streams.'),
    labelNames: ['transport'] as const,
    registers: this.#registers,
  })
  readonly #deliveries = this.#counter('deliveries_total', 'Items delivered to subscribers.', 'transport')
  readonly #gaps = this.#counter('feed_gaps_total', 'Gaps sent to subscribers of the feed.', 'reason')
  readonly #commits = this.#counter('feed_commits_total', 'Commits that this process received from the log.')
  readonly #lag = new Histogram({
    ...named('feed_lag_seconds', 'Time from a commit to its delivery to all subscribers that were ready.'),
    buckets: seconds,
    registers: this.#registers,
  })
  readonly #resets = this.#counter('feed_resets_total', 'Times that following the log restarted after a gap.')
  readonly #failures = this.#counter('feed_failures_total', 'Times that following the log failed.')
  readonly #socketsClosed = this.#counter('websockets_closed_total', 'Closed WebSockets.', 'code')
  readonly #connectionsReset = this.#counter(
    'http_connections_cut_total',
    'Connections closed because the client read nothing.',
  )
  readonly #webhookAttempts = this.#counter(
    'webhook_attempts_total',
    'Attempts to deliver webhook messages, by outcome.',
    'outcome',
  )

  constructor() {
    collectDefaultMetrics({ register: this.registry })
    for (const code of [1008, 1013]) this.#socketsClosed.inc({ code: String(code) }, 0)
    for (const reason of ['expired', 'unknown']) this.#gaps.inc({ reason }, 0)
    for (const transport of ['websocket', 'sse', 'multipart', 'rest-sse']) {
      this.#subscribers.set({ transport }, 0)
      this.#deliveries.inc({ transport }, 0)
    }
  }

  #durations(name: string, help: string, ...labels: string[]): Histogram<string> {
    const labelNames = [...labels, 'outcome']
    return new Histogram({ ...named(name, help), labelNames, buckets: seconds, registers: this.#registers })
  }

  #counter<Label extends string = never>(name: string, help: string, ...labelNames: Label[]): Counter<Label> {
    return new Counter({ ...named(name, help), labelNames, registers: this.#registers })
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

  webhookAttempted(outcome: string): void {
    this.#webhookAttempts.inc({ outcome })
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

/** The objects from which the gauges are read. */
export interface GaugeSources {
  store: Pick<Store, 'ping'>
  sessions: Pick<Sessions, 'changes'>
  feed: Pick<Feed, 'readers'>
  totals: Pick<Totals, 'status'>
  server: { connections: number }
  webSocket: { connections: number }
  /** Undefined if webhooks are off. */
  webhooks: Pick<WebhookDeliveries, 'waiting' | 'oldest' | 'statuses'> | undefined
  /** Time of the latest commit in ms, or 0 if there was none. */
  latestCommit(): number
  /** Path of the embedded store's file; undefined with another store. */
  dataFile: string | undefined
}

const totalsStates = ['kept', 'filling', 'given_up'] as const

/** Registers the gauges. They are read at each scrape, and cost nothing at any other time. */
export function addGauges(registry: Registry, sources: GaugeSources): void {
  const { store, sessions, feed, totals, server, webSocket, webhooks, dataFile } = sources
  const gauge = (name: string, help: string, read: () => number | Promise<number>): Gauge =>
    new Gauge({
      ...named(name, help),
      registers: [registry],
      async collect() {
        this.set(await read())
      },
    })
  const gauges = (name: string, help: string, label: string, read: () => Record<string, number>): Gauge<string> =>
    new Gauge({
      ...named(name, help),
      labelNames: [label],
      registers: [registry],
      collect() {
        this.reset()
        for (const [value, count] of Object.entries(read())) this.set({ [label]: value }, count)
      },
    })

  gauge('ready', 'Whether the store is available.', () =>
    store.ping().then(
      () => 1,
      () => 0,
    ),
  )
  gauges('connections', 'Open connections, by protocol.', 'protocol', () => ({
    http: server.connections - webSocket.connections,
    websocket: webSocket.connections,
  }))
  gauge(
    'changes_under_way',
    'Changes that are running, or waiting for another change of the same session.',
    () => sessions.changes,
  )
  gauges('waiting', 'Requests and subscribers that wait now, by place.', 'place', waitsByPlace)
  gauges('feed_readers', 'Subscribers of the feed, by state.', 'state', () => feed.readers)
  gauge(
    'feed_latest_commit_timestamp_seconds',
    'Time of the latest commit that this process received from the log.',
    () => sources.latestCommit() / 1_000,
  )
  gauges(
    'totals_state',
    'State of the totals: kept in memory, being filled, or given up because they exceed the memory limit.',
    'state',
    () => Object.fromEntries(totalsStates.map(state => [state, totals.status.state === state ? 1 : 0])),
  )
  gauge(
    'totals_lag_seconds',
    'Age of the oldest write of this process that the log has not reported yet.',
    () => totals.status.lagMs / 1_000,
  )
  gauges('sessions', 'Sessions by state. Missing while the totals are not kept in memory.', 'state', () => {
    const { sessions } = totals.status
    return sessions ? Object.fromEntries(restingStates.map(state => [state, sessions[state]])) : {}
  })
  gauges('webhook_endpoints', 'Webhook endpoints that this process delivers for, by status.', 'status', () =>
    webhooks ? webhooks.statuses : {},
  )
  gauge('webhook_messages_waiting', 'Webhook messages that wait or are being sent.', () => webhooks?.waiting ?? 0)
  gauge('webhook_oldest_message_age_seconds', 'Age of the oldest webhook message that waits, or 0.', () => {
    const oldest = webhooks?.oldest
    return oldest === undefined ? 0 : Math.max(0, Date.now() - Date.parse(oldest)) / 1_000
  })
  if (dataFile === undefined) return
  gauge('data_free_bytes', 'Free disk space of the data file.', async () => {
    const disk = await statfs(dirname(dataFile)).catch(() => undefined)
    return disk ? disk.bavail * disk.bsize : Number.NaN
  })
}
