import { publicPath } from '../../http/base-path'
import { feedPath, sessionsPath } from '../paths'
import { examples } from './examples'
import { messages } from './messages'
import { bodySchemas, type Json, jsonSchema, jsonSchemas, partSchemas, ref, streamedSchemas } from './schemas'
import { securitySchemes } from './security'

const description = `The streams of this server. \`/openapi.json\` describes its requests and responses.

An event stream begins with \`retry:\`, may contain comments that keep it open, and ends when the server stops. The client then
reconnects with the last id that it received. The streams of GraphQL follow the protocols that their channels link to. The
query of a subscription decides the shape of its messages; their types are those of the GraphQL schema.`

const channels: Record<string, { address: string; server: string; title: string; description: string }> = {
  sessionEvents: {
    address: `${sessionsPath}/{session_id}/events`,
    server: 'http',
    title: 'The transitions of one session, as Server-Sent Events',
    description:
      'Sends the stored transitions after the sequence in `after` or `Last-Event-ID`, then the live ones. The stream ends after SessionClosed. Request it with `Accept: text/event-stream`.',
  },
  feed: {
    address: feedPath,
    server: 'http',
    title: 'The transitions of all sessions, as Server-Sent Events',
    description:
      'Sends the transitions after the cursor in `after` or `Last-Event-ID`, in commit order. Without a cursor, sends live ones only. Request it with `Accept: text/event-stream`.',
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
        variables: { host: { default: 'localhost:4000', description: 'Host and port of the server.' } },
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
          parameters: { session_id: { description: 'Id of the session.', examples: [examples.session.session_id] } },
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
