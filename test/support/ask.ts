import { once } from 'node:events'
import { WebSocket } from 'ws'
import { eventsUntil, type StreamEvent } from './event-stream'
import { send } from './raw'
import { json } from './rest'
import type { Reachable } from './server'
import { within } from './until'

interface Fault {
  message: string
  extensions: { code: string; errors?: unknown }
}

/** First response to an operation, in the same shape for every transport. */
export interface Said {
  /** HTTP status. For a WebSocket, the close code, or 0 if it stays open. */
  status: number
  data?: unknown
  errors?: Fault[]
}

/** Sends an operation over one transport. `variables` is JSON text. */
export type Ask = (server: Reachable, query: string, variables?: string, operationName?: string) => Promise<Said>

const graphqlResponse = 'application/graphql-response+json'

const accepting = (type: string): Ask =>
  async function post(server, query, variables = '{}', operationName) {
    const body = `{"query":${JSON.stringify(query)},"variables":${variables},"operationName":${JSON.stringify(operationName)}}`
    const sent = body.replace(',"operationName":undefined', '')
    const { status, text } = await send(server.url, 'POST', '/graphql', { ...json, Accept: type }, sent)
    return { ...JSON.parse(text), status }
  }

export const overPost = accepting(graphqlResponse)

const search = (query: string, variables?: string, operationName?: string): string =>
  new URLSearchParams({ query, ...(variables && { variables }), ...(operationName && { operationName }) }).toString()

const get: Ask = async (server, ...asked) => {
  const { status, text } = await send(server.url, 'GET', `/graphql?${search(...asked)}`, {
    Accept: graphqlResponse,
  })
  return text.startsWith('{') ? { ...JSON.parse(text), status } : { status }
}

const stream: Ask = async ({ url }, ...asked) => {
  const isNext = ({ event }: StreamEvent): boolean => event === 'next'
  const { status, events, rest } = await eventsUntil(`${url}/graphql/stream?${search(...asked)}`, isNext)
  const text = events.find(isNext)?.data ?? rest
  return text.startsWith('{') ? { ...JSON.parse(text), status } : { status }
}

const webSocket: Ask = async ({ url }, query, variables = '{}', operationName) => {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  try {
    return await within(
      20_000,
      'an answer',
      new Promise<Said>((resolve, reject) => {
        socket.on('error', reject)
        socket.on('close', status => resolve({ status }))
        socket.on('open', () => socket.send('{"type":"connection_init"}'))
        socket.on('message', data => {
          const { type, payload } = JSON.parse(String(data))
          const asked = [`"query":${JSON.stringify(query)}`, `"variables":${variables}`]
          if (operationName !== undefined) asked.push(`"operationName":${JSON.stringify(operationName)}`)
          if (type === 'connection_ack') socket.send(`{"id":"1","type":"subscribe","payload":{${asked.join()}}}`)
          else if (type === 'next') resolve({ ...payload, status: 0 })
          else if (type === 'error') resolve({ errors: payload, status: 0 })
          else if (type === 'complete') resolve({ status: 0 })
        })
      }),
    )
  } finally {
    socket.terminate()
    if (socket.readyState !== WebSocket.CLOSED) await once(socket, 'close')
  }
}

/** Every transport for an operation, with its name. */
export const ways: [string, Ask][] = [
  ['POST', overPost],
  ['POST for application/json', accepting('application/json')],
  ['GET', get],
  ['Server-Sent Events', stream],
  ['a WebSocket', webSocket],
]
