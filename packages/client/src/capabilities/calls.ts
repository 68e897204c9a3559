import { TotalsCalls } from './totals/calls.js'

/** Calls that capabilities add to the client. */
export const capabilityCalls: { prototype: object }[] = [TotalsCalls]
