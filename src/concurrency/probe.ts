export type Transport = 'websocket' | 'sse' | 'multipart' | 'rest-sse'

/** The measurement of one subscription: each delivered item, and its end. */
export interface Subscriber {
  delivered(item: unknown): void
  ended(): void
}

/**
 * Receives the events for metrics and traces that cannot be observed from outside a module. Without telemetry there is
 * no probe, and measuring costs nothing.
 */
export interface Probe {
  /** A request for this URL arrived. It may end without a response. */
  requestReceived(url: string): void
  /** An interface (`rest`, `graphql`, …) responds with an error of this code. */
  refused(door: string, code: string): void
  /** The name of what a request asks for is known, such as its GraphQL operation. */
  operationKnown(response: object, operation: string): void
  /**
   * A response becomes a stream, or begins to wait for news. The request counts as served; the rest is measured as a
   * subscription or a wait.
   */
  streamStarted(response: object): void
  /** Runs an operation received over a WebSocket. `work` calls `is` with the operation once that is known. */
  operation<T>(work: (is: (operation: string) => void) => Promise<T>): Promise<T>
  subscribed(transport: Transport): Subscriber | undefined
  /** A WebSocket closed. `code` is set if this server closed it. */
  socketClosed(code: number | undefined): void
  /** A connection was reset because its client read nothing. */
  connectionReset(): void
  /** A change failed because it lost the race for the session's version on every attempt. */
  conflictsExhausted(): void
  /** A wait at this place ended after `ms`. */
  waited(place: string, ms: number): void
  /** Runs a batch of this many store operations, in the current trace context. */
  batch<T>(name: string, size: number, work: () => T): T
  /** Returns the work bound to the current trace context, for work that another request may start. */
  fromHere<W extends (...args: never[]) => unknown>(work: W): W
}

/** Module state, because it is asked on hot paths, and passing it to each of them would cost more than it tells. */
export let probe: Probe | undefined

export function setProbe(next: Probe | undefined): void {
  probe = next
}

export const batched = <T>(name: string, size: number, work: () => T): T =>
  probe ? probe.batch(name, size, work) : work()

export const fromHere = <W extends (...args: never[]) => unknown>(work: W): W => (probe ? probe.fromHere(work) : work)
