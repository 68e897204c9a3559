/** What is used of a package that has no types of its own. */
declare module 'negotiator' {
  import type { IncomingMessage } from 'node:http'

  export default class Negotiator {
    constructor(request: Pick<IncomingMessage, 'headers'>)
    /** The media types that are accepted, best first: those of `available`, or all as they are written. */
    mediaTypes<T extends string>(available?: readonly T[]): T[]
    /** Which of the encodings is accepted best; those that are accepted alike go by the order of `preferred`. */
    encoding<T extends string>(available: T[], options: { preferred: T[] }): T | undefined
  }
}
