// Follows the feed with urql over a WebSocket, using benefit-sessions-client.
// After `npm install @urql/core graphql@16 graphql-ws ws ./benefit-sessions-client-2.0.0.tgz`:   node urql-websocket.mjs
import { Client, gql, subscriptionExchange } from '@urql/core'
import { createResumingClient } from 'benefit-sessions-client/graphql-ws'
import WebSocket from 'ws'

const socket = createResumingClient({ url: 'ws://127.0.0.1:4000/graphql', webSocketImpl: WebSocket })
const forwardSubscription = request => ({ subscribe: sink => ({ unsubscribe: socket.subscribe(request, sink) }) })
const client = new Client({
  url: 'http://127.0.0.1:4000/graphql',
  exchanges: [subscriptionExchange({ forwardSubscription })],
  preferGetMethod: false,
})
const query = gql`
  subscription {
    feed {
      ... on FeedReady { cursor }
      ... on FeedTransition { cursor transition { sequence snapshot { sessionId } } }
    }
  }
`

client.subscription(query, {}).subscribe(({ data }) => {
  if (data?.feed.transition) console.log(data.feed.transition.snapshot.sessionId, data.feed.transition.sequence)
})
