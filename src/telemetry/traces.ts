import {
  type Attributes,
  type Context,
  createContextKey,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { loggedPath } from '../http/logged-path'
import type { Served } from './metrics'

/** Maximum number of writes whose span contexts are stored until the log delivers the resulting commits. */
const undeliveredWrites = 10_000

/** Span attributes in which HTTP instrumentations store the request target. */
const pathAttributes = ['url.path', 'url.full', 'http.target', 'http.url']
const queryAttributes = ['url.query']

/** Context key of `RPCMetadata` in @opentelemetry/core, where an HTTP instrumentation looks for the route. */
const rpcMetadata = createContextKey('OpenTelemetry SDK Context Key RPC_METADATA')

/** Outcomes for which a span is marked as an error, because this server failed. */
const failures = new Set(['internal', 'unavailable'])

/**
 * Completes the spans that an HTTP instrumentation creates, and creates spans for work that no instrumentation covers.
 * Requires that an OpenTelemetry SDK is already registered. This class never adds client input or error messages to a
 * span.
 */
export class Traces {
  /** Contexts of the spans in which writes were requested, by the write's key (see `writeKey`). */
  readonly #writers = new Map<string, SpanContext>()

  private constructor(readonly tracer: Tracer) {}

  /** Returns undefined if no OpenTelemetry SDK is registered. */
  static registered(): Traces | undefined {
    const tracer = trace.getTracer('benefit-sessions')
    return isSpanContextValid(tracer.startSpan('start').spanContext()) ? new Traces(tracer) : undefined
  }

  /** The target can contain a mentor's name, or a share token that grants access to a result. */
  removeTarget(url: string): void {
    const span = trace.getActiveSpan()
    if (!span) return
    const { attributes } = span as { attributes?: Attributes }
    const has = (name: string): boolean => !attributes || name in attributes
    for (const name of pathAttributes) if (has(name)) span.setAttribute(name, loggedPath(url))
    for (const name of queryAttributes) if (has(name)) span.setAttribute(name, '…')
  }

  /** Adds attributes that an HTTP instrumentation cannot know to a request's span. */
  served(at: Context, { method, route, status, operation }: Served): void {
    // Set the route here. If a route has two paths, the Express instrumentation would name the span after both.
    const metadata = at.getValue(rpcMetadata) as { route?: string } | undefined
    if (metadata) metadata.route = route
    const span = trace.getSpan(at)
    span?.updateName(`${method} ${route}`)
    span?.setAttributes({
      'http.route': route,
      ...(status === 'aborted' && { 'benefit_sessions.outcome': status }),
      ...(operation && { 'benefit_sessions.operation': operation }),
    })
  }

  /** Starts a new trace, because the connection's trace can be much older than the operation. */
  operation(): Span {
    return this.tracer.startSpan('websocket', { kind: SpanKind.SERVER }, ROOT_CONTEXT)
  }

  /** Returns undefined for a batch in background work, which belongs to no trace. */
  batch(name: string, size: number): Span | undefined {
    if (!trace.getActiveSpan()) return undefined
    return this.tracer.startSpan(`batch ${name}`, { attributes: { 'benefit_sessions.batch_size': size } })
  }

  /** The span in which a write is requested becomes the parent of the commit's delivery span. */
  writing(write: string): void {
    const span = trace.getActiveSpan()
    if (!span) return
    this.#writers.set(write, span.spanContext())
    const [oldest] = this.#writers.keys()
    if (oldest !== undefined && this.#writers.size > undeliveredWrites) this.#writers.delete(oldest)
  }

  notWritten(write: string): void {
    this.#writers.delete(write)
  }

  /** Uses the trace of the write. Returns undefined if another process made the commit. */
  delivery(write: string): Span | undefined {
    const writer = this.#writers.get(write)
    if (!writer) return undefined
    this.#writers.delete(write)
    return this.tracer.startSpan('deliver', {}, trace.setSpanContext(ROOT_CONTEXT, writer))
  }
}

export function endSpan(span: Span, outcome: string): void {
  span.setAttribute('benefit_sessions.outcome', outcome)
  if (failures.has(outcome)) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end()
}

export const traceId = (): { trace_id?: string } => {
  const span = trace.getActiveSpan()
  return span ? { trace_id: span.spanContext().traceId } : {}
}
