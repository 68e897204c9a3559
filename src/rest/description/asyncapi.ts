import type { z } from 'zod'
import { transitionSchema } from '../../domain/session'
import { publicPath } from '../../http/base-path'
import { version } from '../../version'
import { exampleOfError, problemOf, problemSchemas } from '../problem'
import type { ServerAddress } from '../resource'
import { feedItemSchema, feedPath, gapSchema, readySchema } from '../resources/events'
import { sessionsPath } from '../resources/sessions'
import { examples } from './examples'
import { type Json, jsonSchemas, mapped, opened, ref, referenced, schemaRef } from './json-schemas'
import type { SecuritySchemes } from './openapi'

const description = `This server's streams. \`/openapi.json\` describes its requests and responses.

An event stream begins with \`retry:\`, can contain comments that keep it open, and ends when the server stops. The client then
reconnects with the last id that it received. The GraphQL streams follow the protocols to which their channels link. The
messages of a subscription have the shape of its query and the types of the GraphQL schema.`

interface Channel {
  address: string
  server: 'http' | 'websocket'
  title: string
  description: string
  messages?: Record<string, Message>
}

/** A message of a stream. `headers` contains all fields of a Server-Sent Event except its data. */
interface Message {
  summary: string
  payload: z.ZodType
  headers: { id?: string; event?: string }
  example: unknown
}

const [first, , third] = examples.feed.data
const cursor = String(first?.cursor)

const problemMessage = (): Message => ({
  summary: 'The problem that ends the stream.',
  payload: problemSchemas().problem,
  headers: { event: 'error' },
  example: problemOf({ originalUrl: feedPath }, exampleOfError('unavailable')),
})

/** Only the channels of the REST streams list their messages. */
const channelsWith = (error: Message): Record<string, Channel> => ({
  sessionEvents: {
    address: `${sessionsPath}/{session_id}/events`,
    server: 'http',
    title: 'Transitions of one session, as Server-Sent Events',
    description:
      'Sends the stored transitions after the sequence in `after` or `Last-Event-ID`, then live transitions. The stream ends after SessionClosed. Request it with `Accept: text/event-stream`.',
    messages: {
      transition: {
        summary: "A transition. The event's id is the transition's sequence.",
        payload: transitionSchema,
        headers: { id: '3' },
        example: examples.transitions[2],
      },
      error,
    },
  },
  feed: {
    address: feedPath,
    server: 'http',
    title: 'Transitions of all sessions, as Server-Sent Events',
    description:
      'Sends the transitions after the cursor in `after` or `Last-Event-ID`, in commit order. Without a cursor, sends only live transitions. `event` selects transitions by event, and `mentor_id` and `organisation_id` select them by session. With `view=full`, each transition contains the session directly after the transition. Request it with `Accept: text/event-stream`.',
    messages: {
      ready: {
        summary: 'Sent first, and after a gap. From this message on, you miss no transition.',
        payload: readySchema,
        headers: { id: cursor, event: 'ready' },
        example: { cursor },
      },
      transition: {
        summary: "A transition. The event's id is the transition's cursor.",
        payload: feedItemSchema,
        headers: { id: String(third?.cursor) },
        example: third,
      },
      gap: {
        summary: 'A gap: the feed cannot resume after this cursor. Read the sessions again.',
        payload: gapSchema,
        headers: { event: 'gap' },
        example: { after: cursor, reason: 'expired' },
      },
      error,
    },
  },
  graphqlStream: {
    address: '/graphql/stream',
    server: 'http',
    title: 'One GraphQL operation, as Server-Sent Events',
    description:
      'Follows the [distinct-connections mode](https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#distinct-connections-mode) of graphql-sse, which describes its messages. Request it with `Accept: text/event-stream`.',
  },
  graphql: {
    address: '/graphql',
    server: 'websocket',
    title: 'GraphQL operations over a WebSocket',
    description:
      'Follows the subprotocol [graphql-transport-ws](https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md), which describes its messages.',
  },
})

const subprotocolHeader = {
  type: 'object',
  properties: { 'Sec-WebSocket-Protocol': { type: 'string', const: 'graphql-transport-ws' } },
  required: ['Sec-WebSocket-Protocol'],
}

/** The addresses are absolute, because AsyncAPI 3 does not support addresses relative to the document. */
export function serversAt({ host, isSecure }: ServerAddress, schemes: SecuritySchemes = {}): Json {
  const pathname = publicPath('')
  const security = Object.keys(schemes).map(name => ref(`securitySchemes/${name}`))
  const protocols = isSecure ? { http: 'https', websocket: 'wss' } : { http: 'http', websocket: 'ws' }
  return mapped(protocols, protocol => ({
    host,
    ...(pathname && { pathname }),
    protocol,
    description: 'This server.',
    ...(security.length > 0 && { security }),
  }))
}

/**
 * Returns a description without servers, which the caller adds with `serversAt`. If there are security schemes, each
 * stream requires one of them.
 */
export function asyncapi(schemes: SecuritySchemes = {}): Json {
  const channels = channelsWith(problemMessage())
  // AsyncAPI's schema objects are a superset of JSON Schema draft 7.
  const schemas = jsonSchemas('draft-7')
  const messages = Object.fromEntries(
    Object.entries(channels).flatMap(([channel, { messages = {} }]) =>
      Object.entries(messages).map(([name, message]) => [`${channel}.${name}`, messageObject(name, message)]),
    ),
  )
  return {
    asyncapi: '3.1.0',
    id: 'urn:benefit-sessions',
    info: {
      title: 'Benefit-calculator sessions: streams',
      version,
      description,
      contact: { name: 'The maintainers of benefit-sessions' },
      license: { name: 'MIT' },
      tags: [{ name: 'sessions', description: 'Events about the sessions of a benefit calculator.' }],
    },
    defaultContentType: 'application/json',
    channels: mapped(channels, channelObject),
    operations: Object.fromEntries(
      Object.entries(channels).flatMap(([channel, { title, messages }]) =>
        messages ? [[`send.${channel}`, sendOperation(channel, title, Object.keys(messages))]] : [],
      ),
    ),
    components: {
      ...(Object.keys(schemes).length > 0 && { securitySchemes: schemes }),
      schemas: mapped(referenced(messages, schemas), opened),
      messages,
    },
  }
}

function channelObject({ address, server, messages, ...texts }: Channel, channel: string): Json {
  return {
    address,
    ...texts,
    servers: [{ $ref: `#/servers/${server}` }],
    ...(address.includes('{session_id}') && {
      parameters: { session_id: { description: 'Id of the session.', examples: [examples.session.session_id] } },
    }),
    // Omit `messages` if they are not described here, because an empty map would mean that the channel has no messages.
    ...(messages && { messages: mapped(messages, (_, name) => ref(`messages/${channel}.${name}`)) }),
    ...(server === 'websocket' && { bindings: { ws: { method: 'GET', headers: subprotocolHeader } } }),
  }
}

const sendOperation = (channel: string, title: string, messages: string[]): Json => ({
  action: 'send',
  title,
  channel: { $ref: `#/channels/${channel}` },
  messages: messages.map(name => ({ $ref: `#/channels/${channel}/messages/${name}` })),
})

const messageObject = (name: string, { summary, payload, headers, example }: Message): Json => ({
  name,
  summary,
  payload: schemaRef(payload),
  headers: {
    type: 'object',
    properties: {
      ...(headers.id && { id: { type: 'string' } }),
      ...(headers.event && { event: { type: 'string', const: headers.event } }),
    },
    required: Object.keys(headers),
  },
  examples: [{ payload: example, headers }],
})
