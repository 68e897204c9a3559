import type { Request, Response } from 'express'
import type { Logger } from 'pino'
import type { Sink, Source } from '../concurrency/source'
import type { Caller } from '../domain/caller'
import { DomainError, validQuery } from '../domain/errors'
import type { FeedFilter, FeedMessage, FeedTransition } from '../feed/ring'
import { sendCompressedJson } from '../http/compression'
import { type EventStreams, eventText } from '../http/event-stream'
import { bytesOf } from '../http/json'
import type { UseCases } from '../use-cases'
import { feedItemBody, transitionBody } from './bodies'
import { problemOf } from './problem'
import { feedQuery, sessionEventsQuery } from './query-parameters'
import { accepting, parameter } from './request'

// One encoded event serves all subscribers of the feed that receive the same transition.
const feedEvents = new WeakMap<FeedTransition, string>()

/** Returns a message of the feed as the bytes of an event. */
function feedEvent(message: FeedMessage, caller: Caller): string {
  if (message.kind === 'ready') {
    const { cursor } = message
    return bytesOf(eventText(JSON.stringify({ cursor }), { name: 'ready', id: cursor }))
  }
  if (message.kind === 'gap') {
    const { after, reason } = message
    return bytesOf(eventText(JSON.stringify({ after, reason }), { name: 'gap' }))
  }
  const known = feedEvents.get(message)
  if (known !== undefined) return known
  const event = bytesOf(eventText(JSON.stringify(feedItemBody(message, caller)), { id: message.cursor }))
  feedEvents.set(message, event)
  return event
}

/**
 * Returns handlers for the events of one session and for the feed. They respond with JSON, or with Server-Sent Events
 * if the client asks for them.
 */
export function eventRoutes(events: EventStreams, log: Logger) {
  function stream<T>(
    request: Request,
    response: Response,
    { expires_at }: Caller,
    source: Source<T>,
    bytes: (item: T) => string,
  ): void {
    const out = events.open(response)
    if (request.method === 'HEAD') {
      out.end()
      return
    }
    const sink: Sink<T> = {
      via: 'rest-sse',
      take: item => out.write(bytes(item)),
      end: error => {
        if (!error) return out.end()
        const said = error instanceof DomainError ? error : new DomainError('internal')
        log[said.code === 'internal' ? 'error' : 'warn'](
          { request_id: response.getHeader('X-Request-Id'), err: error },
          'stream failed',
        )
        out.end(bytesOf(eventText(JSON.stringify(problemOf(request, said)), { name: 'error' })))
      },
    }
    events.keep(out, () => source.attach(sink), expires_at)
  }

  return {
    async ofSession(request: Request, response: Response, { caller, reads, feed }: UseCases): Promise<void> {
      const session_id = parameter(request, 'session_id')
      const query = validQuery(sessionEventsQuery, request.query)
      if (accepting(request, 'json', 'text/event-stream') === 'json') {
        const data = await reads.transitions(session_id, query.after ?? 0, query.limit)
        const bodies = data.map(transition => transitionBody(transition, caller))
        return sendCompressedJson(response, JSON.stringify({ data: bodies }))
      }
      const after = lastSequence(request) ?? query.after ?? 0
      const session = await reads.getFrom(session_id, after)
      stream(request, response, caller, feed.transitions(session, after), ({ transition }) =>
        bytesOf(eventText(JSON.stringify(transitionBody(transition, caller)), { id: transition.sequence })),
      )
    },

    async ofAll(request: Request, response: Response, { caller, feed }: UseCases): Promise<void> {
      const { after, limit, ...filter } = validQuery(feedQuery, request.query)
      if (accepting(request, 'json', 'text/event-stream') === 'json') {
        const { items, next } = await feed.page(
          after,
          limit,
          filter satisfies FeedFilter,
          () => !request.socket.destroyed,
        )
        const data = items.map(item => feedItemBody(item, caller))
        return sendCompressedJson(response, JSON.stringify({ data, next }))
      }
      const source = feed.subscribe(request.get('Last-Event-ID') || after, filter)
      stream(request, response, caller, source, message => feedEvent(message, caller))
    },
  }
}

/**
 * Returns the sequence after which a reconnecting client resumes. Throws invalid_request if `Last-Event-ID` is
 * malformed.
 */
function lastSequence(request: Request): number | undefined {
  const id = request.get('Last-Event-ID')
  if (!id) return undefined
  if (/^\d{1,9}$/.test(id)) return Number(id)
  const detail = 'must be the sequence of a transition, such as 3'
  throw new DomainError('invalid_request', { errors: [{ detail, header: 'Last-Event-ID' }] })
}
