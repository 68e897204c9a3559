/** Types for the parts of the negotiator package that this server uses. The package itself has no types. */
declare module 'negotiator' {
  import type { IncomingMessage } from 'node:http'

  export default class Negotiator {
    constructor(request: Pick<IncomingMessage, 'headers'>)
    /** In order of preference. Without `available`, returns all media types that the header names. */
    mediaTypes<T extends string>(available?: readonly T[]): T[]
    /** If the client prefers several encodings equally, returns the first of them in `preferred`. */
    encoding<T extends string>(available: T[], options: { preferred: T[] }): T | undefined
  }
}
