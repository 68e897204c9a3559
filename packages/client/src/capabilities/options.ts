import { searchOptions } from './search/options.js'
import { totalsOptions } from './totals/options.js'

/** Options of the calls that capabilities add. */
export const capabilityOptions = { ...totalsOptions, ...searchOptions }
