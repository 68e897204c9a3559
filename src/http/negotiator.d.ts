/** The parts of negotiator that this server uses. The package has no types of its own. */
declare module 'negotiator' {
  import type { IncomingMessage } from 'node:http'

  export default class Negotiator {
    constructor(request: Pick<IncomingMessage, 'headers'>)
    /** Returns the accepted media types, preferred ones first: those of `available`, or all as the header has them. */
    mediaTypes<T extends string>(available?: readonly T[]): T[]
    /** Returns the preferred one of the available encodings. Equal ones follow the order of `preferred`. */
    encoding<T extends string>(available: T[], options: { preferred: T[] }): T | undefined
  }
}
