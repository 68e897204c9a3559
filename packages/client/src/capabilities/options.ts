import { totalsOptions } from './totals/options.js'

/** The options of the calls that capabilities add. */
export const capabilityOptions = { ...totalsOptions }
