// A table of all sessions that is always right: the list and the feed, joined so that nothing is missed.
// In a folder with `npm install graphql-ws ws`:   node join-graphql-ws.mjs http://127.0.0.1:4000
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'

const server = process.argv[2] ?? 'http://127.0.0.1:4000'
const url = `${server.replace('http', 'ws')}/graphql`
// A retry of the client's own would start after the same cursor again, not after the last one.
const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0 })
const sessions = new Map() // a closed session stays, so that an older list cannot bring it back
let cursor // everything up to here is in the table

/** Whatever comes first, list or feed: only what is newer counts. */
function apply(session) {
  if (session.version <= (sessions.get(session.id)?.version ?? 0)) return
  sessions.set(session.id, session)
  console.log(JSON.stringify(session))
}

async function readList(after = null) {
  const query = `query ($after: String) { sessions(first: 100, after: $after) {
    nodes { id state version } pageInfo { hasNextPage endCursor } } }`
  for await (const { data } of client.iterate({ query, variables: { after } })) {
    data.sessions.nodes.forEach(apply)
    if (data.sessions.pageInfo.hasNextPage) await readList(data.sessions.pageInfo.endCursor)
  }
}

const query = `subscription ($after: String) { feed(after: $after) { __typename
  ... on FeedReady { cursor }  ... on FeedGap { reason }
  ... on FeedTransition { cursor transition { session { id state version } } } } }`

for (;;) {
  let complete = cursor !== undefined
  try {
    for await (const { data } of client.iterate({ query, variables: { after: cursor } })) {
      const { __typename, transition } = data.feed
      if (__typename === 'FeedGap') {
        complete = false
        sessions.clear()
      } else if (__typename === 'FeedTransition') apply(transition.session)
      else if (!complete) await readList()
      cursor = data.feed.cursor ?? cursor
    }
  } catch (reason) {
    console.error('connecting again:', reason.message || reason.reason || reason.code || reason)
  }
  await new Promise(resolve => setTimeout(resolve, 500 + 500 * Math.random()))
}
