export type Transport = 'websocket' | 'sse' | 'multipart' | 'rest-sse'

/** One who is handed items. */
export interface Subscriber {
  handed(item: unknown): void
  left(): void
}

/**
 * What whoever measures is told beside what can be seen from outside of the rooms. Where nobody measures there is none, and
 * nothing is done for it.
 */
export interface Probe {
  /** A door refuses something. */
  refused(door: 'rest' | 'graphql', code: string): void
  /** What a GraphQL request asks for is known. */
  asked(response: object, operation: string): void
  /** An answer becomes a stream: the request is served, and what follows is its subscriber's. */
  streams(response: object): void
  /** Does an operation that came over a WebSocket; the work says what it is once that is known. */
  operation<T>(work: (is: (operation: string) => void) => Promise<T>): Promise<T>
  subscribed(transport: Transport): Subscriber | undefined
  /** A WebSocket was closed, by this server where a code is named. */
  socketClosed(code: number | undefined): void
  /** A connection that took nothing was cut. */
  connectionCut(): void
  /** A change was given up that lost its race each time. */
  racesLost(): void
  /** Where in the work of the process the caller is: what is put off is done there later. */
  place(): unknown
  /** Does at once what was asked for at these places. */
  batch<T>(name: string, places: unknown[], work: () => T): T
  /** The work, to be done where the caller is now. */
  fromHere<W extends (...args: never[]) => unknown>(work: W): W
}

export let probe: Probe | undefined

export function setProbe(next: Probe | undefined): void {
  probe = next
}

export const batched = <T>(name: string, places: unknown[], work: () => T): T =>
  probe ? probe.batch(name, places, work) : work()

export const fromHere = <W extends (...args: never[]) => unknown>(work: W): W => (probe ? probe.fromHere(work) : work)
