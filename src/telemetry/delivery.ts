import { context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api'
import type { Entry, LogFollower, Position } from '../db/store'
import { writeKey } from './instrumentation'
import type { Metrics } from './metrics'
import type { Traces } from './traces'

interface Undelivered {
  position: Position
  at: number
  span: Span | undefined
}

/** Measures the time until every ready subscriber has received a commit. */
export class DeliveryTelemetry implements LogFollower {
  /** False while the store delivers commits made before the process started, which are not measured. */
  isLive = false
  /** Time of the latest commit, in ms since the Unix epoch. */
  latest = 0
  #undelivered: Undelivered[] = []

  constructor(
    readonly others: LogFollower,
    readonly metrics: Metrics | undefined,
    readonly traces: Traces | undefined,
  ) {}

  reset(position: Position): void {
    if (this.isLive) this.metrics?.reset()
    this.delivered(position)
    this.others.reset(position)
  }

  append(entry: Entry): void {
    const last = entry.commit.transitions.at(-1)
    if (last) this.latest = Date.parse(last.at)
    const span = this.isLive ? this.#expect(entry, last?.sequence ?? 0) : undefined
    // Leave the current request's trace, because deliveries to subscribers are not part of it.
    const at = span ? trace.setSpan(ROOT_CONTEXT, span) : ROOT_CONTEXT
    context.with(at, () => this.others.append(entry))
  }

  #expect({ position, commit }: Entry, version: number): Span | undefined {
    this.metrics?.committed()
    const span = this.traces?.delivery(writeKey(commit.session_id, version))
    this.#undelivered.push({ position, at: this.latest, span })
    return span
  }

  advance(position: Position): void {
    this.others.advance(position)
  }

  invalidate(position: Position): void | Promise<void> {
    this.delivered(position)
    return this.others.invalidate(position)
  }

  failed(error: unknown, doing?: string): void {
    if (doing === undefined) this.metrics?.failed()
    this.others.failed(error, doing)
  }

  /** Records that every ready subscriber has received the commits up to this position. */
  delivered(position: Position): void {
    const next = this.#undelivered.findIndex(entry => entry.position > position)
    const delivered = this.#undelivered.splice(0, next === -1 ? this.#undelivered.length : next)
    for (const { at, span } of delivered) {
      this.metrics?.delivered(Date.now() - at)
      span?.end()
    }
  }
}
