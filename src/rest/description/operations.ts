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
        'Nothing of it names the session, the mentor or the organisation. A page in English, German or French by `Accept-Language`, unless JSON or CSV is asked for.',
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
      problems: ['invalid_query', 'invalid_cursor', 'cursor_expired', ...storeProblems],
    },
  },
  [calculationsPath]: {
    post: {
      id: 'calculate',
      tag: 'Results',
      summary: 'Calculate without storing anything',
      description: 'An output that cannot be had is null, and its reason stands in `undefined_because`.',
      takes: { body: 'Inputs', examples: { calculate: examples.inputs, stated: examples.statedInputs } },
      answers: { 200: { description: 'What the calculator gives.', body: 'Outputs', example: examples.outputs } },
      problems: bodyProblems,
    },
  },
  [summariesPath]: {
    get: {
      id: 'readSummary',
      tag: 'Totals',
      summary: 'Read what sessions come to',
      description:
        'How many sessions the filter lets through and what their current results come to, by currency. Over GraphQL a subscription says it again whenever it changes.',
      query: summaryQuery,
      answers: { 200: { description: 'What the sessions come to, now.', body: 'Summary', example: examples.summary } },
      problems: ['invalid_query', ...storeProblems],
    },
  },
  [`${mentorsPath}/{mentor_id}`]: {
    delete: {
      id: 'eraseMentor',
      tag: 'Mentors',
      summary: 'Erase a mentor',
      description:
        'For admins. Closes all sessions of the mentor, each as any close does, and then forgets what is kept of closed ones: the answers under the idempotency keys of their starts, and their past in the feed, where no more is left than that they were closed, without the mentor. It goes on for some seconds at a time: where `erased` is false, the same request goes on. A session that is started for the mentor later is a new one.',
      answers: { 200: { description: 'What was erased.', body: 'MentorErased', example: examples.erased } },
      problems: ['route_not_found', ...storeProblems],
    },
  },
  [callerPath]: {
    get: {
      id: 'readCaller',
      tag: 'Access',
      summary: 'Tell who asks, and what he may do',
      description:
        'As the token that comes with the request says it. Where no tokens are asked for everybody may do everything, and the rest is null.',
      answers: { 200: { description: 'Who asks.', body: 'Caller', example: examples.caller } },
      problems: storeProblems,
    },
  },
  ...serverOperations,
}
