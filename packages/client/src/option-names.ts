import type { FilterOptions, FollowOptions, PageOptions, RequestOptions } from './options.js'

/** Names of all fields of an interface. The compiler checks that no name is missing. */
export type Names<Options> = Record<keyof Options, true>

// Names of the options that several calls have in common.
export const request: Names<RequestOptions> = { signal: true, maxAttempts: true, onRetry: true }
export const filter: Names<FilterOptions> = { ...request, filter: true }
export const page: Names<PageOptions> = { first: true, after: true }
export const follow: Names<FollowOptions> = { signal: true }
