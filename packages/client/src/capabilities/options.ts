import { totalsOptions } from './totals/options.js'

/** Options of the calls that capabilities add. */
export const capabilityOptions = { ...totalsOptions }
