import { z } from 'zod'
import { feedPath } from '../paths'
import { problemOf } from '../problem'
import { problemTypes } from '../problem-types'
import { examples } from './examples'
import type { bodySchemas, streamedSchemas } from './schemas'

/** A message of a stream. `headers` describes the fields of a Server-Sent Event other than its data. */
export interface Message {
  channel: string
  name: string
  summary: string
  payload: keyof typeof bodySchemas | keyof typeof streamedSchemas
  headers: { schema: z.ZodType; example: unknown }
  example: unknown
}

const fields = (id: string | undefined, event?: string): Message['headers'] => ({
  schema: z.object({
    ...(id !== undefined && { id: z.string() }),
    ...(event !== undefined && { event: z.literal(event) }),
  }),
  example: { ...(id !== undefined && { id }), ...(event !== undefined && { event }) },
})

const [first, , third] = examples.feed.data
const cursor = String(first?.cursor)

const failure = {
  name: 'error',
  summary: 'The stream ends because of this problem.',
  payload: 'Problem',
  headers: fields(undefined, 'error'),
  example: problemOf({ originalUrl: feedPath }, problemTypes.unavailable.example),
} as const

/** All messages of REST's own streams. */
export const messages: Message[] = [
  {
    channel: 'sessionEvents',
    name: 'transition',
    summary: 'A transition. The id of the event is its sequence.',
    payload: 'Transition',
    headers: fields('3'),
    example: examples.transitions.data[2],
  },
  { ...failure, channel: 'sessionEvents' },
  {
    channel: 'feed',
    name: 'ready',
    summary: 'The first message, and the one after a gap. From then on, nothing is missed.',
    payload: 'FeedReady',
    headers: fields(cursor, 'ready'),
    example: { cursor },
  },
  {
    channel: 'feed',
    name: 'transition',
    summary: 'A transition. The id of the event is its cursor.',
    payload: 'FeedItem',
    headers: fields(String(third?.cursor)),
    example: third,
  },
  {
    channel: 'feed',
    name: 'gap',
    summary: 'The feed cannot resume after this cursor. Read the sessions again.',
    payload: 'FeedGap',
    headers: fields(undefined, 'gap'),
    example: { after: cursor, reason: 'expired' },
  },
  { ...failure, channel: 'feed' },
]
