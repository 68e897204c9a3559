// Fragments for the Relay compiler: a session that can be refetched by its id, and a paginated list.
import { graphql } from 'relay-runtime'

export const session = graphql`
  fragment Session_session on Session @refetchable(queryName: "SessionRefetchQuery") {
    state
    version
    allowedEvents
  }
`

export const sessions = graphql`
  fragment Session_sessions on Query
  @refetchable(queryName: "SessionPaginationQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "String" }) {
    sessions(first: $first, after: $after) @connection(key: "Session_sessions") {
      edges {
        node {
          ...Session_session
        }
      }
    }
  }
`
