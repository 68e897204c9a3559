import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client'
import { errorCodes } from '../domain/errors'
import type { MeasuredWork } from './measured-work'
import type { Subscriber, Transport } from './probe'

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
const codes = new Set<string>([...errorCodes, ...graphqlCodes])
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

  readonly #requests = new Histogram({
    ...named(
      'http_request_duration_seconds',
      'Time from a request to the end of its response, or to the start of a stream.',
    ),
    labelNames: ['method', 'route', 'status', 'operation'] as const,
    buckets: seconds,
    registers: this.#registers,
  })
  readonly #took: Record<MeasuredWork['kind'], Histogram<string>> = {
    'use case': this.#durations('use_case_duration_seconds', 'Duration of use cases.', 'use_case', 'event'),
    store: this.#durations('store_operation_duration_seconds', 'Duration of store operations.', 'operation'),
    batch: this.#durations('store_batch_duration_seconds', 'Duration of batches of store operations.', 'batch'),
  }
  readonly #operations = this.#durations(
    'websocket_operation_duration_seconds',
    'Time from an operation over WebSocket to its result, or to the start of a subscription.',
    'operation',
  )
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
  readonly #connectionsCut = this.#counter(
    'http_connections_cut_total',
    'Connections closed because the client read nothing.',
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

  took({ kind, labels = {} }: MeasuredWork, outcome: string, ms: number): void {
    this.#took[kind].observe({ ...labels, outcome }, ms / 1_000)
  }

  operated(operation: string, outcome: string, ms: number): void {
    this.#operations.observe({ operation, outcome }, ms / 1_000)
  }

  gathered(batch: string, size: number): void {
    this.#batchSizes.observe({ batch }, size)
  }

  refused(door: string, stated: string): void {
    const code = stated.toLowerCase()
    this.#refusals.inc({ door, code: codes.has(code) ? code : 'other' })
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
      handed: item => {
        deliveries.inc()
        const { kind, reason } = item as { kind?: string; reason?: string }
        if (kind === 'gap' && reason) this.#gaps.inc({ reason })
      },
      left: () => subscribers.dec(),
    }
  }

  committed(): void {
    this.#commits.inc()
  }

  told(lagMs: number): void {
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

  connectionCut(): void {
    this.#connectionsCut.inc()
  }
}
