import type { IncomingMessage } from 'node:http'
import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { loggedPath } from '../http/logged-path'
import type { Work } from './instrumentation'
import type { Served } from './metrics'

/** The maximum number of writes whose commits the log has not delivered yet. */
const undeliveredWrites = 10_000

/** Attributes in which other instrumentations store a request's target, with a share token or a mentor's name in it. */
const pathAttributes = ['url.path', 'url.full', 'http.target', 'http.url']
const queryAttributes = ['url.query']

/** Outcomes that are this server's fault. */
const failures = new Set(['internal', 'unavailable'])

/** A started span, and the context for the work inside it. */
export class StartedSpan {
  readonly context: Context

  constructor(
    readonly span: Span,
    at: Context,
  ) {
    this.context = trace.setSpan(at, span)
  }

  do<T>(work: () => T): T {
    return context.with(this.context, work)
  }

  end(outcome: string, attributes: Attributes = {}): void {
    this.span.setAttributes({ ...attributes, 'benefit_sessions.outcome': outcome })
    if (failures.has(outcome)) this.span.setStatus({ code: SpanStatusCode.ERROR })
    this.span.end()
  }
}

/**
 * Creates spans with the OpenTelemetry SDK, which must be registered before. Spans contain no client input and no error
 * messages.
 */
export class Traces {
  /** The spans of writes, by the name of the write (see `writeKey`). */
  readonly #undelivered = new Map<string, SpanContext>()

  private constructor(readonly tracer: Tracer) {}

  /** Returns undefined if no SDK is registered. */
  static registered(): Traces | undefined {
    const tracer = trace.getTracer('benefit-sessions')
    return isSpanContextValid(tracer.startSpan('start').spanContext()) ? new Traces(tracer) : undefined
  }

  /**
   * Starts a request's span: inside the span of an HTTP instrumentation, or else in the trace that the headers name.
   */
  request(request: IncomingMessage): StartedSpan {
    const { method = '', headers, url = '' } = request
    const outer = trace.getActiveSpan()
    if (outer) clean(outer, url)
    const at = outer ? context.active() : propagation.extract(ROOT_CONTEXT, headers)
    const kind = outer ? SpanKind.INTERNAL : SpanKind.SERVER
    return new StartedSpan(this.tracer.startSpan(method, { kind }, at), at)
  }

  served({ span }: StartedSpan, { method, route, status, operation }: Served): void {
    span.updateName(`${method} ${route}`)
    span.setAttributes({
      'http.request.method': method,
      'http.route': route,
      ...(status !== 'aborted' && { 'http.response.status_code': Number(status) }),
      ...(operation && { 'benefit_sessions.operation': operation }),
    })
    if (status >= '500') span.setStatus({ code: SpanStatusCode.ERROR })
    span.end()
  }

  /** Starts a WebSocket operation's span, in a trace of its own: the connection may be much older. */
  operation(): StartedSpan {
    return new StartedSpan(this.tracer.startSpan('websocket', { kind: SpanKind.SERVER }, ROOT_CONTEXT), ROOT_CONTEXT)
  }

  /** Starts a span for work. Returns undefined if the work belongs to no request: background work has no trace. */
  work({ kind, name, labels, write }: Work): StartedSpan | undefined {
    const at = context.active()
    if (!trace.getSpan(at)) return undefined
    const begun = new StartedSpan(this.tracer.startSpan(`${kind} ${name}`, { attributes: named(labels) }, at), at)
    if (write) {
      this.#undelivered.set(write, begun.span.spanContext())
      const [oldest] = this.#undelivered.keys()
      if (oldest !== undefined && this.#undelivered.size > undeliveredWrites) this.#undelivered.delete(oldest)
    }
    return begun
  }

  /**
   * Starts a batch's span in the trace of its first request. Links connect it with the other requests, in both
   * directions.
   */
  batch(name: string, contexts: Context[]): StartedSpan | undefined {
    const [at, ...others] = contexts.filter(other => trace.getSpan(other))
    if (!at) return undefined
    const requests = others.flatMap(other => trace.getSpan(other) ?? [])
    const links = requests.map(request => ({ context: request.spanContext() }))
    const attributes = { 'benefit_sessions.batch_size': contexts.length }
    const begun = new StartedSpan(this.tracer.startSpan(`batch ${name}`, { links, attributes }, at), at)
    for (const request of requests) request.addLink({ context: begun.span.spanContext() })
    return begun
  }

  /** Forgets a write that was not made. */
  discardWrite(write: string): void {
    this.#undelivered.delete(write)
  }

  /**
   * Starts the span of a commit's delivery in the trace of its write. Returns undefined if another process made the
   * write.
   */
  delivery(write: string): StartedSpan | undefined {
    const writer = this.#undelivered.get(write)
    if (!writer) return undefined
    this.#undelivered.delete(write)
    const at = trace.setSpanContext(ROOT_CONTEXT, writer)
    return new StartedSpan(this.tracer.startSpan('deliver', {}, at), at)
  }
}

const named = (labels: Record<string, string>): Attributes =>
  Object.fromEntries(Object.entries(labels).map(([name, value]) => [`benefit_sessions.${name}`, value]))

/**
 * Removes a request's target from the span of another instrumentation: a share token alone permits to see the result.
 */
function clean(span: Span, url: string): void {
  const { attributes } = span as { attributes?: Attributes }
  const has = (name: string): boolean => !attributes || name in attributes
  for (const name of pathAttributes) if (has(name)) span.setAttribute(name, loggedPath(url))
  for (const name of queryAttributes) if (has(name)) span.setAttribute(name, '…')
}

/** Returns the id of the caller's trace, as a field for the log. */
export const traceId = (): { trace_id?: string } => {
  const span = trace.getActiveSpan()
  return span ? { trace_id: span.spanContext().traceId } : {}
}
