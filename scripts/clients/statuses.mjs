// Checks that client libraries correctly read application/graphql-response+json responses with each status that the
// server sends (docs/decisions/0009).
const type = 'application/graphql-response+json'

/** Returns documents, each with the expected status, data and error code. */
const casesOf = session_id => [
  ['{ __typename }', 200, { __typename: 'Query' }, undefined],
  [
    `{ __typename session(id: "${session_id}") { transitions(first: 0) { sequence } } }`,
    294,
    { __typename: 'Query', session: null },
    'VALIDATION_FAILED',
  ],
  ['{ nothing }', 422, undefined, 'GRAPHQL_VALIDATION_FAILED'],
]

/** For each library, a function that sends a document with the given `fetch`, and returns the data and the errors. */
const libraries = {
  async '@apollo/client'(uri, fetch, query) {
    const { ApolloClient, gql, HttpLink, InMemoryCache } = await import('@apollo/client/core')
    const client = new ApolloClient({ link: new HttpLink({ uri, fetch }), cache: new InMemoryCache() })
    const { data, error } = await client.query({ query: gql(query), errorPolicy: 'all', fetchPolicy: 'no-cache' })
    return { data, errors: error?.errors }
  },
  async 'apollo-client-3'(uri, fetch, query) {
    const { ApolloClient, gql, HttpLink, InMemoryCache } = await import('apollo-client-3/core/index.js')
    const link = new HttpLink({ uri, fetch, headers: { accept: type } })
    const client = new ApolloClient({ link, cache: new InMemoryCache() })
    try {
      return await client.query({ query: gql(query), errorPolicy: 'all', fetchPolicy: 'no-cache' })
    } catch ({ networkError }) {
      return networkError.result
    }
  },
  async '@urql/core'(url, fetch, query) {
    const { Client, fetchExchange } = await import('@urql/core')
    const client = new Client({ url, fetch, exchanges: [fetchExchange], preferGetMethod: false })
    const { data, error } = await client.query(query, {}).toPromise()
    return { data, errors: error?.graphQLErrors }
  },
  async 'graphql-request'(url, fetch, query) {
    const { GraphQLClient } = await import('graphql-request')
    const client = new GraphQLClient(url, { fetch, errorPolicy: 'all', headers: { accept: type } })
    try {
      return await client.rawRequest(query)
    } catch ({ response }) {
      return response
    }
  },
  async 'relay-runtime'(url, fetch, query) {
    const { default: relay } = await import('relay-runtime')
    const headers = { 'content-type': 'application/json', accept: type }
    const network = relay.Network.create(async ({ text }, variables) => {
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query: text, variables }) })
      return response.json()
    })
    return network.execute({ text: query, operationKind: 'query' }, {}, {}).toPromise()
  },
}

/** Sends documents to a server with each library. Throws if a library misreads a response. */
export async function checkStatuses(url) {
  const started = await fetch(`${url}/api/v1/benefit-calculator-sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ mentor_id: 'm' }),
  })
  const cases = casesOf((await started.json()).session_id)
  for (const [name, ask] of Object.entries(libraries)) {
    for (const [query, ...expected] of cases) {
      let status
      const { data, errors } = await ask(
        `${url}/graphql`,
        async (...of) => {
          const response = await fetch(...of)
          status = response.status
          return response
        },
        query,
      )
      const read = [status, data ?? undefined, errors?.[0]?.extensions?.code]
      if (JSON.stringify(read) !== JSON.stringify(expected))
        throw new Error(`${name} read ${JSON.stringify(read)} for ${query}, expected ${JSON.stringify(expected)}.`)
    }
    process.stdout.write(`${name}: reads 200, 294 and 422\n`)
  }
}
