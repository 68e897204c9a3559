export type Transport = 'websocket' | 'sse' | 'multipart' | 'rest-sse'

/** Measures one subscription: each delivered item, and the end. */
export interface Subscriber {
  delivered(item: unknown): void
  ended(): void
}

/**
 * Receives those events for metrics and traces that cannot be observed from outside a module. Without telemetry there
 * is no probe, and measuring costs nothing.
 */
export interface Probe {
  /** A request for this URL arrived. It may end without a response. */
  requestReceived(url: string): void
  /** An interface (`rest`, `graphql`, …) responds with an error of this code. */
  refused(door: string, code: string): void
  /** The name of the requested operation, such as the GraphQL operation, is known now. */
  operationKnown(response: object, operation: string): void
  /**
   * A response becomes a stream, or starts to wait for news. The request counts as served, and the rest is measured as
   * a subscription or a wait.
   */
  streamStarted(response: object): void
  /** Runs an operation received over a WebSocket. `work` calls `is` with the operation's name once it is known. */
  operation<T>(work: (is: (operation: string) => void) => Promise<T>): Promise<T>
  subscribed(transport: Transport): Subscriber | undefined
  /** `code` is set if this server closed it. */
  socketClosed(code: number | undefined): void
  /** A connection was reset because its client stopped reading. */
  connectionReset(): void
  /** A change failed because in every attempt another process wrote the session first. */
  conflictsExhausted(): void
  waited(place: string, ms: number): void
  /** Runs a batch of this many store operations, in the current trace context. */
  batch<T>(name: string, size: number, work: () => T): T
  /** Binds work to the current trace context, because another request may start it. */
  fromHere<W extends (...args: never[]) => unknown>(work: W): W
}

/** Module state, because hot paths read it, and passing the probe to each of them would cost too much. */
export let probe: Probe | undefined

export function setProbe(next: Probe | undefined): void {
  probe = next
}

export const batched = <T>(name: string, size: number, work: () => T): T =>
  probe ? probe.batch(name, size, work) : work()

export const fromHere = <W extends (...args: never[]) => unknown>(work: W): W => (probe ? probe.fromHere(work) : work)
