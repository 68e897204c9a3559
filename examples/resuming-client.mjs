// A graphql-ws client that loses nothing when it retries: each subscription resumes after its last cursor.
// For Apollo: new GraphQLWsLink(resumingClient({ url })). For urql: forward from subscriptionExchange to its subscribe.
// In a folder with `npm install graphql-ws ws`:   node resuming-client.mjs http://127.0.0.1:4000
import { createClient } from 'graphql-ws'

export function resumingClient({ connectionParams, ...options }) {
  const resume = {} // the last cursor of each subscription, by its id
  let newest
  const client = createClient({
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true, // also if nothing listens
    retryWait: retries => new Promise(go => setTimeout(go, 1_000 * Math.min(retries, 4) * (0.5 + Math.random()))),
    ...options,
    generateID: () => (newest = crypto.randomUUID()),
    connectionParams: async () => ({
      ...(typeof connectionParams === 'function' ? await connectionParams() : connectionParams),
      resume,
    }),
    on: {
      ...options.on,
      message(message) {
        options.on?.message?.(message)
        const [field] = Object.values((message.type === 'next' && message.payload.data) || {})
        const cursor = field?.cursor ?? field?.sequence // of the feed, or of one session's transitions
        if (cursor !== undefined) resume[message.id] = cursor
        else if (message.type === 'complete' || message.type === 'error') delete resume[message.id]
      },
    },
  })
  return {
    ...client,
    subscribe(request, sink) {
      const unsubscribe = client.subscribe(request, sink)
      const id = newest
      return () => {
        delete resume[id]
        unsubscribe()
      }
    },
  }
}

if (import.meta.filename === process.argv[1]) {
  const { default: webSocketImpl } = await import('ws')
  const url = `${(process.argv[2] ?? 'http://127.0.0.1:4000').replace('http', 'ws')}/graphql`
  const query = `subscription { feed { __typename  ... on FeedReady { cursor }  ... on FeedGap { reason }
    ... on FeedTransition { cursor transition { session { id state version } } } } }`
  resumingClient({ url, webSocketImpl }).subscribe(
    { query },
    {
      next: ({ data }) => data?.feed.transition && console.log(JSON.stringify(data.feed.transition.session)),
      error: console.error,
      complete: () => {},
    },
  )
}
