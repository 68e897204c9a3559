import type { z } from 'zod'
import type { ErrorCode } from '../../domain/errors'
import { calculationsPath, feedPath, feedQuery, listQuery, sessionEventsQuery, sessionsPath } from '../resources'
import { examples } from './examples'
import type { BodyName } from './schemas'

export type Method = 'get' | 'post' | 'put' | 'delete'

/** What is answered when all goes well, or when nothing has changed. */
export interface Answer {
  description: string
  /** The body's schema, where it is JSON. */
  body?: BodyName
  example?: unknown
  /** Other media types that the body may have, with examples. */
  also?: Record<string, string | undefined>
  headers?: string[]
  /** The operations that the body leads to: their parameters, and the members that these are. */
  links?: Record<string, Record<string, string>>
}

export interface Operation {
  id: string
  tag: string
  summary: string
  description: string
  query?: z.ZodObject
  headers?: string[]
  takes?: { body: BodyName | 'Command'; examples: Record<string, unknown> }
  answers: Record<number, Answer>
  /** Those of its problems that are pages for browsers. */
  pages?: ErrorCode[]
  /** What it may refuse with, beyond what any request may be refused with. */
  problems: ErrorCode[]
}

const bodyProblems: ErrorCode[] = ['invalid_json', 'payload_too_large', 'unsupported_media_type', 'validation_failed']
const keyProblems: ErrorCode[] = ['request_in_flight', 'idempotency_key_reused']
const stored: ErrorCode[] = ['unavailable']
const ofSession: ErrorCode[] = ['session_not_found', ...stored]

const eventText = (data: unknown, id: string | number, name?: string): string =>
  `${name ? `event: ${name}\n` : ''}id: ${id}\ndata: ${JSON.stringify(data)}\n\n`

const sessionEventsText = examples.transitions.data.map(item => eventText(item, item.sequence)).join('')
const feedText = examples.feed.data.map(item => eventText(item, String(item.cursor))).join('')

const { share, shared, result } = examples

const html = { 'text/html': undefined }

/** A content that stays the same while the process lives. */
const fixed = (
  id: string,
  summary: string,
  description: string,
  content: Pick<Answer, 'body' | 'also'>,
): Operation => ({
  id,
  tag: 'Description',
  summary,
  description,
  headers: ['If-None-Match'],
  answers: {
    200: { description: 'The content.', ...content, headers: ['ETag'] },
    304: { description: 'The content is as `If-None-Match` states.', headers: ['ETag'] },
  },
  problems: [],
})

/** What every path is for, and every method of it. HEAD and OPTIONS are as everywhere, and not listed. */
export const operations: Record<string, Partial<Record<Method, Operation>>> = {
  [sessionsPath]: {
    get: {
      id: 'listSessions',
      tag: 'Sessions',
      summary: 'List sessions, newest first',
      description:
        'A page past the end is empty, with the right total. `Link` leads to the first, previous, next and last page.',
      query: listQuery,
      answers: {
        200: { description: 'A page of sessions.', body: 'SessionList', example: examples.list, headers: ['Link'] },
      },
      problems: ['invalid_query', ...stored],
    },
    post: {
      id: 'startSession',
      tag: 'Sessions',
      summary: 'Start a session for a mentor',
      description: 'The session is in the state `initial`. `organisation_id: null` is the same as leaving it out.',
      headers: ['Idempotency-Key'],
      takes: { body: 'SessionStart', examples: { start: examples.start } },
      answers: {
        201: {
          description: 'The session that was started.',
          body: 'Session',
          example: examples.started,
          headers: ['Location', 'ETag', 'Session-Version', 'Idempotency-Replayed'],
          links: Object.fromEntries(
            ['readSession', 'dispatchEvent', 'closeSession', 'listTransitions', 'listResults', 'readShare'].map(id => [
              id,
              { session_id: 'session_id' },
            ]),
          ),
        },
      },
      problems: [...bodyProblems, ...keyProblems, ...stored],
    },
  },
  [`${sessionsPath}/{session_id}`]: {
    get: {
      id: 'readSession',
      tag: 'Sessions',
      summary: 'Read a session',
      description: 'The version stands in `ETag`, so that a read is cheap while nothing has changed.',
      headers: ['If-None-Match', 'If-Match'],
      answers: {
        200: {
          description: 'The session.',
          body: 'Session',
          example: examples.session,
          headers: ['ETag', 'Session-Version'],
        },
        304: { description: 'The session is as `If-None-Match` states.', headers: ['ETag', 'Session-Version'] },
      },
      problems: [...ofSession, 'version_mismatch'],
    },
    put: {
      id: 'dispatchEvent',
      tag: 'Sessions',
      summary: 'Dispatch an event to a session',
      description:
        'The session refuses an event that its state does not accept. An event that would change nothing is answered with the session as it is. The answer has no `ETag` (RFC 9110 §9.3.4); the version stands in `Session-Version`.',
      headers: ['If-Match', 'If-None-Match', 'Idempotency-Key'],
      takes: {
        body: 'Command',
        examples: { calculate: examples.calculate, share: { event: 'ShareRequested' } },
      },
      answers: {
        200: {
          description: 'The session after the event.',
          body: 'Session',
          example: examples.calculated,
          headers: ['Session-Version', 'Idempotency-Replayed'],
          links: { readResult: { session_id: 'session_id', result_id: 'result_id' } },
        },
      },
      problems: [...bodyProblems, ...keyProblems, ...ofSession, 'version_mismatch', 'event_refused', 'session_full'],
    },
    delete: {
      id: 'closeSession',
      tag: 'Sessions',
      summary: 'Close and discard a session',
      description: 'Its results and shares are gone with it; every request for it is answered with 404 from then on.',
      headers: ['If-Match', 'If-None-Match'],
      answers: { 200: { description: 'The session is gone.', body: 'SessionClosed', example: examples.closed } },
      problems: [...ofSession, 'version_mismatch'],
    },
  },
  [`${sessionsPath}/{session_id}/events`]: {
    get: {
      id: 'listTransitions',
      tag: 'Events',
      summary: 'Read or follow the transitions of a session',
      description:
        'As Server-Sent Events: the transitions behind `after` or `Last-Event-ID`, then the live ones, up to the close of the session.',
      query: sessionEventsQuery,
      headers: ['Last-Event-ID'],
      answers: {
        200: {
          description: 'Transitions in order.',
          body: 'TransitionList',
          example: examples.transitions,
          also: { 'text/event-stream': sessionEventsText },
        },
      },
      problems: [...ofSession, 'invalid_query', 'rate_limited'],
    },
  },
  [`${sessionsPath}/{session_id}/results`]: {
    get: {
      id: 'listResults',
      tag: 'Results',
      summary: 'List the results of a session, newest first',
      description: 'Every calculation that gave other inputs made a result, which never changes.',
      answers: { 200: { description: 'The results.', body: 'ResultList', example: examples.results } },
      problems: ofSession,
    },
  },
  [`${sessionsPath}/{session_id}/results/{result_id}`]: {
    get: {
      id: 'readResult',
      tag: 'Results',
      summary: 'Read one result',
      description: 'A result holds its inputs and outputs, how they were computed, and what they are not.',
      answers: { 200: { description: 'The result.', body: 'Result', example: result } },
      problems: [...ofSession, 'result_not_found'],
    },
  },
  [`${sessionsPath}/{session_id}/share`]: {
    get: {
      id: 'readShare',
      tag: 'Shares',
      summary: 'Read the live share of the current result',
      description:
        'A share is made by the event `ShareRequested`, lasts 30 days, and is revoked by `ShareRevokeRequested`.',
      answers: {
        200: {
          description: 'The share.',
          body: 'Share',
          example: share,
          links: { readSharedResult: { token: 'token' } },
        },
      },
      problems: [...ofSession, 'share_not_found'],
    },
  },
  '/shared/{token}': {
    get: {
      id: 'readSharedResult',
      tag: 'Shares',
      summary: 'Read a shared result',
      description: 'Nothing of it names the session, the mentor or the organisation.',
      answers: { 200: { description: 'The shared result.', body: 'SharedResult', example: shared, also: html } },
      pages: ['share_not_found', 'share_gone'],
      problems: ['share_not_found', 'share_gone', ...stored],
    },
  },
  [feedPath]: {
    get: {
      id: 'readFeed',
      tag: 'Events',
      summary: 'Read or follow the transitions of all sessions',
      description:
        'Without `after`: nothing but the cursor of now. As Server-Sent Events: `ready` first, then a message for each transition with its cursor as its id; `gap` where the cursor cannot be honoured.',
      query: feedQuery,
      headers: ['Last-Event-ID'],
      answers: {
        200: {
          description: 'Transitions in the order in which they were committed.',
          body: 'FeedPage',
          example: examples.feed,
          links: { readFeed: { after: 'next' } },
          also: { 'text/event-stream': feedText },
        },
      },
      problems: ['invalid_query', 'invalid_cursor', 'cursor_expired', 'rate_limited', ...stored],
    },
  },
  [calculationsPath]: {
    post: {
      id: 'calculate',
      tag: 'Results',
      summary: 'Calculate without storing anything',
      description: 'An output that cannot be had is null, and its reason stands in `undefined_because`.',
      takes: { body: 'Inputs', examples: { calculate: examples.inputs } },
      answers: { 200: { description: 'What the calculator gives.', body: 'Outputs', example: examples.outputs } },
      problems: bodyProblems,
    },
  },
  '/problems': {
    get: {
      id: 'listProblems',
      tag: 'Description',
      summary: 'List the problems that there are',
      description: 'The set of codes is closed.',
      answers: { 200: { description: 'Every problem, explained.', body: 'ExplanationList', also: html } },
      problems: [],
    },
  },
  '/problems/{code}': {
    get: {
      id: 'readProblem',
      tag: 'Description',
      summary: 'Explain a problem',
      description: 'A page for browsers. It stands at the `type` of every problem.',
      answers: { 200: { description: 'The problem, explained.', body: 'Explanation', also: html } },
      problems: ['route_not_found'],
    },
  },
  '/openapi.json': {
    get: fixed('readOpenapi', 'Describe the requests and answers', 'This description, in OpenAPI 3.1.', {
      body: 'Description',
    }),
  },
  '/asyncapi.json': {
    get: fixed('readAsyncapi', 'Describe the streams', 'The Server-Sent Events and the WebSocket, in AsyncAPI 3.', {
      body: 'Description',
    }),
  },
  '/docs': {
    get: fixed('readDocs', 'Read and try this description', 'A page that needs nothing from another host.', {
      also: html,
    }),
  },
  '/healthz': {
    get: {
      id: 'readHealth',
      tag: 'Health',
      summary: 'Tell whether the process lives',
      description: 'It does not ask the store.',
      answers: { 200: { description: 'It lives.', body: 'Health', example: { status: 'ok' } } },
      problems: [],
    },
  },
  '/readyz': {
    get: {
      id: 'readReadiness',
      tag: 'Health',
      summary: 'Tell whether requests can be served',
      description: 'It asks the store.',
      answers: {
        200: { description: 'They can.', body: 'Health', example: { status: 'ok' } },
        503: {
          description: 'They cannot: the part that fails is named.',
          body: 'NotReady',
          example: { status: 'unavailable', failing: ['store'] },
          headers: ['Retry-After'],
        },
      },
      problems: [],
    },
  },
}
