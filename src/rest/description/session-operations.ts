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
        'A page past the end is empty and has the correct total. `Link` has the first, previous, next and last page; in a list with `sort`, the first and the next. A CSV file has all selected sessions, as of one moment, with the inputs and outputs of their current results.',
      query: listQuery,
      answers: {
        200: {
          description: 'A page of sessions, or a file with all of them.',
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
      description:
        'The new session is in the state `initial`. `organisation_id: null` means the same as leaving it out.',
      headers: ['Idempotency-Key'],
      takes: { body: 'SessionStart', examples: { start: examples.start } },
      answers: {
        201: {
          description: 'The new session.',
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
      description: '`ETag` has the version. Send it in `If-None-Match` to get 304 while the session has not changed.',
      headers: ['If-None-Match', 'If-Match'],
      answers: {
        200: {
          description: 'The session.',
          body: 'Session',
          example: examples.session,
          headers: ['ETag', 'Session-Version'],
        },
        304: { description: 'The session has not changed.', headers: ['ETag', 'Session-Version'] },
      },
      problems: [...sessionProblems, 'version_mismatch'],
    },
    put: {
      id: 'dispatchEvent',
      tag: 'Sessions',
      summary: 'Dispatch an event to a session',
      description:
        'The session refuses an event that its state does not accept. An event that changes nothing returns the session as it is. The response has no `ETag` (RFC 9110 §9.3.4); `Session-Version` has the version.',
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
      summary: 'Close and delete a session',
      description:
        'Deletes the session with its results and share links. From then on, every request for it returns 404.',
      headers: ['If-Match', 'If-None-Match'],
      answers: { 200: { description: 'The session is deleted.', body: 'SessionClosed', example: examples.closed } },
      problems: [...sessionProblems, 'version_mismatch'],
    },
  },
  [`${sessionsPath}/{session_id}/events`]: {
    get: {
      id: 'listTransitions',
      tag: 'Events',
      summary: 'Read or follow the transitions of a session',
      description:
        'As Server-Sent Events: first the stored transitions after the sequence in `after` or `Last-Event-ID`, then the live ones, until the session is closed.',
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
      description: 'Each calculation with other inputs creates a result. A result never changes.',
      headers: ['If-None-Match'],
      answers: {
        200: { description: 'The results.', body: 'ResultList', example: examples.results, headers: ['ETag'] },
        304: { description: 'The results have not changed.', headers: ['ETag'] },
      },
      problems: sessionProblems,
    },
  },
  [`${sessionsPath}/{session_id}/results/{result_id}`]: {
    get: {
      id: 'readResult',
      tag: 'Results',
      summary: 'Read one result',
      description: 'A result has its inputs and outputs, the method of the calculation, and a caveat.',
      headers: ['If-None-Match'],
      answers: {
        200: { description: 'The result.', body: 'Result', example: result, headers: ['ETag'] },
        304: { description: 'The client already has the result.', headers: ['ETag'] },
      },
      problems: [...sessionProblems, 'result_not_found'],
    },
  },
  [`${sessionsPath}/{session_id}/share`]: {
    get: {
      id: 'readShare',
      tag: 'Shares',
      summary: 'Read the live share link of the current result',
      description: `The event \`ShareRequested\` creates a share link. It expires after ${shareDays} days. \`ShareRevokeRequested\` revokes it.`,
      answers: {
        200: {
          description: 'The share link.',
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
      summary: 'List the live share links of a session, newest first',
      description:
        'Includes those of earlier results, because a new result leaves them as they are. `ShareRevokeRequested` revokes all.',
      answers: { 200: { description: 'The share links.', body: 'ShareList', example: examples.shares } },
      problems: sessionProblems,
    },
  },
}
