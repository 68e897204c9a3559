// Composes the server's schema with a second subgraph, which adds notes to sessions. Follows the feed through Hive
// Gateway.
// Set FEDERATION=on on the server. After `npm install @apollo/composition @apollo/subgraph @graphql-hive/gateway-runtime
// @graphql-mesh/transport-http graphql@16 graphql-sse graphql-yoga`:   node gateway.mjs
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { composeServices } from '@apollo/composition'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime'
import { parse } from 'graphql'
import { createClient } from 'graphql-sse'
import { createYoga } from 'graphql-yoga'

async function serve(handler) {
  const server = createServer(handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${server.address().port}/graphql`
}

async function ask(url, query, variables) {
  const headers = { 'Content-Type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })
  return (await answer.json()).data
}

const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
  type Session @key(fields: "id") { id: ID! notes: [String!]! }
  type Query { noted(id: ID!): Session }
`)
const resolvers = {
  Query: { noted: (_, { id }) => ({ id }) },
  Session: { __resolveReference: ({ id }) => ({ id }), notes: ({ id }) => [`a note of ${id}`] },
}
const notes = await serve(createYoga({ schema: buildSubgraphSchema([{ typeDefs, resolvers }]), logging: false }))

const sessions = 'http://127.0.0.1:4000/graphql'
const { _service } = await ask(sessions, '{ _service { sdl } }')
const { supergraphSdl, errors } = composeServices([
  { name: 'sessions', url: sessions, typeDefs: parse(_service.sdl) },
  { name: 'notes', url: notes, typeDefs },
])
assert.equal(errors, undefined)

const runtime = createGatewayRuntime({
  supergraph: supergraphSdl,
  propagateHeaders: {
    fromClientToSubgraphs: ({ request }) => ({ authorization: request.headers.get('authorization') ?? undefined }),
  },
  logging: false,
})
const gateway = await serve(runtime)

const start = 'mutation { startSession(input: { mentorId: "mentor_001" }) { session { id } } }'
const { id } = (await ask(gateway, start)).startSession.session
const { noted } = await ask(gateway, 'query ($id: ID!) { noted(id: $id) { state notes } }', { id })
assert.deepEqual(noted, { state: 'INITIAL', notes: [`a note of ${id}`] })

const client = createClient({ url: gateway, retryAttempts: 0 })
const query = `subscription ($after: String) {
  feed(after: $after) {
    ... on FeedReady { cursor }
    ... on FeedTransition { cursor transition { sequence session { id notes } } }
  }
}`

let after
function follow() {
  const again = () => setTimeout(follow, 1_000)
  client.subscribe(
    { query, variables: { after } },
    {
      next({ data }) {
        after = data?.feed.cursor ?? after
        const { session, sequence } = data?.feed.transition ?? {}
        if (session?.notes) console.log(session.id, sequence)
      },
      error: again,
      complete: again,
    },
  )
}
follow()
