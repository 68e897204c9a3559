// A table of all sessions that is always right: the list and the feed, joined so that nothing is missed.
// In a folder with `npm install graphql-ws ws`:   node join-graphql-ws.mjs http://127.0.0.1:4000
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'

const server = process.argv[2] ?? 'http://127.0.0.1:4000'
// Each connection is ours to make, so that it starts behind the last cursor.
const client = createClient({
  url: `${server.replace('http', 'ws')}/graphql`,
  webSocketImpl: WebSocket,
  retryAttempts: 0,
})
const ask = query =>
  new Promise((resolve, reject) => {
    let answer
    client.subscribe(
      { query },
      {
        next: result => {
          answer = result.data
        },
        error: reject,
        complete: () => resolve(answer),
      },
    )
  })

const sessions = new Map() // a closed session stays, so that an older list cannot bring it back
let cursor // everything up to here is in the table

/** Whatever comes first, list or feed: only what is newer counts. */
function apply(session) {
  if (session.version <= (sessions.get(session.id)?.version ?? 0)) return
  sessions.set(session.id, session)
  console.log(JSON.stringify(session))
}

async function readList(after = null) {
  const { sessions: page } = await ask(`{ sessions(first: 100, after: ${JSON.stringify(after)}) {
    nodes { id state version } pageInfo { hasNextPage endCursor } } }`)
  page.nodes.forEach(apply)
  if (page.pageInfo.hasNextPage) await readList(page.pageInfo.endCursor)
}

const query = `subscription ($after: String) { feed(after: $after) { __typename
  ... on FeedReady { cursor }  ... on FeedGap { reason }
  ... on FeedTransition { cursor transition { session { id state version } } } } }`

for (;;) {
  let missed = cursor === undefined
  try {
    for await (const {
      data: { feed },
    } of client.iterate({ query, variables: { after: cursor } })) {
      if (feed.__typename === 'FeedGap') missed = true
      if (feed.__typename === 'FeedReady' && missed) sessions.clear() || (await readList())
      if (feed.__typename === 'FeedTransition') apply(feed.transition.session)
      cursor = feed.cursor ?? cursor
    }
  } catch (reason) {
    console.error('connecting again:', reason.message || reason.reason || reason.code || reason)
  }
  await new Promise(resolve => setTimeout(resolve, 500 + 500 * Math.random()))
}
