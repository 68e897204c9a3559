import type { SearchCalls } from './calls.js'

export type { FindResult } from './calls.js'
export type { FindOptions } from './options.js'

declare module '../../client.js' {
  interface SessionsClient extends SearchCalls {}
}
