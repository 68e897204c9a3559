import { SearchCalls } from './search/calls.js'
import { TotalsCalls } from './totals/calls.js'

/** Calls that capabilities add to the client. */
export const capabilityCalls: { prototype: object }[] = [TotalsCalls, SearchCalls]
