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

/** Maximum number of writes whose spans are stored until the log delivers the commits. */
const undeliveredWrites = 10_000

/** Span attributes in which HTTP instrumentations store the request's target. */
const pathAttributes = ['url.path', 'url.full', 'http.target', 'http.url']
const queryAttributes = ['url.query']

/** Context key of `RPCMetadata` in @opentelemetry/core, where an HTTP instrumentation looks for the route. */
const rpcMetadata = createContextKey('OpenTelemetry SDK Context Key RPC_METADATA')

/** Outcomes that count as failures of this server. */
const failures = new Set(['internal', 'unavailable'])

/**
 * Completes the spans that an HTTP instrumentation creates, and creates spans for work that no instrumentation covers.
 * The OpenTelemetry SDK must be registered first. This class never adds client input or error messages to a span.
 */
export class Traces {
  /** Contexts of the spans in which writes were requested, by write (see `writeKey`). */
  readonly #writers = new Map<string, SpanContext>()

  private constructor(readonly tracer: Tracer) {}

  /** Returns undefined if no OpenTelemetry SDK is registered. */
  static registered(): Traces | undefined {
    const tracer = trace.getTracer('benefit-sessions')
    return isSpanContextValid(tracer.startSpan('start').spanContext()) ? new Traces(tracer) : undefined
  }

  /**
   * Removes the request's target from the active span. The target can contain a mentor's name, or a share token that
   * grants access to a result.
   */
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
    // Set the route here, because if a route has two paths, the Express instrumentation would name the span after both.
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

  /**
   * Starts a span for a WebSocket operation, in a new trace, because the connection can be much older than the
   * operation.
   */
  operation(): Span {
    return this.tracer.startSpan('websocket', { kind: SpanKind.SERVER }, ROOT_CONTEXT)
  }

  /**
   * Starts a span for a batch of store operations. Returns undefined for background work, which belongs to no trace.
   */
  batch(name: string, size: number): Span | undefined {
    if (!trace.getActiveSpan()) return undefined
    return this.tracer.startSpan(`batch ${name}`, { attributes: { 'benefit_sessions.batch_size': size } })
  }

  /** Stores the span that requested a write. This span becomes the parent of the span for the commit's delivery. */
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

  /**
   * Starts a span for a commit's delivery, in the write's trace. Returns undefined if another process made the write.
   */
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

/** Returns the id of the active trace as a log field, or no field if there is no active span. */
export const traceId = (): { trace_id?: string } => {
  const span = trace.getActiveSpan()
  return span ? { trace_id: span.spanContext().traceId } : {}
}
