// Follows the feed with urql over HTTP.
// After `npm install @urql/core graphql@16 wonka`:   node urql-http.mjs
import { Client, fetchExchange, gql } from '@urql/core'
import { onEnd, pipe, subscribe } from 'wonka'

const client = new Client({
  url: 'http://127.0.0.1:4000/graphql',
  exchanges: [fetchExchange],
  fetchSubscriptions: true,
  preferGetMethod: false,
})
const query = gql`
  subscription ($after: String) {
    feed(after: $after) {
      ... on FeedReady { cursor }
      ... on FeedTransition { cursor transition { sequence snapshot { sessionId } } }
    }
  }
`

let after
function follow() {
  pipe(
    client.subscription(query, { after }),
    onEnd(() => setTimeout(follow, 1_000)),
    subscribe(({ data, hasNext }) => {
      if (!data || !hasNext) return
      after = data.feed.cursor ?? after
      if (data.feed.transition) console.log(data.feed.transition.snapshot.sessionId, data.feed.transition.sequence)
    }),
  )
}
follow()
