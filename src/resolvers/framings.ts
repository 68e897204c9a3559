import type { IncomingMessage } from 'node:http'
import { acceptedRanges } from '../http/accept'
import { eventText, type StreamFormat, serverSentEvents } from '../http/event-stream'
import type { Transport } from '../probe'

/** How the results of an operation stand in a response that goes on. */
export interface Framing {
  transport: Transport
  format: StreamFormat
  /** One result, the bytes of whose JSON are handed to it. */
  next(result: string): string
  /** Nothing more follows. */
  complete: string
}

/** GraphQL over Server-Sent Events (https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#distinct-connections-mode). */
export const eventFraming: Framing = {
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
 * (https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol). Each part is followed by
 * its boundary at once, so that it is read before the next one comes.
 */
export const multipartFraming: Framing = {
  transport: 'multipart',
  format: {
    contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
    opening: boundary + part('{}'),
    heartbeat: part('{}'),
    // Apollo takes a bare delimiter for completion.
    expired: part(expired) + end,
  },
  next: result => part(`{"payload":${result}}`),
  complete: end,
}

/** How a request accepts a subscription's results, what it likes best; undefined where it names no stream. */
export function framingOf(request: IncomingMessage): Framing | undefined {
  // Most requests name none, and are not read further for it.
  if (!/event-stream|multipart/i.test(request.headers.accept ?? '')) return undefined
  for (const { type, parameters } of acceptedRanges(request)) {
    if (type === 'text/event-stream') return eventFraming
    if (type === 'multipart/mixed' && parameters.get('subscriptionspec') === '1.0') return multipartFraming
  }
  return undefined
}
