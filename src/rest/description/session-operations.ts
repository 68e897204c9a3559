import { shareDays } from '../../domain/limits'
import { eventText } from '../../http/event-stream'
import { csvHead, csvRows } from '../csv'
import { sessionsPath } from '../paths'
import { listQuery, sessionEventsQuery } from '../query-parameters'
import { examples } from './examples'
import { bodyProblems, keyProblems, type OperationDescriptions, sessionProblems, storeProblems } from './operation'

const sessionEventsText = examples.transitions.data
  .map(item => eventText(JSON.stringify(item), { id: item.sequence }))
  .join('')
const { share, result } = examples

/** Operations on sessions. */
export const sessionOperations: OperationDescriptions = {
  [sessionsPath]: {
    get: {
      id: 'listSessions',
      tag: 'Sessions',
      summary: 'List sessions, newest first',
      description:
        'A page past the end is empty, with the right total. `Link` leads to the first, previous, next and last page; of a list in the order of `sort`, to the first and the next. As CSV: all that is selected, as of one moment, with the inputs and outputs of each current result.',
      query: listQuery,
      answers: {
        200: {
          description: 'A page of sessions, or a file of all.',
          body: 'SessionList',
          example: examples.list,
          also: { 'text/csv': csvHead + csvRows([examples.exported]) },
          headers: ['Link', 'Content-Disposition'],
        },
      },
      problems: ['invalid_query', 'invalid_cursor', ...storeProblems],
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
            [
              'readSession',
              'dispatchEvent',
              'closeSession',
              'listTransitions',
              'listResults',
              'readShare',
              'listShares',
            ].map(id => [id, { session_id: 'session_id' }]),
          ),
        },
      },
      problems: [...bodyProblems, ...keyProblems, ...storeProblems],
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
      problems: [...sessionProblems, 'version_mismatch'],
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
      problems: [
        ...bodyProblems,
        ...keyProblems,
        ...sessionProblems,
        'version_mismatch',
        'event_refused',
        'session_full',
      ],
    },
    delete: {
      id: 'closeSession',
      tag: 'Sessions',
      summary: 'Close and discard a session',
      description: 'Its results and shares are gone with it; every request for it is answered with 404 from then on.',
      headers: ['If-Match', 'If-None-Match'],
      answers: { 200: { description: 'The session is gone.', body: 'SessionClosed', example: examples.closed } },
      problems: [...sessionProblems, 'version_mismatch'],
    },
  },
  [`${sessionsPath}/{session_id}/events`]: {
    get: {
      id: 'listTransitions',
      tag: 'Events',
      summary: 'Read or follow the transitions of a session',
      description:
        'As Server-Sent Events: the transitions after the sequence in `after` or `Last-Event-ID`, then the live ones, up to the close of the session.',
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
      problems: [...sessionProblems, 'invalid_query'],
    },
  },
  [`${sessionsPath}/{session_id}/results`]: {
    get: {
      id: 'listResults',
      tag: 'Results',
      summary: 'List the results of a session, newest first',
      description: 'Every calculation that gave other inputs made a result, which never changes.',
      headers: ['If-None-Match'],
      answers: {
        200: { description: 'The results.', body: 'ResultList', example: examples.results, headers: ['ETag'] },
        304: { description: 'The results are those of the version that `If-None-Match` states.', headers: ['ETag'] },
      },
      problems: sessionProblems,
    },
  },
  [`${sessionsPath}/{session_id}/results/{result_id}`]: {
    get: {
      id: 'readResult',
      tag: 'Results',
      summary: 'Read one result',
      description: 'A result holds its inputs and outputs, how they were computed, and what they are not.',
      headers: ['If-None-Match'],
      answers: {
        200: { description: 'The result.', body: 'Result', example: result, headers: ['ETag'] },
        304: { description: 'The result is the one that `If-None-Match` states.', headers: ['ETag'] },
      },
      problems: [...sessionProblems, 'result_not_found'],
    },
  },
  [`${sessionsPath}/{session_id}/share`]: {
    get: {
      id: 'readShare',
      tag: 'Shares',
      summary: 'Read the live share of the current result',
      description: `A share is made by the event \`ShareRequested\`, lasts ${shareDays} days, and is revoked by \`ShareRevokeRequested\`.`,
      answers: {
        200: {
          description: 'The share.',
          body: 'Share',
          example: share,
          links: { readSharedResult: { token: 'token' } },
        },
      },
      problems: [...sessionProblems, 'share_not_found'],
    },
  },
  [`${sessionsPath}/{session_id}/shares`]: {
    get: {
      id: 'listShares',
      tag: 'Shares',
      summary: 'List the live shares of a session, newest first',
      description:
        'Those of former results too: a new result leaves them as they are, `ShareRevokeRequested` revokes all.',
      answers: { 200: { description: 'The shares.', body: 'ShareList', example: examples.shares } },
      problems: sessionProblems,
    },
  },
}
