import { get, type IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import type { Checker, Heard } from './checker'
import { type FeedData, feedPath, type Message, messageOf } from './transports'

/** A feed with enough in each message that a socket which is not read soon holds all that it can. */
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

/** Where a link goes on from, and whom it tells what it hears and that it has ended. */
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

function overHttp(url: string, messageFrom: (event: string, data: string) => Message, { tell, ended }: End): Link {
  let response: IncomingMessage | undefined
  const request = get(url, { agent: false, headers: { Accept: 'text/event-stream' } }, answer => {
    response = answer
    answer.on('error', () => {})
    answer.on('close', ended)
    let text = ''
    answer.setEncoding('utf8').on('data', more => {
      const events = (text + more).split('\n\n')
      text = events.pop() as string
      for (const one of events) {
        const lines = one.split('\n')
        const field = (name: string) => lines.find(line => line.startsWith(name))?.slice(name.length)
        const data = field('data: ')
        if (data) tell(messageFrom(field('event: ') ?? '', data))
      }
    })
  })
  request.on('error', () => response ?? ended())
  return {
    pause: () => response?.pause(),
    resume: () => response?.resume(),
    close: () => request.destroy(),
  }
}

const overRest = (url: string, end: End): Link => {
  const kindOf = (event: string) => (event === '' ? 'transition' : event)
  const after = end.after ? `?after=${end.after}` : ''
  return overHttp(`${url}${feedPath}${after}`, (event, data) => ({ kind: kindOf(event), ...JSON.parse(data) }), end)
}

const overGraphqlSse = (url: string, end: End): Link => {
  const query = new URLSearchParams({ query: fatQuery, variables: JSON.stringify({ after: end.after }) })
  return overHttp(
    `${url}/graphql/stream?${query}`,
    (_, data) => messageOf((JSON.parse(data) as { data: FeedData }).data),
    end,
  )
}

const links = { overWebSocket, overRest, overGraphqlSse }

/**
 * A subscriber of the feed that can stop to read its socket, as a laptop does whose lid is closed. One whose connection
 * was closed meanwhile comes back after the last cursor that it took.
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
