// Follows the feed with graphql-sse.
// After `npm install graphql@16 graphql-sse`:   node graphql-sse.mjs
import { createClient } from 'graphql-sse'

const client = createClient({
  url: 'http://127.0.0.1:4000/graphql',
  retryAttempts: Number.POSITIVE_INFINITY,
  retry: () => new Promise(go => setTimeout(go, 1_000)),
})
const query = `subscription ($after: String) {
  feed(after: $after) {
    ... on FeedReady { cursor }
    ... on FeedTransition { cursor transition { sequence snapshot { sessionId } } }
  }
}`

const variables = {}
client.subscribe(
  { query, variables },
  {
    next({ data }) {
      variables.after = data?.feed.cursor ?? variables.after
      if (data?.feed.transition) console.log(data.feed.transition.snapshot.sessionId, data.feed.transition.sequence)
    },
    error: console.error,
    complete: () => {},
  },
)
