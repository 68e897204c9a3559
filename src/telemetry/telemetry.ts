import type { RequestListener, ServerResponse } from 'node:http'
import { type Context, context } from '@opentelemetry/api'
import type { Logger } from 'pino'
import type { LogFollower, Store, Write } from '../db/store'
import type { Feed } from '../feed/feed'
import type { HttpServer } from '../http/server'
import type { Callers, UseCases } from '../use-cases'
import { DeliveryTelemetry, writeKey } from './delivery'
import { addGauges, type GaugeSources } from './gauges'
import {
  eventOf,
  ofErasure,
  ofFeed,
  ofReads,
  ofSessions,
  ofTotals,
  outcomeOfChange,
  storeOperations,
} from './measured-methods'
import { type MeasuredWork, type MethodWrapper, observeOutcome, wrapMethods, wrappersFor } from './measured-work'
import { Metrics } from './metrics'
import { metricsServer } from './metrics-server'
import { type Probe, type Subscriber, setProbe, type Transport } from './probe'
import { routeOf } from './routes'
import { Traces } from './traces'

interface Request {
  operation: string
  /** Records the request as served, and removes it so that this happens once. */
  over(status: string): void
}

/** Records metrics if a port is configured for them, and spans if an OpenTelemetry SDK is registered. */
export class Telemetry implements Probe {
  readonly #requests = new WeakMap<object, Request>()
  #following: DeliveryTelemetry | undefined

  private constructor(
    readonly metrics: Metrics | undefined,
    readonly traces: Traces | undefined,
  ) {
    setProbe(this)
  }

  /** Returns undefined if neither is configured. Then measuring costs nothing. */
  static of(metricsPort: number | undefined): Telemetry | undefined {
    const metrics = metricsPort === undefined ? undefined : new Metrics()
    const traces = Traces.registered()
    return metrics || traces ? new Telemetry(metrics, traces) : undefined
  }

  end(): void {
    setProbe(undefined)
  }

  /** Wraps a listener so that its requests are measured. */
  door(answer: RequestListener): RequestListener {
    return (request, response) => {
      const began = performance.now()
      const span = this.traces?.request(request)
      let isTaken = false
      const seen: Request = {
        operation: '',
        over: status => {
          this.#requests.delete(response)
          const { method = '' } = request
          const served = { method, route: routeOf(request, response), status, operation: seen.operation }
          this.metrics?.served(served, performance.now() - began)
          if (span) this.traces?.served(span, served)
        },
      }
      this.#requests.set(response, seen)
      // Node.js emits `finish` too if the connection was destroyed.
      response.prependOnceListener('finish', () => {
        isTaken = !request.socket.destroyed
      })
      response.once('close', () => {
        const isWhole = isTaken && !request.errored
        this.#requests.get(response)?.over(isWhole ? String(response.statusCode) : 'aborted')
      })
      if (!span) return answer(request, response)
      // The request's log line is written when its response closes, and needs the trace.
      context.bind(span.context, response)
      span.do(() => answer(request, response))
    }
  }

  operationKnown(response: object, operation: string): void {
    const request = this.#requests.get(response)
    if (request) request.operation = operation
  }

  streamStarted(response: object): void {
    this.#requests.get(response)?.over(String((response as ServerResponse).statusCode))
  }

  async operation<T>(work: (is: (operation: string) => void) => Promise<T>): Promise<T> {
    const began = performance.now()
    const span = this.traces?.operation()
    let operation = ''
    const does = (): Promise<T> =>
      work(name => {
        operation = name
      })
    return observeOutcome(
      () => (span ? span.do(does) : does()),
      (failure, value) => {
        const outcome = failure === 'ok' && isRefusal(value) ? 'refused' : failure
        this.metrics?.operated(operation, outcome, performance.now() - began)
        span?.span.updateName(operation || 'websocket')
        span?.end(outcome)
      },
    )
  }

  /** Wraps a store so that its operations are measured. */
  store(store: Store): Store {
    const write: MethodWrapper = (name, args, call) => {
      const { session, changes } = args[0] as Write
      const leadsTo = changes.length > 0 ? writeKey(session.session_id, session.version) : undefined
      const outcome = (made: unknown) => (made ? undefined : 'lost')
      return this.#measured({ kind: 'store', name, labels: { operation: name }, outcome, write: leadsTo }, call)
    }
    const read: MethodWrapper = (name, _args, call) =>
      this.#measured({ kind: 'store', name, labels: { operation: name } }, call)
    return wrapMethods(store, wrappersFor(storeOperations, { write, read }))
  }

  /** Wraps the callers so that their use cases are measured. */
  callers({ of, anyone }: Callers): Callers {
    const known = new WeakMap<UseCases, UseCases>()
    const measured = (useCases: UseCases): UseCases => {
      const made = known.get(useCases) ?? this.#useCases(useCases)
      known.set(useCases, made)
      return made
    }
    return {
      of: authorization => {
        const found = of(authorization)
        return found instanceof Promise ? found.then(measured) : measured(found)
      },
      anyone: measured(anyone),
    }
  }

  #useCases(useCases: UseCases): UseCases {
    const asked: MethodWrapper = (name, _args, call) =>
      this.#measured({ kind: 'use case', name, labels: { use_case: name, event: '' } }, call)
    const changed: MethodWrapper = (name, args, call) => {
      const labels = { use_case: name, event: name === 'dispatch' ? eventOf(args[1]) : '' }
      return this.#measured({ kind: 'use case', name, labels, outcome: outcomeOfChange }, call)
    }
    const { sessions, reads, erasure, totals, feed } = useCases
    return {
      ...useCases,
      sessions: wrapMethods(sessions, wrappersFor(ofSessions, { changed, asked })),
      reads: wrapMethods(reads, wrappersFor(ofReads, { asked })),
      erasure: wrapMethods(erasure, wrappersFor(ofErasure, { asked })),
      totals: wrapMethods(totals, wrappersFor(ofTotals, { asked })),
      feed: wrapMethods(feed, wrappersFor(ofFeed, { asked })),
    }
  }

  #measured<T>(work: MeasuredWork, does: () => T): T {
    const began = performance.now()
    const span = this.traces?.work(work)
    return observeOutcome(
      () => (span ? span.do(does) : does()),
      (failure, value) => {
        const outcome = (failure === 'ok' && work.outcome?.(value)) || failure
        this.metrics?.took(work, outcome, performance.now() - began)
        span?.end(outcome)
        if (work.write && outcome !== 'ok') this.traces?.notMade(work.write)
      },
    )
  }

  batch<T>(name: string, places: unknown[], does: () => T): T {
    const began = performance.now()
    const span = this.traces?.batch(name, places as Context[])
    this.metrics?.gathered(name, places.length)
    return observeOutcome(
      () => (span ? span.do(does) : does()),
      outcome => {
        this.metrics?.took({ kind: 'batch', name, labels: { batch: name } }, outcome, performance.now() - began)
        span?.end(outcome)
      },
    )
  }

  traceContext(): unknown {
    return this.traces && context.active()
  }

  fromHere<W extends (...args: never[]) => unknown>(work: W): W {
    return this.traces ? context.bind(context.active(), work) : work
  }

  refused(door: 'rest' | 'graphql', code: string): void {
    this.metrics?.refused(door, code)
  }

  subscribed(transport: Transport): Subscriber | undefined {
    return this.metrics?.subscribed(transport)
  }

  socketClosed(code: number | undefined): void {
    this.metrics?.socketClosed(code)
  }

  connectionCut(): void {
    this.metrics?.connectionCut()
  }

  waited(place: string, ms: number): void {
    this.metrics?.waited(place, ms)
  }

  conflictsExhausted(): void {
    this.metrics?.conflictsExhausted()
  }

  /** Makes the other followers follow a store's log, and measures the delivery to subscribers. */
  async follow(store: Store, feed: Feed, others: LogFollower): Promise<void> {
    this.#following = new DeliveryTelemetry(others, feed, this.metrics, this.traces)
    await store.follow(this.#following)
    this.#following.isLive = true
  }

  /** Returns the server for the metrics, or undefined if no port is configured for them. */
  scrapes(seen: Omit<GaugeSources, 'latestCommit'>, log: Logger): HttpServer | undefined {
    if (!this.metrics) return undefined
    const { registry } = this.metrics
    addGauges(registry, { ...seen, latestCommit: () => this.#following?.latest ?? 0 })
    return metricsServer(registry, log)
  }
}

/** Whether the outcome of a GraphQL operation consists of errors or contains errors. */
const isRefusal = (outcome: unknown): boolean =>
  Array.isArray(outcome) || (typeof outcome === 'object' && outcome !== null && 'errors' in outcome)
