import type { Capability } from '../../capability'
import { Search } from './search'
import { suggestNames } from './suggest-names'

export const search: Capability = {
  extensions: { listControls: Search },
  suggestNames,
}
