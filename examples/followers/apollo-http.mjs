// Follows the feed with Apollo Client over HTTP.
// After `npm install @apollo/client graphql@16 rxjs`:   node apollo-http.mjs
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client/core'

const link = new HttpLink({ uri: 'http://127.0.0.1:4000/graphql' })
const cache = new InMemoryCache({ typePolicies: { Subscription: { fields: { feed: { merge: false } } } } })
const client = new ApolloClient({ link, cache })
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
  const again = () => setTimeout(follow, 1_000)
  client.subscribe({ query, variables: { after } }).subscribe({
    next({ data }) {
      after = data?.feed.cursor ?? after
      if (data?.feed.transition) console.log(data.feed.transition.snapshot.sessionId, data.feed.transition.sequence)
    },
    error: again,
    complete: again,
  })
}
follow()
