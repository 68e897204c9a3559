import { isDeepStrictEqual } from 'node:util'
import type { Summary } from '../../../src/capabilities/totals/model'
import { summariesPath } from '../../../src/capabilities/totals/rest'
import type { Store } from '../../../src/db/store'
import { recounted } from './processes'

/** Compares the totals of each instance with the store's sums. Returns what differs. */
export async function compare(store: Store, urls: string[]): Promise<string[]> {
  const { calculations: _, ...sums } = await (await recounted(store)).summary({})
  const differences = urls.map(async url => {
    const { calculations: _, ...said } = (await (await fetch(url + summariesPath)).json()) as Summary
    return isDeepStrictEqual(said, sums) ? [] : [`${url} says ${JSON.stringify(said)} of ${JSON.stringify(sums)}`]
  })
  return (await Promise.all(differences)).flat()
}
