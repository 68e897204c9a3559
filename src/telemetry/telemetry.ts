// This folder records metrics and spans. Code outside this folder never records metrics or spans directly. Other code
// reports to the `probe` in `concurrency`, or is wrapped in a measuring proxy by `app.ts`.

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { type Context, context, type Span, trace } from '@opentelemetry/api'
import type { Logger } from 'pino'
import { type Probe, type Subscriber, setProbe, type Transport } from '../concurrency/probe'
import type { LogFollower, Store } from '../db/store'
import type { Feed } from '../feed/feed'
import { pathOf } from '../http/base-path'
import { whenClosed } from '../http/middleware'
import type { HttpServer } from '../http/server'
import type { Callers, UseCases } from '../use-cases'
import { DeliveryTelemetry } from './delivery'
import { instrument, instrumentStore, observeOutcome, useCase, type Work } from './instrumentation'
import { addGauges, type GaugeSources, Metrics, type MetricsRegistry } from './metrics'
import { metricsServer } from './metrics-server'
import { endSpan, Traces } from './traces'

interface RequestInProgress {
  request: IncomingMessage
  began: number
  /** Trace context that contains the span of an HTTP instrumentation. */
  at: Context | undefined
  /** Name of the GraphQL operation or MCP tool, or an empty string if the request has neither. */
  operation: string
}

/** Records metrics if a metrics port is configured, and spans if an OpenTelemetry SDK is registered. */
export class Telemetry implements Probe {
  readonly #requests = new WeakMap<object, RequestInProgress>()
  #delivery: DeliveryTelemetry | undefined

  private constructor(
    readonly metrics: Metrics | undefined,
    readonly traces: Traces | undefined,
  ) {
    setProbe(this)
  }

  /** Returns undefined if there is neither a metrics port nor an OpenTelemetry SDK, so that measuring costs nothing. */
  static of(metricsPort: number | undefined): Telemetry | undefined {
    const metrics = metricsPort === undefined ? undefined : new Metrics()
    const traces = Traces.registered()
    return metrics || traces ? new Telemetry(metrics, traces) : undefined
  }

  end(): void {
    setProbe(undefined)
  }

  requests(listener: RequestListener): RequestListener {
    return (request, response) => this.#serve(request, response, listener)
  }

  #serve(request: IncomingMessage, response: ServerResponse, listener: RequestListener): void {
    const at = this.traces && context.active()
    this.#requests.set(response, { request, began: performance.now(), at, operation: '' })
    whenClosed(response, isWhole => this.#served(response, isWhole ? String(response.statusCode) : 'aborted'))
    listener(request, response)
  }

  /** Records a request as served, unless that has already been recorded. */
  #served(response: ServerResponse, status: string): void {
    const inProgress = this.#requests.get(response)
    if (!inProgress) return
    this.#requests.delete(response)
    const { request, began, at, operation } = inProgress
    const served = { method: request.method ?? '', route: routeOf(request, response), status, operation }
    this.metrics?.served(served, performance.now() - began)
    if (at) this.traces?.served(at, served)
  }

  requestReceived(url: string): void {
    this.traces?.removeTarget(url)
  }

  operationKnown(response: object, operation: string): void {
    const inProgress = this.#requests.get(response)
    if (inProgress) inProgress.operation = operation
  }

  streamStarted(response: object): void {
    this.#served(response as ServerResponse, String((response as ServerResponse).statusCode))
  }

  /** In the metrics, a capability's name precedes the names of its use cases. */
  callers({ of, anyone, like }: Callers, added: { name: string }[]): Callers {
    const prefixes = new Map(added.map(({ name }) => [name, `${name}.`]))
    const wrap = ({ caller, ...parts }: UseCases): UseCases => {
      const wrapped = Object.entries(parts).map(([part, useCases]) => [
        part,
        instrument(useCases, useCase(prefixes.get(part)), this.#measure),
      ])
      return { caller, ...Object.fromEntries(wrapped) }
    }
    const known = new WeakMap<UseCases, UseCases>()
    const measured = (useCases: UseCases): UseCases => {
      const wrapped = known.get(useCases) ?? wrap(useCases)
      known.set(useCases, wrapped)
      return wrapped
    }
    return {
      of: (authorization, address) => {
        const useCases = of(authorization, address)
        return useCases instanceof Promise ? useCases.then(measured) : measured(useCases)
      },
      anyone: measured(anyone),
      like: caller => measured(like(caller)),
    }
  }

  store(store: Store): Store {
    return instrumentStore(store, this.#measure)
  }

  batch<T>(name: string, size: number, call: () => T): T {
    this.metrics?.batched(name, size)
    return this.#measure({ kind: 'batch', labels: { batch: name } }, call, this.traces?.batch(name, size))
  }

  operation<T>(call: (is: (operation: string) => void) => Promise<T>): Promise<T> {
    const span = this.traces?.operation()
    const labels = { operation: '' }
    const is = (operation: string): void => {
      labels.operation = operation
      span?.updateName(operation)
    }
    return this.#measure({ kind: 'websocket', labels, outcome: outcomeOfOperation }, () => call(is), span)
  }

  readonly #measure = <T>(work: Work, call: () => T, span?: Span): T => {
    const began = performance.now()
    if (work.write) this.traces?.writing(work.write)
    return observeOutcome(
      () => (span ? context.with(trace.setSpan(context.active(), span), call) : call()),
      (end, value) => {
        const outcome = (end === 'ok' && work.outcome?.(value)) || end
        this.metrics?.took(work, outcome, performance.now() - began)
        if (span) endSpan(span, outcome)
        if (work.write && outcome !== 'ok') this.traces?.notWritten(work.write)
      },
      work.kind === 'use case',
    )
  }

  fromHere<W extends (...args: never[]) => unknown>(work: W): W {
    return this.traces ? context.bind(context.active(), work) : work
  }

  refused(door: string, code: string): void {
    this.metrics?.refused(door, code)
  }

  subscribed(transport: Transport): Subscriber | undefined {
    return this.metrics?.subscribed(transport)
  }

  socketClosed(code: number | undefined): void {
    this.metrics?.socketClosed(code)
  }

  connectionReset(): void {
    this.metrics?.connectionReset()
  }

  waited(place: string, ms: number): void {
    this.metrics?.waited(place, ms)
  }

  conflictsExhausted(): void {
    this.metrics?.conflictsExhausted()
  }

  async follow(store: Store, feed: Feed, others: LogFollower): Promise<void> {
    const delivery = new DeliveryTelemetry(others, this.metrics, this.traces)
    this.#delivery = delivery
    feed.onDelivered = position => delivery.delivered(position)
    await store.log.follow(delivery)
    delivery.isLive = true
  }

  metricsServer(
    sources: Omit<GaugeSources, 'latestCommit'>,
    added: { addMetrics?(metrics: MetricsRegistry): void }[],
    log: Logger,
  ): HttpServer | undefined {
    const { metrics } = this
    if (!metrics) return undefined
    addGauges(metrics, { ...sources, latestCommit: () => this.#delivery?.latest ?? 0 })
    for (const capability of added) capability.addMetrics?.(metrics)
    return metricsServer(metrics.registry, log)
  }
}

const graphqlPaths = ['/graphql', '/graphql/stream']

/** Returns a request's route template, `page` for web pages and their assets, or `unmatched` if no route matches. */
function routeOf(request: IncomingMessage, { statusCode }: ServerResponse): string {
  // Express stores the matched route in the request object.
  const { route, url = '' } = request as IncomingMessage & { route?: { path: string | string[] } }
  if (route) return [route.path].flat()[0] ?? ''
  const path = pathOf(url)
  if (graphqlPaths.includes(path)) return path
  return statusCode < 400 ? 'page' : 'unmatched'
}

/** Returns `refused` if a GraphQL operation's result is a list of errors or contains errors. */
const outcomeOfOperation = (result: unknown): string | undefined =>
  Array.isArray(result) || (typeof result === 'object' && result !== null && 'errors' in result) ? 'refused' : undefined
