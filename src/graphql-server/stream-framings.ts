import type { IncomingMessage } from 'node:http'
import { acceptedRanges } from '../http/content-negotiation'
import { eventText, type StreamFormat, serverSentEvents } from '../http/event-stream'
import type { Transport } from '../telemetry/probe'

/** Format of an operation's results in a streamed response. */
export interface StreamFraming {
  transport: Transport
  format: StreamFormat
  /** Frames one result, given as the bytes of its JSON (see `bytesOf`). */
  next(result: string): string
  /** Says that no more results follow. */
  complete: string
}

/**
 * GraphQL over Server-Sent Events
 * (https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#distinct-connections-mode).
 */
export const eventFraming: StreamFraming = {
  transport: 'sse',
  format: serverSentEvents,
  next: result => eventText(result, { name: 'next' }),
  complete: eventText('', { name: 'complete' }),
}

const boundary = '\r\n--graphql'
const part = (body: string): string => `\r\nContent-Type: application/json\r\n\r\n${body}${boundary}`
const end = '--\r\n'
const expired = '{"payload":null,"errors":[{"message":"Token expired","extensions":{"code":"UNAUTHENTICATED"}}]}'

/**
 * Apollo's multipart protocol
 * (https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol). The boundary
 * follows each part at once, so that the client can read the part before the next one comes.
 */
export const multipartFraming: StreamFraming = {
  transport: 'multipart',
  format: {
    contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
    opening: boundary + part('{}'),
    heartbeat: part('{}'),
    // Apollo's clients take a delimiter without a part before it for completion.
    expired: part(expired) + end,
  },
  next: result => part(`{"payload":${result}}`),
  complete: end,
}

/** Returns the stream format that the request's `Accept` prefers, or undefined if it names none. */
export function framingOf(request: IncomingMessage): StreamFraming | undefined {
  // Most requests name none. This test spares them the parsing.
  if (!/event-stream|multipart/i.test(request.headers.accept ?? '')) return undefined
  for (const { type, parameters } of acceptedRanges(request)) {
    if (type === 'text/event-stream') return eventFraming
    if (type === 'multipart/mixed' && parameters.get('subscriptionspec') === '1.0') return multipartFraming
  }
  return undefined
}
