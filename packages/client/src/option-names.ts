import type { FilterOptions, FollowOptions, PageOptions, RequestOptions } from './options.js'

/** Every name of an interface. */
export type Names<Options> = Record<keyof Options, true>

// Options that several calls share.
export const request: Names<RequestOptions> = { signal: true, maxAttempts: true, onRetry: true }
export const filter: Names<FilterOptions> = { ...request, filter: true }
export const page: Names<PageOptions> = { first: true, after: true }
export const follow: Names<FollowOptions> = { signal: true }
