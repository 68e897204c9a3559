import { get, type IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import type { Checker, Heard } from './checker'
import { type FeedData, feedPath, type Message, messageOf } from './transports'

/** A feed with enough in each message that a socket which is not read soon holds all that it can. */
const fatQuery = `subscription { feed {
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

type Tell = (message: Message) => void

function overWebSocket(url: string, tell: Tell): Link {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws')
  socket.on('open', () => socket.send('{"type":"connection_init"}'))
  socket.on('message', data => {
    const { type, payload } = JSON.parse(String(data)) as { type: string; payload: { data: FeedData } }
    if (type === 'next') tell(messageOf(payload.data))
    else if (type === 'connection_ack') {
      socket.send(JSON.stringify({ id: 'feed', type: 'subscribe', payload: { query: fatQuery } }))
    } else throw new Error(`a websocket was told ${data}`)
  })
  return { pause: () => socket.pause(), resume: () => socket.resume(), close: () => socket.terminate() }
}

function overHttp(url: string, messageFrom: (event: string, data: string) => Message, tell: Tell): Link {
  let response: IncomingMessage | undefined
  const request = get(url, { agent: false, headers: { Accept: 'text/event-stream' } }, answer => {
    response = answer
    answer.on('error', () => {})
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
  request.on('error', () => {})
  return {
    pause: () => response?.pause(),
    resume: () => response?.resume(),
    close: () => request.destroy(),
  }
}

const overRest = (url: string, tell: Tell): Link => {
  const kindOf = (event: string) => (event === '' ? 'transition' : event)
  return overHttp(`${url}${feedPath}`, (event, data) => ({ kind: kindOf(event), ...JSON.parse(data) }), tell)
}

const overGraphqlSse = (url: string, tell: Tell): Link => {
  const query = `${url}/graphql/stream?query=${encodeURIComponent(fatQuery)}`
  return overHttp(query, (_, data) => messageOf((JSON.parse(data) as { data: FeedData }).data), tell)
}

const links = { overWebSocket, overRest, overGraphqlSse }

/** A subscriber of the feed that can stop to read its socket, as a laptop does whose lid is closed. */
export class Sleeper {
  readonly heard: Heard
  readonly link: Link

  constructor(over: keyof typeof links, url: string, checker: Checker, expects: { gaps?: number } = {}) {
    this.heard = checker.subscriber(`a sleeper ${over}`, expects)
    this.heard.connected()
    this.link = links[over](url, message => {
      if (message.kind === 'transition') this.heard.transition(message)
      else this.heard[message.kind]()
    })
  }
}

export const sleepers = Object.keys(links) as (keyof typeof links)[]
