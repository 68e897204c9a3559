import { once } from 'node:events'
import { WebSocket } from 'ws'
import { partsOf } from './capability-parts'
import { type Asked, followEvents } from './event-stream'
import { base } from './interfaces'
import { json } from './rest'
import { feedPath } from './transports'

const feedText = 'subscription { feed { __typename ... on FeedTransition { transition { session { id } } } } }'
/** Subscriptions of capabilities that each send a message after every change, by name. */
const added: Record<string, string> = Object.assign({}, ...partsOf<Record<string, string>>('subscriptions'))
export const posted = (query: string, accept: string): Asked => ({
  method: 'POST',
  headers: { ...json, Accept: accept },
  body: JSON.stringify({ query }),
})
const multipart = 'multipart/mixed;subscriptionSpec=1.0'

/** The messages of a connection with their times, and how the connection ended. */
export interface ReceivedStream {
  texts: { text: string; at: number }[]
  ended: Promise<{ at: number; code?: number; reason?: string; whole?: boolean; rest?: string }>
}

export function overEvents(
  url: string,
  path: string,
  authorization: string,
  { headers, ...asked }: Asked = {},
): ReceivedStream {
  const texts: ReceivedStream['texts'] = []
  const take = (event: object): void => void texts.push({ text: JSON.stringify(event), at: Date.now() })
  const stream = followEvents(url + path, take, {
    ...asked,
    headers: { ...headers, Authorization: authorization },
  })
  return { texts, ended: stream.ended.then(end => ({ ...end, at: Date.now() })) }
}

/** Follows the feed as multipart. Each part is one text, without heartbeats and delimiters. */
function overParts(url: string, query: string, authorization: string): ReceivedStream {
  const texts: ReceivedStream['texts'] = []
  const { headers, ...asked } = posted(query, multipart)
  const ended = (async () => {
    const stated = { ...headers, Authorization: authorization }
    const { body, status } = await fetch(`${url}/graphql`, { ...asked, headers: stated } as RequestInit)
    let rest = ''
    for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      rest += chunk
      for (const [part] of chunk.matchAll(/\{"payload":\{.*\}/g)) texts.push({ text: part, at: Date.now() })
    }
    return { at: Date.now(), status, whole: true, rest }
  })()
  return { texts, ended }
}

function overWebSocket(url: string, query: string, authorization: string): ReceivedStream {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  const texts: ReceivedStream['texts'] = []
  const say = (message: object): void => socket.send(JSON.stringify(message))
  socket.on('open', () => say({ type: 'connection_init', payload: { authorization } }))
  socket.on('message', data => {
    texts.push({ text: String(data), at: Date.now() })
    if (String(data).includes('connection_ack')) say({ type: 'subscribe', id: '1', payload: { query } })
  })
  const ended = once(socket, 'close').then(([code, reason]) => ({ at: Date.now(), code, reason: String(reason) }))
  return { texts, ended }
}

type FollowLive = (url: string, authorization: string, session_id: string) => ReceivedStream

/** Every way to follow live, with an Authorization header. The events of a session are those of `session_id`. */
export const liveWays: Record<string, FollowLive> = {
  'the feed over a WebSocket': (url, authorization) => overWebSocket(url, feedText, authorization),
  'the feed on /graphql/stream': (url, authorization) =>
    overEvents(url, `/graphql/stream?query=${encodeURIComponent(feedText)}`, authorization),
  'the feed by GET, as events': (url, authorization) =>
    overEvents(url, `/graphql?query=${encodeURIComponent(feedText)}`, authorization),
  'the feed by POST, as events': (url, authorization) =>
    overEvents(url, '/graphql', authorization, posted(feedText, 'text/event-stream')),
  'the feed by POST, in parts': (url, authorization) => overParts(url, feedText, authorization),
  'the feed of REST': (url, authorization) => overEvents(url, feedPath, authorization),
  'a session of REST': (url, authorization, session_id) =>
    overEvents(url, `${base}/${session_id}/events`, authorization),
  ...Object.fromEntries(
    Object.entries(added).flatMap(([name, text]): [string, FollowLive][] => [
      [`${name} over a WebSocket`, (url, authorization) => overWebSocket(url, text, authorization)],
      [
        `${name} on /graphql/stream`,
        (url, authorization) => overEvents(url, '/graphql/stream', authorization, posted(text, 'text/event-stream')),
      ],
    ]),
  ),
}

export const isParts = (name: string): boolean => name.endsWith('in parts')
