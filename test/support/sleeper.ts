import { WebSocket } from 'ws'
import type { Checker, Heard } from './checker'
import { followEvents, type StreamEvent } from './event-stream'
import { type FeedData, feedPath, type Message, messageOf } from './transports'

/** A feed query whose messages are so large that a socket fills quickly if it is not read. */
const fatQuery = `subscription ($after: String) { feed(after: $after) {
  __typename
  ... on FeedReady { cursor }
  ... on FeedGap { after reason }
  ... on FeedTransition { cursor transition { event sequence
    session { id } a: session { ...Fat } b: session { ...Fat } } }
} }
fragment Fat on Session { mentorId organisationId }`

interface Link {
  pause(): void
  resume(): void
  close(): void
}

interface End {
  after: string | undefined
  tell(message: Message): void
  ended(): void
}

const retryMs = 30

function overWebSocket(url: string, { after, tell, ended }: End): Link {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws')
  socket.on('open', () => socket.send('{"type":"connection_init"}'))
  socket.on('message', data => {
    const { type, payload } = JSON.parse(String(data)) as { type: string; payload: { data: FeedData } }
    if (type === 'next') tell(messageOf(payload.data))
    else if (type === 'connection_ack') {
      const payload = { query: fatQuery, variables: { after } }
      socket.send(JSON.stringify({ id: 'feed', type: 'subscribe', payload }))
    } else if (type !== 'ping') throw new Error(`a websocket was told ${data}`)
  })
  socket.on('error', () => {})
  socket.on('close', ended)
  return { pause: () => socket.pause(), resume: () => socket.resume(), close: () => socket.terminate() }
}

function overHttp(url: string, messageFrom: (event: StreamEvent) => Message, { tell, ended }: End): Link {
  const stream = followEvents(url, event => tell(messageFrom(event)))
  void stream.ended.then(ended)
  return { ...stream, close: stream.leave }
}

const overRest = (url: string, end: End): Link => {
  const after = end.after ? `?after=${end.after}` : ''
  return overHttp(
    `${url}${feedPath}${after}`,
    ({ event = 'transition', data }) => ({ kind: event, ...JSON.parse(data) }),
    end,
  )
}

const overGraphqlSse = (url: string, end: End): Link => {
  const query = new URLSearchParams({ query: fatQuery, variables: JSON.stringify({ after: end.after }) })
  return overHttp(
    `${url}/graphql?${query}`,
    ({ data }) => messageOf((JSON.parse(data) as { data: FeedData }).data),
    end,
  )
}

const links = { overWebSocket, overRest, overGraphqlSse }

/**
 * A feed subscriber that can stop reading its socket, like a closed laptop. If the connection was closed meanwhile, it
 * reconnects after the last cursor that it received.
 */
export class Sleeper {
  readonly heard: Heard
  #link!: Link
  #cursor: string | undefined
  #left = false

  constructor(
    readonly over: keyof typeof links,
    readonly url: string,
    checker: Checker,
    expects: { gaps?: number } = {},
  ) {
    this.heard = checker.subscriber(`a sleeper ${over}`, expects)
    this.#connect()
  }

  #connect(): void {
    this.heard.connected()
    this.#link = links[this.over](this.url, {
      after: this.#cursor,
      tell: message => {
        if (message.kind === 'transition') this.heard.transition(message)
        else this.heard[message.kind]()
        if (message.kind !== 'gap') this.#cursor = message.cursor
      },
      ended: () => {
        if (!this.#left) setTimeout(() => this.#left || this.#connect(), retryMs)
      },
    })
  }

  sleep(): void {
    this.#link.pause()
  }

  wake(): void {
    this.#link.resume()
  }

  leave(): void {
    this.#left = true
    this.#link.close()
  }
}

export const sleepers = Object.keys(links) as (keyof typeof links)[]
