/** The parts of negotiator that this server uses. The package has no types. */
declare module 'negotiator' {
  import type { IncomingMessage } from 'node:http'

  export default class Negotiator {
    constructor(request: Pick<IncomingMessage, 'headers'>)
    /**
     * Returns the accepted media types, preferred ones first: those in `available`, or by default all in the header.
     */
    mediaTypes<T extends string>(available?: readonly T[]): T[]
    /** Returns the preferred available encoding. Equally preferred encodings follow the order of `preferred`. */
    encoding<T extends string>(available: T[], options: { preferred: T[] }): T | undefined
  }
}
