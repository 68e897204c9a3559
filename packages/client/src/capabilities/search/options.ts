import { filter, type Names } from '../../option-names.js'
import type { FilterOptions } from '../../options.js'

/** Options of `find`. */
export interface FindOptions extends FilterOptions {
  /** Maximum number of matches per kind (mentors, organisations, sessions), 1 to 50. Default: 5. */
  first?: number | undefined
}

/** The option names of each call. */
export const searchOptions = {
  find: { ...filter, first: true } satisfies Names<FindOptions>,
} as const
