// This folder contains the search for mentors, organisations and sessions by the beginnings of words.

import type { Capability } from '../../capability'
import { EmbeddedSearch } from './embedded'
import { SearchResolver } from './graphql'
import { MongoSearch } from './mongo'
import { searchResources } from './rest'
import { IndexFilling, Search } from './search'

declare module '../../use-cases' {
  interface UseCases {
    search: Search
  }
}

/** Finds mentors, organisations and sessions. Sessions are found through an index in the store. */
export const search: Capability = {
  name: 'search',
  store: () => ({
    mongo: connection => new MongoSearch(connection),
    embedded: core => new EmbeddedSearch(core),
  }),
  resources: searchResources,
  resolvers: [SearchResolver],
  open({ store, log }) {
    const filling = new IndexFilling(store, log)
    return {
      of: (caller, useCases) => new Search(store, filling, caller, useCases),
      start: () => void filling.start(),
      stop: () => filling.stop(),
    }
  },
}
