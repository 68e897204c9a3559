import { openapi } from '../../src/rest/description/openapi'
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
import { rowsOf } from '../support/csv'
import { resources } from '../support/described'
import { type Described, Description } from '../support/description'
import { eventsUntil } from '../support/event-stream'
import { inputs, otherInputs } from '../support/inputs'
import { base, reportsPath } from '../support/interfaces'
import type { RawAnswer } from '../support/raw'
import { json } from '../support/rest'
import { overStores } from '../support/stores'
import { feedPath } from '../support/transports'

const gets = rowsTelling('403 forbidden', '401 unauthenticated')

const readOf = gets('200', '404 session_not_found')
const changed = gets('200', '404 session_not_found', ['403 forbidden', '404 session_not_found'])
const narrowed = gets('200 some', '200 none')
const byAdmins: Gets = { ...gets('403 forbidden', '403 forbidden'), admin: twice('200') }
/** Admins and coordinators manage webhook endpoints and reports. */
const managed = (inside: string, outside = '404 webhook_endpoint_not_found'): Gets => ({
  ...gets('403 forbidden', '403 forbidden'),
  admin: twice(inside),
  coordinator: [inside, outside],
})
const anyRole = gets('200', '200')
const open = allGet('200')

interface Asked {
  method?: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  accept?: string
  body?: object
}

interface Row {
  gets: Gets
  /** Returns the request for a session of a place. */
  asks(of: Found, origin: string): Asked
  /** Changes the session. Each permitted caller uses a session of its own. */
  changes?: true
  /** Counts the objects of the place in a response. */
  shows?(text: string): number
  /** Runs until the transition of a session that is started last. Every caller with a role sees it. */
  follows?: true
}

const whose = ({ mentor_id, organisation_id }: Found) => new URLSearchParams({ mentor_id, organisation_id })
const at = ({ session_id }: Found, below = ''): string => `${base}/${session_id}${below}`
const asEvents = 'text/event-stream'
const page = 'text/html'
const webhooks = '/api/v1/webhook-endpoints'
const webhook = ({ endpoint_id }: Found, below = ''): string => `${webhooks}/${endpoint_id}${below}`
const dataIn = (text: string): number => JSON.parse(text).data.length

const rows: Record<string, Row> = {
  'listSessions application/json': {
    gets: narrowed,
    asks: of => ({ path: `${base}?${whose(of)}` }),
    shows: dataIn,
  },
  'listSessions text/csv': {
    gets: narrowed,
    asks: of => ({ path: `${base}?${whose(of)}`, accept: 'text/csv' }),
    shows: text => rowsOf(text).length,
  },
  'startSession application/json': {
    // The session's organisation is named, which a mentor without an organisation may not do.
    gets: {
      ...gets('201', '403 forbidden', twice('403 forbidden')),
      'mentor of no organisation': twice('403 forbidden'),
    },
    asks: ({ mentor_id, organisation_id }) => ({ method: 'POST', path: base, body: { mentor_id, organisation_id } }),
  },
  'readSession application/json': { gets: readOf, asks: of => ({ path: at(of) }) },
  'dispatchEvent application/json': {
    gets: changed,
    asks: of => ({ method: 'PUT', path: at(of), body: { event: 'CalculateRequested', payload: otherInputs } }),
    changes: true,
  },
  'closeSession application/json': {
    gets: changed,
    asks: of => ({ method: 'DELETE', path: at(of) }),
    changes: true,
  },
  'listTransitions application/json': { gets: readOf, asks: of => ({ path: at(of, '/events') }) },
  'listTransitions text/event-stream': { gets: readOf, asks: of => ({ path: at(of, '/events'), accept: asEvents }) },
  'listResults application/json': { gets: readOf, asks: of => ({ path: at(of, '/results') }) },
  'readResult application/json': { gets: readOf, asks: of => ({ path: at(of, `/results/${of.result_id}`) }) },
  'readShare application/json': { gets: readOf, asks: of => ({ path: at(of, '/share') }) },
  'listShares application/json': { gets: readOf, asks: of => ({ path: at(of, '/shares') }) },
  'listSharedLinks application/json': {
    gets: narrowed,
    asks: of => ({ path: `/api/v1/benefit-shares?${whose(of)}` }),
    shows: dataIn,
  },
  'revokeShare application/json': {
    gets: changed,
    asks: of => ({ method: 'DELETE', path: at(of, `/shares/${of.token}`) }),
    changes: true,
  },
  'readSharedResult application/json': {
    gets: open,
    asks: ({ token }) => ({ path: `/shared/${token}`, accept: 'application/json' }),
  },
  'readSharedResult text/csv': { gets: open, asks: ({ token }) => ({ path: `/shared/${token}`, accept: 'text/csv' }) },
  'readSharedResult text/html': { gets: open, asks: ({ token }) => ({ path: `/shared/${token}`, accept: page }) },
  'readFeed application/json': {
    gets: narrowed,
    asks: (of, origin) => ({ path: `${feedPath}?limit=1000&after=${origin}&${whose(of)}` }),
    shows: dataIn,
  },
  'readFeed text/event-stream': {
    gets: narrowed,
    asks: (_of, origin) => ({ path: `${feedPath}?after=${origin}`, accept: asEvents }),
    follows: true,
  },
  'calculate application/json': {
    gets: anyRole,
    asks: () => ({ method: 'POST', path: '/api/v1/benefit-calculations', body: inputs }),
  },
  'readSummary application/json': {
    gets: narrowed,
    asks: of => ({ path: `/api/v1/benefit-summaries?${whose(of)}` }),
    shows: text => JSON.parse(text).sessions,
  },
  'readTrend application/json': {
    gets: narrowed,
    asks: of => ({ path: `/api/v1/benefit-trends?last=2&${whose(of)}` }),
    shows: text => (JSON.parse(text).data as { results: number }[]).reduce((sum, { results }) => sum + results, 0),
  },
  'listMentors application/json': {
    gets: narrowed,
    asks: of => ({ path: `/api/v1/benefit-mentors?${whose(of)}` }),
    shows: dataIn,
  },
  'listOrganisations application/json': {
    gets: narrowed,
    asks: of => ({ path: `/api/v1/benefit-organisations?${whose(of)}` }),
    shows: dataIn,
  },
  'search application/json': {
    gets: narrowed,
    asks: of => ({ path: `/api/v1/benefit-search?text=${of.mentor_id}&${whose(of)}` }),
    shows: text => JSON.parse(text).mentors.length,
  },
  'listWebhookEndpoints application/json': { gets: managed('200', '200'), asks: () => ({ path: webhooks }) },
  'createWebhookEndpoint application/json': {
    gets: managed('201', '403 forbidden'),
    asks: ({ organisation_id }) => ({
      method: 'POST',
      path: webhooks,
      body: { url: 'https://receiver.invalid/', organisation_id },
    }),
  },
  'readWebhookEndpoint application/json': { gets: managed('200'), asks: of => ({ path: webhook(of) }) },
  'updateWebhookEndpoint application/json': {
    gets: managed('200'),
    asks: of => ({ method: 'PATCH', path: webhook(of), body: { description: 'changed' } }),
  },
  'deleteWebhookEndpoint application/json': {
    gets: managed('200'),
    asks: of => ({ method: 'DELETE', path: webhook(of) }),
    changes: true,
  },
  'rotateWebhookSecret application/json': {
    gets: managed('200'),
    asks: of => ({ method: 'POST', path: webhook(of, '/rotations') }),
  },
  'testWebhookEndpoint application/json': {
    gets: managed('202'),
    asks: of => ({ method: 'POST', path: webhook(of, '/tests') }),
  },
  'replayWebhookEndpoint application/json': {
    gets: managed('202'),
    asks: (of, origin) => ({ method: 'POST', path: webhook(of, '/replays'), body: { after: origin } }),
  },
  'listWebhookAttempts application/json': { gets: managed('200'), asks: of => ({ path: webhook(of, '/attempts') }) },
  'listReports application/json': { gets: managed('200', '200'), asks: () => ({ path: reportsPath }) },
  'createReport application/json': {
    gets: managed('201', '403 forbidden'),
    asks: ({ organisation_id }) => ({
      method: 'POST',
      path: reportsPath,
      body: { title: 'Report', organisation_id, from: '2026-01', to: '2026-12' },
    }),
  },
  'revokeReport application/json': {
    gets: managed('200', '404 share_not_found'),
    asks: ({ report_id }) => ({ method: 'DELETE', path: `${reportsPath}/${report_id}` }),
    changes: true,
  },
  'readSharedReport application/json': {
    gets: open,
    asks: ({ report_token }) => ({ path: `/reports/${report_token}`, accept: 'application/json' }),
  },
  'readSharedReport text/html': {
    gets: open,
    asks: ({ report_token }) => ({ path: `/reports/${report_token}`, accept: page }),
  },
  'eraseMentor application/json': {
    gets: byAdmins,
    asks: () => ({ method: 'DELETE', path: '/api/v1/benefit-mentors/mentor_3' }),
  },
  'readCaller application/json': { gets: anyRole, asks: () => ({ path: '/api/v1/benefit-caller' }) },
  'readLinks application/json': { gets: open, asks: () => ({ path: '/' }) },
  'listProblems application/json': { gets: open, asks: () => ({ path: '/problems' }) },
  'listProblems text/html': { gets: open, asks: () => ({ path: '/problems', accept: page }) },
  'readProblem application/json': { gets: open, asks: () => ({ path: '/problems/forbidden' }) },
  'readProblem text/html': { gets: open, asks: () => ({ path: '/problems/forbidden', accept: page }) },
  'readOpenapi application/json': { gets: open, asks: () => ({ path: '/openapi.json' }) },
  'readAsyncapi application/json': { gets: open, asks: () => ({ path: '/asyncapi.json' }) },
  'readDocs text/html': { gets: open, asks: () => ({ path: '/docs', accept: page }) },
  'readHealth application/json': { gets: open, asks: () => ({ path: '/healthz' }) },
  'readReadiness application/json': { gets: open, asks: () => ({ path: '/readyz' }) },
}

const expectedOf = (row: Row, caller: CallerName, place: PlaceName): string =>
  row.gets[caller][sees(caller, place) ? 0 : 1]

const operationsOf = ({ paths }: Described) => Object.values(paths).flatMap(methods => Object.values(methods))

overStores(({ place }) => {
  const world = accessWorld(place, { config: { WEBHOOKS: true } })
  const description = new Description(openapi(resources) as unknown as Described)

  /** Returns the response in the form of a row: the status, the code of a problem, and whether it showed anything. */
  async function outcome(row: Row, caller: CallerName, place: PlaceName, last: Found): Promise<string> {
    const of = row.changes && expectedOf(row, caller, place) === '200' ? await world.fresh(place) : world.found[place]
    const { method = 'GET', path, body, accept = 'application/json' } = row.asks(of, world.origin)
    const answer =
      accept === asEvents
        ? await followed(caller, path, row.follows ? of.session_id : undefined, last)
        : await world.rest(caller).call(method, path, { ...json, Accept: accept }, body && JSON.stringify(body))
    const { status, headers, text } = answer
    if (headers['content-type']) description.answer(method, path, answer)
    if (status >= 400) return `${status} ${JSON.parse(text).code}`
    const shown = 'shown' in answer ? answer.shown : row.shows?.(text)
    return shown === undefined ? `${status}` : `${status} ${shown ? 'some' : 'none'}`
  }

  /**
   * Reads a stream up to its first event, or up to the last session. Then also returns whether `session_id` came
   * before.
   */
  async function followed(
    caller: CallerName,
    path: string,
    session_id: string | undefined,
    last: Found,
  ): Promise<RawAnswer & { shown?: boolean }> {
    const authorization = world.authorization(caller)
    const { status, events, rest } = await eventsUntil(
      world.server.url + path,
      ({ data }) => session_id === undefined || data.includes(last.session_id),
      { headers: { ...(authorization && { Authorization: authorization }) } },
    )
    const shown = session_id && { shown: events.some(({ data }) => data.includes(session_id)) }
    return { status, headers: {}, text: rest, ...shown }
  }

  test.each(Object.entries(rows))('each caller gets from %s exactly its scope', async (_, row) => {
    const last = row.follows ? await world.fresh('a') : world.found.a
    for (const caller of callerNames) {
      const got = await Promise.all(placeNames.map(place => outcome(row, caller, place, last)))
      expect({ caller, got }).toEqual({ caller, got: placeNames.map(place => expectedOf(row, caller, place)) })
    }
  })

  test('every operation of the description has rows, one for each media type of its responses', async () => {
    const served = JSON.parse((await world.rest('without a token').get('/openapi.json')).text) as Described
    const described = operationsOf(served).flatMap(({ operationId, responses }) =>
      Object.entries(responses)
        .filter(([status]) => status.startsWith('2'))
        .flatMap(([, { content = {} }]) => Object.keys(content).map(type => `${operationId} ${type}`)),
    )
    expect(Object.keys(rows).sort()).toEqual(described.sort())
  })

  test('the description marks exactly those operations as authenticated that refuse a request without a token', () => {
    for (const { operationId, responses } of operationsOf(description.document)) {
      const [, row] = Object.entries(rows).find(([name]) => name.startsWith(`${operationId} `)) ?? []
      const isRefused = row?.gets['without a token'][0] !== '200'
      expect({ operationId, refuses: '401' in responses }).toEqual({ operationId, refuses: isRefused })
    }
  })
})
