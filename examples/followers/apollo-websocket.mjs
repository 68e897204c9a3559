// Follows the feed with Apollo Client over a WebSocket, using benefit-sessions-client.
// After `npm install @apollo/client graphql@16 graphql-ws rxjs ws ./benefit-sessions-client-2.0.0.tgz`:   node apollo-websocket.mjs
import { ApolloClient, gql, InMemoryCache } from '@apollo/client/core'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { createResumingClient } from 'benefit-sessions-client/graphql-ws'
import WebSocket from 'ws'

const link = new GraphQLWsLink(createResumingClient({ url: 'ws://127.0.0.1:4000/graphql', webSocketImpl: WebSocket }))
const cache = new InMemoryCache({ typePolicies: { Subscription: { fields: { feed: { merge: false } } } } })
const client = new ApolloClient({ link, cache })
const query = gql`
  subscription {
    feed {
      ... on FeedReady { cursor }
      ... on FeedTransition { cursor transition { sequence snapshot { sessionId } } }
    }
  }
`

client.subscribe({ query }).subscribe(({ data }) => {
  if (data?.feed.transition) console.log(data.feed.transition.snapshot.sessionId, data.feed.transition.sequence)
})
