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
  /** An interface responds with an error of this code. */
  refused(door: 'rest' | 'graphql' | 'mcp', code: string): void
  /** The operation of a GraphQL request, or the tool of a request for one, is known. */
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
  /** An attempt to deliver a webhook message ended: `succeeded`, or its error. */
  webhookAttempted(outcome: string): void
  /** Returns the current trace context, for work that is deferred and done later in a batch. */
  traceContext(): unknown
  /** Runs a batch of work that was requested in these trace contexts. */
  batch<T>(name: string, contexts: unknown[], work: () => T): T
  /** Returns the work bound to the current trace context. */
  fromHere<W extends (...args: never[]) => unknown>(work: W): W
}

export let probe: Probe | undefined

export function setProbe(next: Probe | undefined): void {
  probe = next
}

export const batched = <T>(name: string, contexts: unknown[], work: () => T): T =>
  probe ? probe.batch(name, contexts, work) : work()

export const fromHere = <W extends (...args: never[]) => unknown>(work: W): W => (probe ? probe.fromHere(work) : work)
