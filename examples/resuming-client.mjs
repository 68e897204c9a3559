// Prints each change, using graphql-ws. Resumes automatically after a lost connection, and misses no change.
// After `npm install ./benefit-sessions-client-2.0.0.tgz graphql-ws ws`:   node resuming-client.mjs http://127.0.0.1:4000
import { createResumingClient } from 'benefit-sessions-client/graphql-ws'
import WebSocket from 'ws'

const url = `${(process.argv[2] ?? 'http://127.0.0.1:4000').replace('http', 'ws')}/graphql`
const client = createResumingClient({ url, webSocketImpl: WebSocket })
const query = `subscription { feed { __typename  ... on FeedReady { cursor }  ... on FeedGap { reason }
  ... on FeedTransition { cursor transition { snapshot { sessionId state version } } } } }`

for await (const { data } of client.iterate({ query })) {
  if (data?.feed.transition) console.log(JSON.stringify(data.feed.transition.snapshot))
}
