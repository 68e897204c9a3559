// Reads the newest session that has a result, with types from gql.tada. Declares types for `DateTime` and `Date`.
// After `npm install graphql@16 gql.tada`.
import { initGraphQLTada, type ResultOf } from 'gql.tada'
import { print } from 'graphql'
import type { introspection } from './graphql-env.js'

const graphql = initGraphQLTada<{ introspection: introspection; scalars: { DateTime: string; Date: string } }>()
const latest = graphql(`
  query Latest($filter: SessionFilter) {
    sessions(filter: $filter, first: 1) { nodes { id state updatedAt } }
  }
`)

const body = JSON.stringify({ query: print(latest), variables: { filter: { state: 'LOADED' } } })
const headers = { 'Content-Type': 'application/json' }
const answer = await fetch('http://127.0.0.1:4000/graphql', { method: 'POST', headers, body })
const { data } = (await answer.json()) as { data: ResultOf<typeof latest> }
const state: 'INITIAL' | 'LOADING' | 'LOADED' | 'ERROR' | 'CLOSED' | undefined = data.sessions.nodes[0]?.state
if (state !== 'LOADED') throw new Error(state)
