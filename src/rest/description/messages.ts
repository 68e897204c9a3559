import { z } from 'zod'
import { feedPath } from '../paths'
import { problemOf } from '../problem'
import { problemTypes } from '../problem-types'
import { examples } from './examples'
import type { bodies, streamed } from './schemas'

/** A message of a stream. What the fields of a Server-Sent Event beside its data say stands in its headers. */
export interface Message {
  channel: string
  id: string
  name: string
  summary: string
  /** Whether this server sends it or receives it. */
  send?: true
  receive?: true
  payload: keyof typeof bodies | keyof typeof streamed | z.ZodType
  headers?: { schema: z.ZodType; example: unknown }
  example: unknown
}

const fields = (id: string | undefined, event?: string): Required<Message>['headers'] => ({
  schema: z.object({
    ...(id !== undefined && { id: z.string() }),
    ...(event !== undefined && { event: z.literal(event) }),
  }),
  example: { ...(id !== undefined && { id }), ...(event !== undefined && { event }) },
})

const [first, , third] = examples.feed.data
const cursor = String(first?.cursor)
const sent = { send: true } as const
const received = { receive: true } as const

const failure = {
  ...sent,
  id: 'error',
  name: 'error',
  summary: 'The stream ends here, because of this problem.',
  payload: 'Problem',
  headers: fields(undefined, 'error'),
  example: problemOf({ originalUrl: feedPath }, problemTypes.unavailable.example),
} as const

const restStreams: Message[] = [
  {
    ...sent,
    channel: 'sessionEvents',
    id: 'transition',
    name: 'transition',
    summary: 'A transition; its id is its sequence.',
    payload: 'Transition',
    headers: fields('3'),
    example: examples.transitions.data[2],
  },
  { ...failure, channel: 'sessionEvents' },
  {
    ...sent,
    channel: 'feed',
    id: 'ready',
    name: 'ready',
    summary: 'The first message, and the one after a gap: from here on nothing is missed.',
    payload: 'FeedReady',
    headers: fields(cursor, 'ready'),
    example: { cursor },
  },
  {
    ...sent,
    channel: 'feed',
    id: 'transition',
    name: 'transition',
    summary: 'A transition; its id is its cursor.',
    payload: 'FeedItem',
    headers: fields(String(third?.cursor)),
    example: third,
  },
  {
    ...sent,
    channel: 'feed',
    id: 'gap',
    name: 'gap',
    summary: 'What follows the cursor can no longer be had. Read the sessions again.',
    payload: 'FeedGap',
    headers: fields(undefined, 'gap'),
    example: { after: cursor, reason: 'expired' },
  },
  { ...failure, channel: 'feed' },
]

// The rest is GraphQL: https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md and
// https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md

const graphqlError = z.looseObject({ message: z.string(), extensions: z.looseObject({ code: z.string() }) })
const graphqlResult = z.strictObject({
  data: z.looseObject({}).nullable().optional(),
  errors: z.array(graphqlError).optional(),
})
const sample = { data: { feed: { __typename: 'FeedReady', cursor } } }
const query = 'subscription { feed { __typename ... on FeedReady { cursor } } }'
const id = z.string().describe('Which of the operations of this connection it belongs to.')

const message = (
  direction: 'send' | 'receive' | 'both',
  type: string,
  summary: string,
  shape: z.ZodRawShape,
  example: object,
): Message => ({
  ...(direction !== 'receive' && sent),
  ...(direction !== 'send' && received),
  channel: 'graphql',
  id: type,
  name: type,
  summary,
  payload: z.strictObject({ type: z.literal(type), ...shape }),
  example: { type, ...example },
})

const anything = { payload: z.looseObject({}).nullable().optional() }
const request = z.strictObject({
  query: z.string(),
  operationName: z.string().nullable().optional(),
  variables: z.looseObject({}).nullable().optional(),
  extensions: z.looseObject({}).nullable().optional(),
})
const error = { message: 'No session has this id.', extensions: { code: 'SESSION_NOT_FOUND' } }

const graphqlStreams: Message[] = [
  {
    ...sent,
    channel: 'graphqlStream',
    id: 'next',
    name: 'next',
    summary: 'A result of the operation.',
    payload: graphqlResult,
    headers: fields(undefined, 'next'),
    example: sample,
  },
  {
    ...sent,
    channel: 'graphqlStream',
    id: 'complete',
    name: 'complete',
    summary: 'Nothing more follows. The data is empty.',
    payload: z.literal(''),
    headers: fields(undefined, 'complete'),
    example: '',
  },
  message('receive', 'connection_init', 'The first message of a client.', anything, {}),
  message('send', 'connection_ack', 'The connection is open for operations.', anything, {}),
  message('both', 'ping', 'Answered with pong.', anything, {}),
  message('both', 'pong', 'The answer to ping.', anything, {}),
  message('receive', 'subscribe', 'Starts an operation.', { id, payload: request }, { id: '1', payload: { query } }),
  message('send', 'next', 'A result of the operation.', { id, payload: graphqlResult }, { id: '1', payload: sample }),
  message(
    'send',
    'error',
    'The operation was refused or failed; nothing more follows.',
    { id, payload: z.array(graphqlError) },
    { id: '1', payload: [error] },
  ),
  message('both', 'complete', 'Nothing more follows, or nothing more is wanted.', { id }, { id: '1' }),
]

/** Every message of every stream. */
export const messages: Message[] = [...restStreams, ...graphqlStreams]
