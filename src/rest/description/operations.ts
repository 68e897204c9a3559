import { eventText } from '../../http/event-stream'
import { resultCsv } from '../csv'
import { calculationsPath, callerPath, feedPath, mentorsPath, summariesPath } from '../paths'
import { feedQuery, sharedQuery, summaryQuery } from '../query-parameters'
import { examples } from './examples'
import { alsoHtml, bodyProblems, type OperationDescriptions, storeProblems } from './operation'
import { serverOperations } from './server-operations'
import { sessionOperations } from './session-operations'

const feedText = examples.feed.data.map(item => eventText(JSON.stringify(item), { id: String(item.cursor) })).join('')

/**
 * Descriptions of all REST operations, by path and method. HEAD and OPTIONS behave the same everywhere and are not
 * listed.
 */
export const operations: OperationDescriptions = {
  ...sessionOperations,
  '/shared/{token}': {
    get: {
      id: 'readSharedResult',
      tag: 'Shares',
      isOpen: true,
      summary: 'Read a shared result',
      description:
        'The result names no session, mentor or organisation. The response is an HTML page in English, German or French by `Accept-Language`, unless the client requests JSON or CSV.',
      query: sharedQuery,
      answers: {
        200: {
          description: 'The shared result.',
          body: 'SharedResult',
          example: examples.shared,
          also: { ...alsoHtml, 'text/csv': resultCsv(examples.shared) },
          headers: ['Content-Disposition'],
        },
      },
      pages: ['share_not_found', 'share_gone'],
      problems: ['share_not_found', 'share_gone', 'invalid_query', ...storeProblems],
    },
  },
  [feedPath]: {
    get: {
      id: 'readFeed',
      tag: 'Events',
      summary: 'Read or follow the transitions of all sessions',
      description:
        'Without `after`, returns only the current cursor. As Server-Sent Events: first `ready`, then a message for each transition, with its cursor as the id. If the feed cannot resume after the cursor, `gap` comes first.',
      query: feedQuery,
      headers: ['Last-Event-ID'],
      answers: {
        200: {
          description: 'Transitions in commit order.',
          body: 'FeedPage',
          example: examples.feed,
          links: { readFeed: { after: 'next' } },
          also: { 'text/event-stream': feedText },
        },
      },
      problems: ['invalid_query', 'invalid_cursor', 'cursor_expired', ...storeProblems],
    },
  },
  [calculationsPath]: {
    post: {
      id: 'calculate',
      tag: 'Results',
      summary: 'Calculate without storing anything',
      description: 'An undefined output is null, and `undefined_because` has the reason.',
      takes: { body: 'Inputs', examples: { calculate: examples.inputs, stated: examples.statedInputs } },
      answers: { 200: { description: 'The outputs.', body: 'Outputs', example: examples.outputs } },
      problems: bodyProblems,
    },
  },
  [summariesPath]: {
    get: {
      id: 'readSummary',
      tag: 'Totals',
      summary: 'Read the totals of sessions',
      description:
        'Counts the sessions that match the filter, and sums their current results by currency. GraphQL has a subscription that sends the totals again after each change.',
      query: summaryQuery,
      answers: { 200: { description: 'The current totals.', body: 'Summary', example: examples.summary } },
      problems: ['invalid_query', ...storeProblems],
    },
  },
  [`${mentorsPath}/{mentor_id}`]: {
    delete: {
      id: 'eraseMentor',
      tag: 'Mentors',
      summary: 'Erase a mentor',
      description:
        'For admins. Closes all sessions of the mentor like any close. Then it erases what the server stores about closed ones: the idempotency records of their starts, and their history in the feed, which keeps only the closes, without the mentor. One request works for a few seconds: if `erased` is false, send it again. A session that is started for the mentor later is a new one.',
      answers: { 200: { description: 'What was erased.', body: 'MentorErased', example: examples.erased } },
      problems: ['route_not_found', ...storeProblems],
    },
  },
  [callerPath]: {
    get: {
      id: 'readCaller',
      tag: 'Access',
      summary: 'Read the caller and its permissions',
      description:
        'Returns what the token of the request allows. If the server requires no tokens, every caller may do everything, and the other members are null.',
      answers: { 200: { description: 'The caller.', body: 'Caller', example: examples.caller } },
      problems: storeProblems,
    },
  },
  ...serverOperations,
}
