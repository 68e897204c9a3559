import { rowsOf } from './csv'
import { inputs, otherInputs } from './inputs'
import { camelled } from './interfaces'
import { filterOf, listed, type Operation, ownerOf, startsOf } from './operation'

const one = '/api/v1/benefit-calculator-sessions/{session_id}'
const idOf = ({ session_id }: { session_id: string }) => ({ id: session_id })

/** The operations of sessions, results, events and share links, and those of the server itself. */
export const coreOperations: Operation[] = [
  {
    access: 'scope',
    rest: [
      { at: 'GET /api/v1/benefit-calculator-sessions', query: ownerOf, shows: listed },
      {
        at: 'GET /api/v1/benefit-calculator-sessions.csv',
        types: ['text/csv'],
        query: ownerOf,
        shows: text => rowsOf(text).length,
      },
    ],
    graphql: {
      field: 'Query.sessions',
      query: 'query ($filter: SessionFilter) { sessions(filter: $filter, first: 100) { nodes { id } totalCount } }',
      variables: filterOf,
      shows({ nodes, totalCount }) {
        if (nodes.length !== totalCount) throw new Error(`${totalCount} in all, and ${nodes.length} of them`)
        return totalCount
      },
    },
  },
  {
    access: 'changes',
    needsOrganisation: true,
    rest: {
      at: 'POST /api/v1/benefit-calculator-sessions',
      status: 201,
      body: ownerOf,
      outside: 'forbidden',
    },
    graphql: {
      field: 'Mutation.startSession',
      query: 'mutation ($input: StartSessionInput!) { startSession(input: $input) { session { id } } }',
      variables: of => ({ input: filterOf(of).filter }),
      runs: startsOf,
      outside: 'forbidden',
    },
  },
  {
    access: 'scope',
    rest: { at: `GET ${one}`, outside: 'session_not_found' },
    graphql: {
      field: 'Query.session',
      query:
        'query ($id: ID!) { session(id: $id) { id result { id } results { id } share { token } shares { token } } }',
      variables: idOf,
    },
  },
  {
    access: 'scope',
    graphql: {
      field: 'Query.node',
      query: 'query ($id: ID!) { node(id: $id) { id ... on Session { mentorId result { id } share { token } } } }',
      variables: idOf,
    },
  },
  {
    access: 'scope',
    graphql: {
      field: 'Query._entities',
      query: `query ($representations: [_Any!]!) { _entities(representations: $representations) {
        ... on Session { id mentorId result { id } share { token } } } }`,
      variables: ({ session_id }) => ({ representations: [{ __typename: 'Session', id: session_id }] }),
      shows: (entities: (object | null)[]) => entities.filter(found => found !== null).length,
    },
  },
  { access: 'any role', graphql: { field: 'Query._service', query: '{ _service { sdl } }' } },
  {
    access: 'changes',
    consumes: true,
    rest: {
      at: `PUT ${one}`,
      body: () => ({ event: 'CalculateRequested', payload: otherInputs }),
      outside: 'session_not_found',
    },
    graphql: {
      field: 'Mutation.dispatchEvent',
      query:
        'mutation ($input: DispatchEventInput!) { dispatchEvent(input: $input) { session { id } transitions { sequence } } }',
      variables: ({ session_id }) => ({
        input: { sessionId: session_id, event: 'CALCULATE_REQUESTED', payload: camelled(otherInputs) },
      }),
      // Only the first run calculates, because the inputs are the same.
      runs: ({ values }) => values.filter(({ transitions }, i) => transitions.length > 0 === (i === 0)).length,
      outside: 'session_not_found',
    },
  },
  {
    access: 'changes',
    consumes: true,
    rest: { at: `DELETE ${one}`, outside: 'session_not_found' },
    graphql: {
      field: 'Mutation.closeSession',
      query: 'mutation ($input: CloseSessionInput!) { closeSession(input: $input) { deleted } }',
      variables: ({ session_id }) => ({ input: { sessionId: session_id } }),
      runs: 'session_not_found',
      outside: 'session_not_found',
    },
  },
  {
    access: 'scope',
    rest: {
      at: `GET ${one}/events`,
      types: ['application/json', 'text/event-stream'],
      outside: 'session_not_found',
    },
    graphql: {
      field: 'Subscription.sessionTransitions',
      query: 'subscription ($id: ID!) { sessionTransitions(sessionId: $id, after: 0) { sequence session { id } } }',
      variables: idOf,
      outside: 'session_not_found',
    },
  },
  { access: 'scope', rest: { at: `GET ${one}/results`, outside: 'session_not_found' } },
  { access: 'scope', rest: { at: `GET ${one}/results/{result_id}`, outside: 'session_not_found' } },
  { access: 'scope', rest: { at: `GET ${one}/share`, outside: 'session_not_found' } },
  { access: 'scope', rest: { at: `GET ${one}/shares`, outside: 'session_not_found' } },
  {
    access: 'changes',
    consumes: true,
    rest: { at: `DELETE ${one}/shares/{token}`, outside: 'session_not_found' },
    graphql: {
      field: 'Mutation.revokeShare',
      query: 'mutation ($id: ID!, $token: ID!) { revokeShare(sessionId: $id, token: $token) { session { id } } }',
      variables: ({ session_id, token }) => ({ id: session_id, token }),
      runs: 'share_gone',
      outside: 'session_not_found',
    },
  },
  {
    access: 'scope',
    rest: { at: 'GET /api/v1/benefit-shares', query: ownerOf, shows: listed },
    graphql: {
      field: 'Query.sharedLinks',
      query: 'query ($filter: SessionFilter) { sharedLinks(filter: $filter) { nodes { share { token } } } }',
      variables: filterOf,
      shows: ({ nodes }) => nodes.length,
    },
  },
  {
    access: 'anyone',
    rest: { at: 'GET /shared/{token}', types: ['application/json', 'text/csv', 'text/html'] },
    graphql: {
      field: 'Query.sharedResult',
      query: 'query ($token: ID!) { sharedResult(token: $token) { method } }',
      variables: ({ token }) => ({ token }),
    },
  },
  {
    access: 'scope',
    rest: [
      {
        at: 'GET /api/v1/benefit-calculator-events',
        query: (of, origin) => ({ limit: '1000', after: origin, ...ownerOf(of) }),
        shows: listed,
      },
      {
        at: 'GET /api/v1/benefit-calculator-events',
        types: ['text/event-stream'],
        query: (_of, origin) => ({ after: origin }),
        follows: true,
      },
    ],
    graphql: {
      field: 'Subscription.feed',
      query: `subscription ($after: String) { feed(after: $after) {
        __typename ... on FeedTransition { transition { session { id } } } } }`,
      variables: (_of, origin) => ({ after: origin }),
      follows: true,
    },
  },
  {
    access: 'any role',
    rest: { at: 'POST /api/v1/benefit-calculations', body: () => inputs },
    graphql: {
      field: 'Query.calculate',
      query: 'query ($inputs: CalculationInputs!) { calculate(inputs: $inputs) { totalMinutes } }',
      variables: () => ({ inputs: camelled(inputs) }),
    },
  },
  {
    access: 'admins',
    rest: { at: 'DELETE /api/v1/benefit-mentors/{mentor_id}', parameters: () => ({ mentor_id: 'mentor_3' }) },
    graphql: {
      field: 'Mutation.eraseMentor',
      query: 'mutation ($input: EraseMentorInput!) { eraseMentor(input: $input) { erased closed } }',
      variables: () => ({ input: { mentorId: 'mentor_3' } }),
      isSlow: true,
      // Only the first run finds sessions to close.
      runs: ({ values }) => values.filter(({ closed }, i) => closed > 0 === (i === 0)).length,
    },
  },
  { access: 'any role', rest: { at: 'GET /api/v1/benefit-caller' } },
  { access: 'anyone', rest: { at: 'GET /' } },
  { access: 'anyone', rest: { at: 'GET /problems', types: ['application/json', 'text/html'] } },
  {
    access: 'anyone',
    rest: {
      at: 'GET /problems/{code}',
      types: ['application/json', 'text/html'],
      parameters: () => ({ code: 'forbidden' }),
    },
  },
  { access: 'anyone', rest: { at: 'GET /openapi.json' } },
  { access: 'anyone', rest: { at: 'GET /asyncapi.json' } },
  { access: 'anyone', rest: { at: 'GET /docs', types: ['text/html'] } },
  { access: 'anyone', rest: { at: 'GET /healthz' } },
  { access: 'anyone', rest: { at: 'GET /readyz' } },
]
