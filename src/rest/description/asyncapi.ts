import { publicPath } from '../../http/base-path'
import { feedPath, sessionsPath } from '../paths'
import { examples } from './examples'
import { messages } from './messages'
import { bodySchemas, type Json, jsonSchema, jsonSchemas, partSchemas, ref, streamedSchemas } from './schemas'
import { securitySchemes } from './security'

const description = `What this server streams. The requests and their answers are described at \`/openapi.json\`.

An event stream begins with \`retry:\`, may hold comments, which keep it open, and ends when the server stops: clients come
back with the last id that they have. The streams of GraphQL follow the protocols that their channels link to, and what a
subscription gives is as its query asks: the types are those of the GraphQL schema.`

const channels: Record<string, { address: string; server: string; title: string; description: string }> = {
  sessionEvents: {
    address: `${sessionsPath}/{session_id}/events`,
    server: 'http',
    title: 'The transitions of one session, as Server-Sent Events',
    description:
      'Past ones after the sequence in `after` or `Last-Event-ID`, then live ones. The stream ends after SessionClosed. Ask with `Accept: text/event-stream`.',
  },
  feed: {
    address: feedPath,
    server: 'http',
    title: 'The transitions of all sessions, as Server-Sent Events',
    description:
      'After the cursor in `after` or `Last-Event-ID`, or from now on, in the order in which they were committed. Ask with `Accept: text/event-stream`.',
  },
  graphqlStream: {
    address: '/graphql/stream',
    server: 'http',
    title: 'One GraphQL operation, as Server-Sent Events',
    description:
      'The [distinct-connections mode](https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#distinct-connections-mode) of graphql-sse, where its messages are described. Ask with `Accept: text/event-stream`.',
  },
  graphql: {
    address: '/graphql',
    server: 'websocket',
    title: 'GraphQL operations over a WebSocket',
    description:
      'The subprotocol is [graphql-transport-ws](https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md), where its messages are described.',
  },
}

const { Transition, FeedItem, Problem } = bodySchemas
const { SessionState, SessionEvent, TransitionEvent, ErrorCode, Fault } = partSchemas

// The draft of JSON Schema that AsyncAPI's schema objects extend.
const schemaDraft = 'draft-7'

const subprotocolHeader = {
  type: 'object',
  properties: { 'Sec-WebSocket-Protocol': { type: 'string', const: 'graphql-transport-ws' } },
  required: ['Sec-WebSocket-Protocol'],
}

const namesIn = (channel: string): string[] =>
  messages.filter(message => message.channel === channel).map(({ name }) => name)

/**
 * Returns the AsyncAPI description of the streams, made from the schemas that describe the responses. With an issuer,
 * it says that tokens are required.
 */
export const asyncapi = (issuer?: string): Json => ({
  asyncapi: '3.1.0',
  id: 'urn:benefit-sessions',
  info: {
    title: 'Benefit-calculator sessions: streams',
    version: '1.0.0',
    description,
    contact: { name: 'The maintainers of benefit-sessions' },
    license: { name: 'MIT' },
    tags: [{ name: 'sessions', description: 'Sessions of a benefit calculator.' }],
  },
  defaultContentType: 'application/json',
  servers: Object.fromEntries(
    [
      ['http', 'http'],
      ['websocket', 'ws'],
    ].map(([name, protocol]) => [
      name,
      {
        host: '{host}',
        ...(publicPath('') && { pathname: publicPath('') }),
        protocol,
        description: 'This server.',
        ...(issuer && { security: [ref('securitySchemes/token')] }),
        variables: { host: { default: 'localhost:4000', description: 'Where it listens.' } },
      },
    ]),
  ),
  channels: Object.fromEntries(
    Object.entries(channels).map(([channel, { address, server, ...texts }]) => [
      channel,
      {
        address,
        ...texts,
        servers: [{ $ref: `#/servers/${server}` }],
        ...(address.includes('{session_id}') && {
          parameters: { session_id: { description: 'The id of a session.', examples: [examples.session.session_id] } },
        }),
        // Omitted if empty, because an empty map would mean that this channel has no messages.
        ...(namesIn(channel).length > 0 && {
          messages: Object.fromEntries(namesIn(channel).map(name => [name, ref(`messages/${channel}.${name}`)])),
        }),
        ...(server === 'websocket' && { bindings: { ws: { method: 'GET', headers: subprotocolHeader } } }),
      },
    ]),
  ),
  operations: Object.fromEntries(
    Object.entries(channels)
      .filter(([channel]) => namesIn(channel).length > 0)
      .map(([channel, { title }]) => [
        `send.${channel}`,
        {
          action: 'send',
          title,
          channel: { $ref: `#/channels/${channel}` },
          messages: namesIn(channel).map(name => ({ $ref: `#/channels/${channel}/messages/${name}` })),
        },
      ]),
  ),
  components: {
    ...(issuer && { securitySchemes: securitySchemes(issuer) }),
    schemas: jsonSchemas(
      {
        SessionState,
        SessionEvent,
        TransitionEvent,
        ErrorCode,
        Fault,
        Transition,
        FeedItem,
        Problem,
        ...streamedSchemas,
      },
      schemaDraft,
    ),
    messages: Object.fromEntries(
      messages.map(({ channel, name, summary, payload, headers, example }) => [
        `${channel}.${name}`,
        {
          name,
          summary,
          payload: ref(`schemas/${payload}`),
          headers: jsonSchema(headers.schema, schemaDraft),
          examples: [{ payload: example, headers: headers.example }],
        },
      ]),
    ),
  },
})
