export type Transport = 'websocket' | 'sse' | 'multipart' | 'rest-sse'

/** Records metrics of one subscription: each delivered item, and the end of the subscription. */
export interface Subscriber {
  delivered(item: unknown): void
  ended(): void
}

/**
 * Receives events for metrics and traces that occur inside modules, where no measuring wrapper can observe them.
 * Without telemetry, the probe is undefined, and measuring costs nothing.
 */
export interface Probe {
  /** Reports that a request for this URL has arrived. A request can end without a response. */
  requestReceived(url: string): void
  /** Reports that an interface (`rest`, `graphql`, …) responds with the error code `code`. */
  refused(door: string, code: string): void
  /** Reports the name of a request's operation (for example, of its GraphQL operation) once the name is known. */
  operationKnown(response: object, operation: string): void
  /**
   * Reports that a response becomes a stream, or that a long poll starts to wait. The request then counts as served,
   * and the rest of its duration is measured as a subscription or a wait.
   */
  streamStarted(response: object): void
  /** Measures an operation received over a WebSocket. `work` calls `is` once it knows the operation's name. */
  operation<T>(work: (is: (operation: string) => void) => Promise<T>): Promise<T>
  subscribed(transport: Transport): Subscriber | undefined
  /** Reports that a WebSocket was closed. `code` is set only if this server closed the WebSocket. */
  socketClosed(code: number | undefined): void
  /** Reports that a connection was reset because its client had stopped reading. */
  connectionReset(): void
  /** Reports that a change failed because, in every attempt, another process wrote the session first. */
  conflictsExhausted(): void
  waited(place: string, ms: number): void
  /** Measures a batch of `size` store operations, in the current trace context. */
  batch<T>(name: string, size: number, work: () => T): T
  /**
   * Binds work to the current trace context, because another request may start the work. Node's `diagnostics_channel`
   * cannot bind work to a context.
   */
  fromHere<W extends (...args: never[]) => unknown>(work: W): W
}

/**
 * The probe of this process. The probe is module state, because passing the probe to every hot path would be too slow.
 */
export let probe: Probe | undefined

export function setProbe(next: Probe | undefined): void {
  probe = next
}

export const batched = <T>(name: string, size: number, work: () => T): T =>
  probe ? probe.batch(name, size, work) : work()

export const fromHere = <W extends (...args: never[]) => unknown>(work: W): W => (probe ? probe.fromHere(work) : work)
