import type { Store } from '../../src/db/store'
import { compareTotals } from './totals/comparison'

/**
 * Compare what instances say with the store, and return what differs. A capability that is deleted loses its line here.
 */
export const comparisons: ((store: Store, urls: string[]) => Promise<string[]>)[] = [compareTotals]
