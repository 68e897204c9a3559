import { TotalsCalls } from './totals/calls.js'

/** The calls that capabilities add to the client. */
export const capabilityCalls: { prototype: object }[] = [TotalsCalls]
