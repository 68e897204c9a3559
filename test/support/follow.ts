import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createWebSocketClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { type Connection, type Filter, fieldsOf, type Message, type TransportName, transports } from './transports'
import { until } from './until'

const waitMs = 20_000

/** One connection to the feed, with all messages that it received. */
export interface Followed {
  messages: Message[]
  connection: Connection
  /** Resolves when at least `count` messages have arrived. */
  received(count: number): Promise<Message[]>
}

export function follow(
  url: string,
  transport: TransportName,
  after?: string,
  filter?: Filter,
  authorization?: string,
): Followed {
  const messages: Message[] = []
  const connection = transports[transport](url, after, message => messages.push(message), filter, authorization)
  return {
    messages,
    connection,
    async received(count) {
      const what = () => `${count} messages over ${transport}: ${JSON.stringify(messages)}`
      await until(() => messages.length >= count, waitMs, what)
      return messages
    },
  }
}

/** The protocols' own client libraries. */
const clients = {
  'graphql-ws': (url: string, authorization?: string) =>
    createWebSocketClient({
      url: `${url.replace(/^http/, 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      ...(authorization !== undefined && { connectionParams: { authorization } }),
    }),
  'graphql-sse': (url: string, authorization?: string) =>
    createSseClient({ url: `${url}/graphql/stream`, retryAttempts: 0, headers: fieldsOf(authorization) }),
}

/** The results of a GraphQL subscription, and how it ended. */
export interface Subscribed<T> {
  results: T[]
  ended: { with: unknown } | undefined
  leave(): void
}

export function subscribe<T>(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  over: keyof typeof clients = 'graphql-ws',
  authorization?: string,
): Subscribed<T> {
  const client = clients[over](url, authorization)
  const subscribed: Subscribed<T> = { results: [], ended: undefined, leave: () => void client.dispose() }
  client.subscribe<T>(
    { query, variables },
    {
      next: ({ data, errors }) => {
        if (data) subscribed.results.push(data)
        else subscribed.ended = { with: errors }
      },
      error: error => {
        subscribed.ended = { with: error }
      },
      complete: () => {
        subscribed.ended ??= { with: 'complete' }
      },
    },
  )
  return subscribed
}
