import { subgraphOf } from '../../src/graphql-server/subgraph'
import {
  accessWorld,
  allGet,
  type CallerName,
  callerNames,
  type Found,
  type Gets,
  type PlaceName,
  placeNames,
  rowsTelling,
  sees,
  twice,
} from '../support/access'
import { schema as served } from '../support/described'
import { subscribe } from '../support/follow'
import { inputs, otherInputs } from '../support/inputs'
import { camelled } from '../support/interfaces'
import { overStores } from '../support/stores'
import { until } from '../support/until'

const gets = rowsTelling('refused 403', 'refused 401')

const narrowed = gets('some', 'none')
const changed = gets('some', 'SESSION_NOT_FOUND', ['FORBIDDEN', 'SESSION_NOT_FOUND'])
const byAdmins: Gets = { ...gets('FORBIDDEN', 'FORBIDDEN'), admin: twice('some') }
const managed = (outside = 'WEBHOOK_ENDPOINT_NOT_FOUND'): Gets => ({
  ...gets('FORBIDDEN', 'FORBIDDEN'),
  admin: twice('some'),
  coordinator: ['some', outside],
})
const open = allGet('some')

type Data = Record<string, unknown>

interface Row {
  gets: Gets
  query: string
  variables(of: Found, origin: string): Data
  /** Changes the session. Each permitted caller uses a session of its own. */
  changes?: true
  /** Counts the objects of the place in a response. By default 1 for any value and 0 for null. */
  shows?(data: Data): number
  /** Callers that also see something of other places, with these places. */
  showsAlso?: Partial<Record<CallerName, string>>
  /** Runs until the transition of a session that is started last. Every caller with a role sees it. */
  follows?: true
}

const filterOf = ({ mentor_id, organisation_id }: Found) => ({
  filter: { mentorId: mentor_id, organisationId: organisation_id },
})
const endpointOf = ({ endpoint_id }: Found) => ({ id: endpoint_id })
const idOf = ({ session_id }: Found) => ({ id: session_id })

const rows: Record<string, Row> = {
  'Query.session': {
    gets: narrowed,
    query: 'query ($id: ID!) { session(id: $id) { id result { id } results { id } share { token } shares { token } } }',
    variables: idOf,
  },
  'Query.node': {
    gets: narrowed,
    query: 'query ($id: ID!) { node(id: $id) { id ... on Session { mentorId result { id } share { token } } } }',
    variables: idOf,
  },
  'Query._entities': {
    gets: narrowed,
    query: `query ($representations: [_Any!]!) { _entities(representations: $representations) {
      ... on Session { id mentorId result { id } share { token } } } }`,
    variables: ({ session_id }) => ({ representations: [{ __typename: 'Session', id: session_id }] }),
    shows: ({ _entities }) => (_entities as (object | null)[]).filter(found => found !== null).length,
  },
  'Query._service': {
    gets: gets('some', 'some'),
    query: '{ _service { sdl } }',
    variables: () => ({}),
  },
  'Query.sessions': {
    gets: narrowed,
    query: 'query ($filter: SessionFilter) { sessions(filter: $filter, first: 100) { nodes { id } totalCount } }',
    variables: filterOf,
    shows({ sessions }) {
      const { nodes, totalCount } = sessions as { nodes: object[]; totalCount: number }
      if (nodes.length !== totalCount) throw new Error(`${totalCount} in all, and ${nodes.length} of them`)
      return totalCount
    },
  },
  'Query.sharedResult': {
    gets: open,
    query: 'query ($token: ID!) { sharedResult(token: $token) { method } }',
    variables: ({ token }) => ({ token }),
  },
  'Query.calculate': {
    gets: gets('some', 'some'),
    query: 'query ($inputs: CalculationInputs!) { calculate(inputs: $inputs) { totalMinutes } }',
    variables: () => ({ inputs: camelled(inputs) }),
  },
  'Query.sharedLinks': {
    gets: narrowed,
    query: 'query ($filter: SessionFilter) { sharedLinks(filter: $filter) { nodes { share { token } } } }',
    variables: filterOf,
    shows: ({ sharedLinks }) => (sharedLinks as { nodes: object[] }).nodes.length,
  },
  'Query.summary': {
    gets: narrowed,
    query: 'query ($filter: SessionFilter) { summary(filter: $filter) { sessions } }',
    variables: filterOf,
    shows: ({ summary }) => (summary as { sessions: number }).sessions,
  },
  'Query.trend': {
    gets: narrowed,
    query: 'query ($filter: SessionFilter) { trend(filter: $filter, last: 2) { results } }',
    variables: filterOf,
    shows: ({ trend }) => (trend as { results: number }[]).reduce((sum, { results }) => sum + results, 0),
  },
  'Query.mentors': {
    gets: narrowed,
    query: 'query ($filter: SessionFilter) { mentors(filter: $filter) { totalCount } }',
    variables: filterOf,
    shows: ({ mentors }) => (mentors as { totalCount: number }).totalCount,
  },
  'Query.organisations': {
    gets: narrowed,
    query: 'query ($search: String) { organisations(search: $search) { totalCount } }',
    variables: ({ organisation_id }) => ({ search: organisation_id }),
    shows: ({ organisations }) => (organisations as { totalCount: number }).totalCount,
    // A mentor sees the organisations of its own sessions.
    showsAlso: { mentor: 'b', 'mentor of no organisation': 'bd' },
  },
  'Query.find': {
    gets: narrowed,
    query: `query ($filter: SessionFilter) { find(text: "ENTO", filter: $filter) {
      mentors { id } organisations { id } sessions { id } complete } }`,
    variables: filterOf,
    shows: ({ find }) => (find as { mentors: unknown[] }).mentors.length,
  },
  'Mutation.startSession': {
    // The session's organisation is named, which a mentor without an organisation may not do.
    gets: { ...gets('some', 'FORBIDDEN', twice('FORBIDDEN')), 'mentor of no organisation': twice('FORBIDDEN') },
    query: 'mutation ($input: StartSessionInput!) { startSession(input: $input) { session { id } } }',
    variables: of => ({ input: filterOf(of).filter }),
  },
  'Mutation.dispatchEvent': {
    gets: changed,
    query: 'mutation ($input: DispatchEventInput!) { dispatchEvent(input: $input) { session { id } } }',
    variables: ({ session_id }) => ({
      input: { sessionId: session_id, event: 'CALCULATE_REQUESTED', payload: camelled(otherInputs) },
    }),
    changes: true,
  },
  'Mutation.revokeShare': {
    gets: changed,
    query: 'mutation ($id: ID!, $token: ID!) { revokeShare(sessionId: $id, token: $token) { session { id } } }',
    variables: ({ session_id, token }) => ({ id: session_id, token }),
    changes: true,
  },
  'Mutation.closeSession': {
    gets: changed,
    query: 'mutation ($input: CloseSessionInput!) { closeSession(input: $input) { deleted } }',
    variables: ({ session_id }) => ({ input: { sessionId: session_id } }),
    changes: true,
  },
  'Mutation.eraseMentor': {
    gets: byAdmins,
    query: 'mutation ($input: EraseMentorInput!) { eraseMentor(input: $input) { erased } }',
    variables: () => ({ input: { mentorId: 'mentor_3' } }),
  },
  'Query.webhookEndpoints': {
    gets: managed('some'),
    query: '{ webhookEndpoints { id attempts(first: 5) { messageId } } }',
    variables: () => ({}),
  },
  'Query.webhookEndpoint': {
    gets: managed('none'),
    query: 'query ($id: ID!) { webhookEndpoint(id: $id) { id attempts { messageId } } }',
    variables: endpointOf,
  },
  'Mutation.createWebhookEndpoint': {
    gets: managed('FORBIDDEN'),
    query: 'mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { secret } }',
    variables: ({ organisation_id }) => ({
      input: { url: 'https://receiver.invalid/', organisationId: organisation_id },
    }),
  },
  'Mutation.updateWebhookEndpoint': {
    gets: managed(),
    query: 'mutation ($id: ID!) { updateWebhookEndpoint(input: { id: $id, description: "changed" }) { id } }',
    variables: endpointOf,
  },
  'Mutation.deleteWebhookEndpoint': {
    gets: managed(),
    query: 'mutation ($id: ID!) { deleteWebhookEndpoint(id: $id) { deleted } }',
    variables: endpointOf,
    changes: true,
  },
  'Mutation.rotateWebhookSecret': {
    gets: managed(),
    query: 'mutation ($id: ID!) { rotateWebhookSecret(id: $id) { secret } }',
    variables: endpointOf,
  },
  'Mutation.testWebhookEndpoint': {
    gets: managed(),
    query: 'mutation ($id: ID!) { testWebhookEndpoint(id: $id) { endpointId } }',
    variables: endpointOf,
  },
  'Mutation.replayWebhookEndpoint': {
    gets: managed(),
    query: 'mutation ($input: ReplayWebhookEndpointInput!) { replayWebhookEndpoint(input: $input) { endpointId } }',
    variables: ({ endpoint_id }, origin) => ({ input: { id: endpoint_id, after: origin } }),
  },
  'Query.reports': { gets: managed('some'), query: '{ reports { id } }', variables: () => ({}) },
  'Query.sharedReport': {
    gets: open,
    query: 'query ($token: ID!) { sharedReport(token: $token) { title } }',
    variables: ({ report_token }) => ({ token: report_token }),
  },
  'Mutation.shareReport': {
    gets: managed('FORBIDDEN'),
    query: 'mutation ($input: ShareReportInput!) { shareReport(input: $input) { token } }',
    variables: ({ organisation_id }) => ({
      input: { title: 'Report', organisationId: organisation_id, from: '2026-01', to: '2026-12' },
    }),
  },
  'Mutation.revokeReport': {
    gets: managed('SHARE_NOT_FOUND'),
    query: 'mutation ($id: ID!) { revokeReport(id: $id) { revoked } }',
    variables: ({ report_id }) => ({ id: report_id }),
    changes: true,
  },
  'Subscription.sessionTransitions': {
    gets: gets('some', 'SESSION_NOT_FOUND'),
    query: 'subscription ($id: ID!) { sessionTransitions(sessionId: $id, after: 0) { sequence session { id } } }',
    variables: idOf,
  },
  'Subscription.feed': {
    gets: narrowed,
    query: `subscription ($after: String) { feed(after: $after) {
      __typename ... on FeedTransition { transition { session { id } } } } }`,
    variables: (_of, origin) => ({ after: origin }),
    follows: true,
  },
  'Subscription.summary': {
    gets: narrowed,
    query: 'subscription ($filter: SessionFilter) { summary(filter: $filter) { summary { sessions } } }',
    variables: filterOf,
    shows: ({ summary }) => (summary as { summary: { sessions: number } }).summary.sessions,
  },
}

const expectedOf = ({ gets, showsAlso = {} }: Row, caller: CallerName, place: PlaceName): string =>
  gets[caller][sees(caller, place) || showsAlso[caller]?.includes(place) ? 0 : 1]

type Way = 'POST' | 'graphql-ws' | 'graphql-sse'

const waysOf = (name: string): Way[] => (name.startsWith('Subscription.') ? ['graphql-ws', 'graphql-sse'] : ['POST'])

/** Default for `shows`: 1 if the single field has a value. */
const hasValue = (data: Data): number => (Object.values(data)[0] === null ? 0 : 1)

overStores(({ place }) => {
  const world = accessWorld(place, { config: { FEDERATION: true, WEBHOOKS: true } })

  async function over(row: Row, caller: CallerName, of: Found): Promise<string> {
    const asked = { query: row.query, variables: row.variables(of, world.origin) }
    const { status, text } = await world.rest(caller).post('/graphql', JSON.stringify(asked))
    const { data, errors } = JSON.parse(text)
    if (status !== 200) return `refused ${status}`
    return errors ? errors[0].extensions.code : (row.shows ?? hasValue)(data) ? 'some' : 'none'
  }

  /** Does the same for a subscription: up to its first result, or up to the last session if it keeps running. */
  async function followed(
    row: Row,
    caller: CallerName,
    of: Found,
    last: Found,
    client: Exclude<Way, 'POST'>,
  ): Promise<string> {
    const authorization = world.authorization(caller)
    const { url } = world.server
    const subscribed = subscribe<Data>(url, row.query, row.variables(of, world.origin), client, authorization)
    const { results } = subscribed
    const names = (session: Found) => results.some(data => JSON.stringify(data).includes(session.session_id))
    const isThere = () => subscribed.ended || (row.follows ? names(last) : results.length > 0)
    await until(
      () => isThere() !== undefined && isThere() !== false,
      60_000,
      () => JSON.stringify(results),
    )
    subscribed.leave()
    if (subscribed.ended) return refusalOf(subscribed.ended.with)
    return (row.follows ? names(of) : (row.shows ?? hasValue)(results[0] as Data)) ? 'some' : 'none'
  }

  const cells = Object.entries(rows).flatMap(([name, row]) =>
    waysOf(name).map((way): [string, Way, Row] => [name, way, row]),
  )

  test.each(cells)('each caller gets from %s over %s exactly its scope', async (_, way, row) => {
    const last = row.follows ? await world.fresh('a') : world.found.a
    const outcome = async (caller: CallerName, place: PlaceName): Promise<string> => {
      const mayChange = row.changes && expectedOf(row, caller, place) === 'some'
      const of = mayChange ? await world.fresh(place) : world.found[place]
      return way === 'POST' ? over(row, caller, of) : followed(row, caller, of, last, way)
    }
    for (const caller of callerNames) {
      const got = await Promise.all(placeNames.map(place => outcome(caller, place)))
      expect({ caller, got }).toEqual({ caller, got: placeNames.map(place => expectedOf(row, caller, place)) })
    }
  })
})

/** Returns the refusal of a subscription: the code of its error, the status of the response, or the close code. */
function refusalOf(ended: unknown): string {
  if (Array.isArray(ended)) return ended[0].extensions.code
  const { code, response } = ended as { code?: number; response?: Response }
  return `refused ${response ? response.status : Number(code) - 4_000}`
}

test('every field of Query, Mutation and Subscription has a row', () => {
  const schema = subgraphOf(served)
  const types = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const fields = types.flatMap(type => Object.keys(type?.getFields() ?? {}).map(name => `${type?.name}.${name}`))
  expect(Object.keys(rows).sort()).toEqual(fields.sort())
})
