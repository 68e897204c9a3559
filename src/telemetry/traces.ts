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
import { loggedPath } from '../http/observe'
import type { Served } from './metrics'
import type { Work } from './work'

/** Writes whose commits the log has not told yet, at most. */
const untoldWrites = 10_000

/** Where other instrumentations keep the target of a request, with a share's token or a mentor's name in it. */
const pathAttributes = ['url.path', 'url.full', 'http.target', 'http.url']
const queryAttributes = ['url.query']

/** Outcomes that are this server's fault. */
const failures = new Set(['internal', 'unavailable'])

/** A span, and the work that is done in it. */
export class Begun {
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
 * Spans of what the process does, for the OpenTelemetry SDK that was registered before it. Nothing that a client says is in
 * them, and nothing of a message of an error.
 */
export class Traces {
  /** The spans of writes, by what they lead to. */
  readonly #untold = new Map<string, SpanContext>()

  private constructor(readonly tracer: Tracer) {}

  /** Nothing where no SDK is registered. */
  static registered(): Traces | undefined {
    const tracer = trace.getTracer('benefit-sessions')
    return isSpanContextValid(tracer.startSpan('start').spanContext()) ? new Traces(tracer) : undefined
  }

  /** A request at the door: in the span of an instrumentation of HTTP, or else in the trace that its headers name. */
  request(request: IncomingMessage): Begun {
    const { method = '', headers, url = '' } = request
    const outer = trace.getActiveSpan()
    if (outer) clean(outer, url)
    const at = outer ? context.active() : propagation.extract(ROOT_CONTEXT, headers)
    const kind = outer ? SpanKind.INTERNAL : SpanKind.SERVER
    return new Begun(this.tracer.startSpan(method, { kind }, at), at)
  }

  served({ span }: Begun, { method, route, status, operation }: Served): void {
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

  /** An operation of a WebSocket is a trace of its own: its connection is as old as it likes. */
  operation(): Begun {
    return new Begun(this.tracer.startSpan('websocket', { kind: SpanKind.SERVER }, ROOT_CONTEXT), ROOT_CONTEXT)
  }

  /** Nothing where the work belongs to no request: what a process does by itself has no trace. */
  work({ kind, name, labels = {}, write }: Work): Begun | undefined {
    const at = context.active()
    if (!trace.getSpan(at)) return undefined
    const begun = new Begun(this.tracer.startSpan(`${kind} ${name}`, { attributes: named(labels) }, at), at)
    if (write) {
      this.#untold.set(write, begun.span.spanContext())
      const [oldest] = this.#untold.keys()
      if (oldest !== undefined && this.#untold.size > untoldWrites) this.#untold.delete(oldest)
    }
    return begun
  }

  /** What was asked for at these places, in the trace of the first; it is linked with the others, and they with it. */
  batch(name: string, places: Context[]): Begun | undefined {
    const [at, ...others] = places.filter(place => trace.getSpan(place))
    if (!at) return undefined
    const askers = others.flatMap(place => trace.getSpan(place) ?? [])
    const links = askers.map(asker => ({ context: asker.spanContext() }))
    const attributes = { 'benefit_sessions.batch_size': places.length }
    const begun = new Begun(this.tracer.startSpan(`batch ${name}`, { links, attributes }, at), at)
    for (const asker of askers) asker.addLink({ context: begun.span.spanContext() })
    return begun
  }

  /** The write leads to nothing. */
  notMade(write: string): void {
    this.#untold.delete(write)
  }

  /** The telling of a commit, in the trace of its write; nothing where another process made that. */
  telling(write: string): Begun | undefined {
    const writer = this.#untold.get(write)
    if (!writer) return undefined
    this.#untold.delete(write)
    const at = trace.setSpanContext(ROOT_CONTEXT, writer)
    return new Begun(this.tracer.startSpan('deliver', {}, at), at)
  }
}

const named = (labels: Record<string, string>): Attributes =>
  Object.fromEntries(Object.entries(labels).map(([name, value]) => [`benefit_sessions.${name}`, value]))

/** Takes out of another's span what a client says in a target: a share's token is the permission to see its result. */
function clean(span: Span, url: string): void {
  const { attributes } = span as { attributes?: Attributes }
  const has = (name: string): boolean => !attributes || name in attributes
  for (const name of pathAttributes) if (has(name)) span.setAttribute(name, loggedPath(url))
  for (const name of queryAttributes) if (has(name)) span.setAttribute(name, '…')
}

/** The trace that the caller is in. */
export const traceId = (): { trace_id?: string } => {
  const span = trace.getActiveSpan()
  return span ? { trace_id: span.spanContext().traceId } : {}
}
