import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/**
 * A span in OTLP's format:
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 */
export interface Span {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  attributes: Record<string, unknown>
  /** Name of the instrumentation scope. */
  scope: string
}

interface Attribute {
  key: string
  value: Record<string, unknown>
}

interface Export {
  resourceSpans: {
    scopeSpans: {
      scope: { name: string }
      spans: (Omit<Span, 'attributes' | 'scope'> & { attributes: Attribute[] })[]
    }[]
  }[]
}

/** Receives the exports of an OpenTelemetry SDK, as JSON over HTTP. */
export class Collector {
  readonly spans: Span[] = []
  /** All received request bodies. */
  text = ''
  readonly #server = createServer(async (request, response) => {
    const said = (await json(request)) as Export
    this.text += JSON.stringify(said)
    for (const { scopeSpans } of said.resourceSpans ?? []) {
      for (const { scope, spans } of scopeSpans) {
        for (const { attributes, ...span } of spans) {
          const named = attributes.map(({ key, value }) => [key, Object.values(value)[0]])
          this.spans.push({ ...span, attributes: Object.fromEntries(named), scope: scope.name })
        }
      }
    }
    response.setHeader('Content-Type', 'application/json').end('{}')
  })

  static async start(): Promise<Collector> {
    const collector = new Collector()
    await new Promise<void>(resolve => collector.#server.listen(0, '127.0.0.1', resolve))
    return collector
  }

  /** Environment that makes a process export its spans here, with a short delay. */
  get env(): Record<string, string> {
    const { port } = this.#server.address() as AddressInfo
    return {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      // The detectors of cloud platforms send requests into the network.
      OTEL_NODE_RESOURCE_DETECTORS: 'none',
    }
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }
}
