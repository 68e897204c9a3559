import type { Request } from 'express'
import { z } from 'zod'
import type { Sink, Source } from '../../concurrency/source'
import { type Caller, streamAccessOf } from '../../domain/caller'
import { DomainError, gapReasonSchema } from '../../domain/errors'
import {
  eventsSchema,
  sequenceSchema,
  transitionsLimitDefault,
  transitionsLimitSchema,
  withOneOrganisation,
  withOwner,
} from '../../domain/list-query'
import { nearestName } from '../../domain/nearest-name'
import { snapshotSchema, transitionEvents, transitionSchema } from '../../domain/session'
import { printableText } from '../../domain/text'
import type { FeedPage } from '../../feed/feed'
import { feedItemBody, transitionBody } from '../../feed/feed-item'
import type { FeedFilter, FeedMessage, FeedTransition } from '../../feed/ring'
import { sendCompressedJson } from '../../http/compression'
import { ConnectionSignal } from '../../http/connection-signal'
import { eventText } from '../../http/event-stream'
import { bytesOf } from '../../http/json'
import { examples } from '../description/examples'
import { tags } from '../description/headers-and-tags'
import { component } from '../description/json-schemas'
import { problemOf } from '../problem'
import { type Exchange, type Handler, numberOf, type Resource } from '../resource'
import { bothPaths, fullBody, ownerParameters, sessionId, sessionSchema } from './sessions'

export const feedPath = '/api/v1/benefit-calculator-events'

// Generated Go code puts the constants of all enums into one namespace. Without explicit names, the constants of
// TransitionEvent would clash with the constants of SessionEvent.
component('TransitionEvent', transitionSchema.shape.event).register(z.globalRegistry, {
  'x-enum-varnames': transitionEvents.map(event => `Transition${event}`),
})
component('Transition', transitionSchema)

const { session_id, mentor_id, organisation_id } = snapshotSchema.shape
const cursorSchema = z.string().describe('Opaque cursor that identifies a position in the feed.')

export const feedItemSchema = component(
  'FeedItem',
  transitionSchema.extend({
    cursor: cursorSchema,
    session_id,
    mentor_id,
    organisation_id,
    session: sessionSchema
      .nullable()
      .exactOptional()
      .describe(
        'The session directly after this transition. Null for SessionClosed, for an item with `left`, and if the session was closed since then or is no longer in your scope. Only with `view=full`.',
      ),
    left: z
      .literal(true)
      .exactOptional()
      .describe(
        'True if the session was given another mentor or organisation, and no longer matches your filter or scope. Remove the session from your copy. This item has the former ids.',
      ),
  }),
)

export const readySchema = component('FeedReady', z.strictObject({ cursor: cursorSchema }))

export const gapSchema = component('FeedGap', z.strictObject({ after: z.string(), reason: gapReasonSchema }))

/** Contains the session if the session was read together with the feed item. */
export const itemBody = (item: FeedTransition, caller: Pick<Caller, 'digest'>): z.infer<typeof feedItemSchema> => ({
  ...feedItemBody(item, caller),
  ...(item.session !== undefined && { session: item.session && fullBody(item.session) }),
})

// Encoded events by transition, cached because many feed subscribers receive the same transition.
const feedEvents = new WeakMap<FeedTransition, string>()

function feedEvent(message: FeedMessage, caller: Caller): string {
  if (message.kind === 'ready') {
    const { cursor } = message
    return bytesOf(eventText(JSON.stringify({ cursor }), { name: 'ready', id: cursor }))
  }
  if (message.kind === 'gap') {
    const { after, reason } = message
    return bytesOf(eventText(JSON.stringify({ after, reason }), { name: 'gap' }))
  }
  const encoded = feedEvents.get(message)
  if (encoded !== undefined) return encoded
  const event = bytesOf(eventText(JSON.stringify(itemBody(message, caller)), { id: message.cursor }))
  feedEvents.set(message, event)
  return event
}

/** Sends the items until the client disconnects, the caller's access ends or the server stops. */
function follow<T>(exchange: Exchange, source: Source<T>, bytes: (item: T) => string): void {
  const { request, response, useCases, context } = exchange
  const stream = context.eventStreams.open(response)
  if (request.method === 'HEAD') {
    stream.end()
    return
  }
  const sink: Sink<T> = {
    via: 'rest-sse',
    take: item => stream.write(bytes(item)),
    end: error => stream.end(error ? failureEvent(exchange, error) : ''),
  }
  context.eventStreams.keep(stream, () => source.attach(sink), streamAccessOf(useCases.caller))
}

/** Returns the stream's last event: the error's problem document. Logs the error. */
function failureEvent({ request, response, context: { log } }: Exchange, error: unknown): string {
  const problem = error instanceof DomainError ? error : new DomainError('internal')
  const request_id = response.getHeader('X-Request-Id')
  log[problem.code === 'internal' ? 'error' : 'warn']({ request_id, err: error }, 'event stream failed')
  return bytesOf(eventText(JSON.stringify(problemOf(request, problem)), { name: 'error' }))
}

const transitionsPerPage = z
  .preprocess(numberOf, transitionsLimitSchema.default(transitionsLimitDefault))
  .describe('Maximum number of transitions in the response.')

const sessionEventsQuery = z.strictObject({
  after: z
    .preprocess(numberOf, sequenceSchema.optional())
    .describe("Sequence after which to continue, at most the session's version. Default: 0."),
  limit: transitionsPerPage,
})

const listTransitions: Handler<z.output<typeof sessionEventsQuery>> = async exchange => {
  const { request, response, useCases, type, query } = exchange
  const { caller, queries, feed } = useCases
  const { after = 0, limit } = query
  const session_id = sessionId(request)
  if (type === 'application/json') {
    const transitions = await queries.transitions(session_id, after, limit)
    const data = transitions.map(transition => transitionBody(transition, caller))
    return sendCompressedJson(response, JSON.stringify({ data }))
  }
  const last = lastSequence(request) ?? after
  const source = await feed.transitions(() => queries.snapshotWithSequence(session_id, last), last, request.socket)
  follow(exchange, source, ({ transition }) =>
    bytesOf(eventText(JSON.stringify(transitionBody(transition, caller)), { id: transition.sequence })),
  )
}

/** Throws `invalid_request` if `Last-Event-ID` is malformed. */
function lastSequence(request: Request): number | undefined {
  const id = request.get('Last-Event-ID')
  if (!id) return undefined
  if (/^\d{1,9}$/.test(id)) return Number(id)
  const detail = 'must be the sequence of a transition, such as 3'
  throw new DomainError('invalid_request', { errors: [{ detail, header: 'Last-Event-ID' }] })
}

/** Maximum time in seconds for which a request can wait for new transitions. */
const longestWaitSeconds = 60

/** Maximum number of characters that an error message quotes from an unknown name. */
const nameCharacters = 40

/** Size in bytes after which a feed page with sessions gets no more items. The next page continues after that. */
export const fullPageBytes = 2 * 1024 * 1024

/** Returns the JSON text of a feed page. A page with sessions contains only as many items as `fullPageBytes` allows. */
function pageBody({ items, next }: FeedPage, view: 'full' | undefined, caller: Caller): string {
  if (!view) return JSON.stringify({ data: items.map(item => feedItemBody(item, caller)), next })
  const texts: string[] = []
  let bytes = 0
  let end = next
  for (const item of items) {
    const text = JSON.stringify(itemBody(item, caller))
    texts.push(text)
    bytes += Buffer.byteLength(text)
    if (bytes < fullPageBytes) continue
    end = item.cursor
    break
  }
  return `{"data":[${texts}],"next":${JSON.stringify(end)}}`
}

const knownEvents: ReadonlySet<string> = new Set(transitionEvents)

/** If a name is unknown, adds a fault that suggests the most similar known name. */
function namesIn(text: unknown, { addIssue }: z.RefinementCtx): unknown {
  if (typeof text !== 'string') return text === undefined ? undefined : null
  const names = text === '' ? [] : text.split(',')
  const unknown = names.find(name => !knownEvents.has(name))
  if (unknown === undefined) return names
  const nearest = nearestName(unknown, [...knownEvents])
  const suggestion = nearest ? `did you mean ${nearest}?` : `known: ${[...knownEvents].join(', ')}`
  addIssue(`has an unknown event, "${printableText(unknown, nameCharacters)}" (${suggestion})`)
  return z.NEVER
}

const feedQuery = withOneOrganisation(
  z.strictObject({
    after: z.string().optional().describe('Feed cursor after which to continue. Default: the current cursor.'),
    limit: transitionsPerPage,
    wait: z
      .preprocess(numberOf, z.int().min(0).max(longestWaitSeconds).optional())
      .describe(
        'Number of seconds to wait for transitions if none follow the cursor. Default: 0. Only for JSON, because an event stream always waits.',
      ),
    event: z
      .preprocess(namesIn, eventsSchema.optional())
      .describe(
        'Comma-separated events. Selects only transitions with these events. The cursor moves past all other transitions.',
      ),
    view: z
      .enum(['full'])
      .optional()
      .describe(
        '`full` adds `session` to each item: the session directly after the transition, as in the list with `view=full`. The size of a page is then limited to about 2 MiB, so a page can have fewer items than `limit`.',
      ),
    ...ownerParameters,
  }),
)

const readFeed: Handler<z.output<typeof feedQuery>> = async exchange => {
  const { request, response, useCases, type, context, query } = exchange
  const { after, limit, wait, event, view, ...ids } = query
  const { caller } = useCases
  const feed = view ? useCases.feed.withSessions() : useCases.feed
  const filter: FeedFilter = { ...withOwner(ids), events: event }
  if (type === 'application/json') {
    let page = await feed.page({
      after,
      limit,
      filter,
      signal: new ConnectionSignal(request.socket),
      connection: request.socket,
    })
    if (wait && page.items.length === 0) {
      const access = streamAccessOf(caller)
      const begin = (): AbortSignal => context.eventStreams.wait(response, wait * 1_000, access)
      page = await feed.longPoll({ after: page.next, limit, filter, begin, connection: request.socket })
      access?.require()
    }
    if (response.destroyed) return
    return sendCompressedJson(response, pageBody(page, view, caller))
  }
  if (wait !== undefined) {
    const detail = 'works only with JSON: leave it out, because an event stream always waits'
    throw new DomainError('invalid_query', { errors: [{ detail, parameter: 'wait' }] })
  }
  const source = feed.subscribe({ after: request.get('Last-Event-ID') || after, filter, connection: request.socket })
  follow(exchange, source, message => feedEvent(message, caller))
}

const sessionEventsText = examples.transitions
  .map(item => eventText(JSON.stringify(item), { id: item.sequence }))
  .join('')
const feedText = examples.feed.data.map(item => eventText(JSON.stringify(item), { id: item.cursor })).join('')

export const eventResources: Resource[] = [
  {
    path: bothPaths('/:session_id/events'),
    types: ['application/json', 'text/event-stream'],
    get: {
      handler: listTransitions,
      id: 'listTransitions',
      tag: tags.events,
      summary: 'Read or follow the transitions of a session',
      description:
        'With Server-Sent Events, the response first sends the stored transitions after the sequence in `after` or `Last-Event-ID`, then live transitions until the session is closed.',
      query: sessionEventsQuery,
      headers: ['Last-Event-ID'],
      responses: {
        200: {
          description: 'Transitions in order.',
          body: component('TransitionList', z.strictObject({ data: z.array(transitionSchema) })),
          example: { data: examples.transitions },
          samples: { 'text/event-stream': sessionEventsText },
        },
      },
    },
  },
  {
    path: feedPath,
    link: 'events',
    types: ['application/json', 'text/event-stream'],
    get: {
      handler: readFeed,
      id: 'readFeed',
      tag: tags.events,
      summary: 'Read or follow the transitions of all sessions',
      description:
        "Without `after`, returns only the current cursor. With `wait`, the server waits for the next transitions before it responds. If the server stops during the wait, it responds early, without transitions. With Server-Sent Events, the response sends `ready`, then a message per transition, with the transition's cursor as the id. If the feed cannot resume after the cursor, the stream sends `gap` first. In JSON, the error is `cursor_expired` or `invalid_cursor`. A stream does not use these errors, because EventSource clients give up after any status except 200.",
      query: feedQuery,
      headers: ['Last-Event-ID'],
      responses: {
        200: {
          description: 'Transitions in commit order.',
          body: component(
            'FeedPage',
            z.strictObject({
              data: z.array(feedItemSchema),
              next: cursorSchema.describe('Cursor from which to continue. Send it as `after`.'),
            }),
          ),
          example: examples.feed,
          samples: { 'text/event-stream': feedText },
          links: { readFeed: { after: 'next' } },
        },
      },
      problems: ['invalid_cursor', 'cursor_expired'],
    },
  },
]
