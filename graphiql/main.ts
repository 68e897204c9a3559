import 'graphiql/setup-workers/vite'
import 'graphiql/style.css'
import './style.css'
import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit'
import { GraphiQL } from 'graphiql'
import { createClient } from 'graphql-ws'
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'

const start = `# Lists the latest sessions, starts a session, and follows the feed. Ctrl-Enter runs the operation under the cursor.

query Sessions {
  sessions(first: 5) {
    totalCount
    nodes { id mentorId state result { outputs { netBenefit benefitCostRatio } } }
  }
}

mutation Start {
  startSession(input: { mentorId: "mentor_001", organisationId: "org_42" }) {
    session { id state allowedEvents }
  }
}

subscription Feed {
  feed {
    __typename
    ... on FeedReady { cursor }
    ... on FeedTransition {
      cursor
      transition { event from to sequence session { id mentorId } }
    }
    ... on FeedGap { after reason }
  }
}
`

const url = new URL(location.pathname, location.href)
const webSocket = new URL(url)
webSocket.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'

/** Value of the `Authorization` header in the headers editor, such as `Bearer …`. Needed if the server requires tokens. */
let authorization: string | undefined
const connectionParams = () => (authorization === undefined ? {} : { authorization })
const wsClient = createClient({ url: webSocket.href, connectionParams })
const send = createGraphiQLFetcher({ url: url.href, wsClient })
const fetcher: Fetcher = (request, options) => {
  const named = Object.entries(options?.headers ?? {}).find(([name]) => name.toLowerCase() === 'authorization')
  authorization = named?.[1]
  return send(request, options)
}
const element = document.getElementById('graphiql')
if (element) createRoot(element).render(createElement(GraphiQL, { fetcher, defaultQuery: start }))
