import { setMaxListeners } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { EventSource } from 'eventsource'
import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createWebSocketClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import type { TransitionEvent } from '../../src/domain/session'
import { constant } from '../../src/resolvers/names'
import type { Delivered } from './checker'

export type Message =
  | { kind: 'ready'; cursor: string }
  | { kind: 'gap'; after: string; reason: string }
  | ({ kind: 'transition'; cursor: string } & Delivered)

export interface Filter {
  mentor_id?: string
  /** Null selects sessions without an organisation. Only GraphQL supports null. */
  organisation_id?: string | null
  events?: TransitionEvent[]
}

export interface Connection {
  /** Resolves when the other side has ended the connection, with the reason as far as known. */
  ended: Promise<unknown>
  /** Drops the connection at once, without ending the subscription. */
  cut(): void
}

/** Follows the feed of a server over one connection. */
export type Transport = (
  url: string,
  after: string | undefined,
  tell: (message: Message) => void,
  filter?: Filter,
  authorization?: string,
) => Connection

/** Returns the Authorization header, if one is given. */
export const fieldsOf = (authorization: string | undefined): Record<string, string> =>
  authorization === undefined ? {} : { Authorization: authorization }

export const feedPath = '/api/v1/benefit-calculator-events'

export const feedQuery = `subscription ($after: String, $filter: FeedFilter) { feed(after: $after, filter: $filter) {
  __typename
  ... on FeedReady { cursor }
  ... on FeedGap { after reason }
  ... on FeedTransition { cursor transition { event sequence session { id } } }
} }`

export interface FeedData {
  feed:
    | { __typename: 'FeedReady'; cursor: string }
    | { __typename: 'FeedGap'; after: string; reason: string }
    | {
        __typename: 'FeedTransition'
        cursor: string
        transition: { event: string; sequence: number; session: { id: string } }
      }
}

/** Translates an enum value: CALCULATE_REQUESTED becomes CalculateRequested. */
export const eventOf = (value: string): string =>
  value.toLowerCase().replace(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase())

export function messageOf({ feed }: FeedData): Message {
  if (feed.__typename === 'FeedReady') return { kind: 'ready', cursor: feed.cursor }
  if (feed.__typename === 'FeedGap') return { kind: 'gap', after: feed.after, reason: feed.reason.toLowerCase() }
  const { event, sequence, session } = feed.transition
  return { kind: 'transition', cursor: feed.cursor, session_id: session.id, sequence, event: eventOf(event) }
}

const variablesOf = (after: string | undefined, { mentor_id, organisation_id, events }: Filter) => ({
  after,
  filter: {
    mentorId: mentor_id,
    organisationId: organisation_id,
    withoutOrganisation: organisation_id === null,
    events: events?.map(constant),
  },
})

const webSocketUrl = (url: string): string => `${url.replace(/^http/, 'ws')}/graphql`

/** Creates the sink of a GraphQL client, and a promise of its end. */
function sink(tell: (message: Message) => void) {
  let finish: (why: unknown) => void = () => {}
  const ended = new Promise<unknown>(resolve => {
    finish = resolve
  })
  return {
    ended,
    finish,
    next({ data, errors }: { data?: FeedData | null | undefined; errors?: unknown }): void {
      if (data) tell(messageOf(data))
      else finish(errors)
    },
    error: finish,
    complete: () => finish('complete'),
  }
}

const graphqlWs: Transport = (url, after, tell, filter = {}, authorization) => {
  let socket: WebSocket | undefined
  class Captured extends WebSocket {
    constructor(address: string, protocols?: string | string[]) {
      super(address, protocols)
      socket = this
      this.on('error', () => {})
    }
  }
  const connectionParams = { ...(authorization !== undefined && { authorization }) }
  const client = createWebSocketClient({
    url: webSocketUrl(url),
    webSocketImpl: Captured,
    retryAttempts: 0,
    connectionParams,
  })
  const to = sink(tell)
  client.subscribe<FeedData>({ query: feedQuery, variables: variablesOf(after, filter) }, to)
  return { ended: to.ended, cut: () => (socket ? socket.terminate() : void client.dispose()) }
}

const graphqlSse: Transport = (url, after, tell, filter = {}, authorization) => {
  const client = createSseClient({
    url: `${url}/graphql/stream`,
    retryAttempts: 0,
    headers: fieldsOf(authorization),
  })
  const to = sink(tell)
  const leave = client.subscribe<FeedData>({ query: feedQuery, variables: variablesOf(after, filter) }, to)
  return { ended: to.ended, cut: leave }
}

const queryOf = ({ events, ...parameters }: { after?: string | undefined; limit?: number } & Filter): string =>
  new URLSearchParams(
    Object.entries({ ...parameters, event: events }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    ),
  ).toString()

interface Item {
  cursor: string
  session_id: string
  sequence: number
  event: string
}

const transitionOf = ({ cursor, session_id, sequence, event }: Item): Message => ({
  kind: 'transition',
  cursor,
  session_id,
  sequence,
  event,
})

/**
 * EventSource reconnects by itself from the last id. Here, the first disconnection ends it. Only its fetch can add a
 * header.
 */
const eventSource: Transport = (url, after, tell, filter = {}, authorization) => {
  const source = new EventSource(`${url}${feedPath}?${queryOf({ after, ...filter })}`, {
    fetch: (address, init) => fetch(address, { ...init, headers: { ...init.headers, ...fieldsOf(authorization) } }),
  })
  source.addEventListener('ready', ({ data }) => tell({ kind: 'ready', ...JSON.parse(data) }))
  source.addEventListener('gap', ({ data }) => tell({ kind: 'gap', ...JSON.parse(data) }))
  source.onmessage = ({ data, lastEventId }) => {
    const item = JSON.parse(data) as Item
    if (item.cursor !== lastEventId) throw new Error(`the id of ${item.cursor} is ${lastEventId}`)
    tell(transitionOf(item))
  }
  const ended = new Promise<unknown>(resolve => {
    source.onerror = error => {
      source.close()
      resolve(error)
    }
  })
  return { ended, cut: () => source.close() }
}

const pollEveryMs = 30
/** Small pages, so that a burst spans several pages. */
const pageLimit = 50

/** Polls with plain GET. The responses yield the same messages as a stream. */
const polling: Transport = (url, after, tell, filter = {}, authorization) => {
  const leaving = new AbortController()
  const { signal } = leaving
  // Each request keeps a listener on the signal until it is garbage-collected.
  setMaxListeners(0, signal)
  async function poll(): Promise<unknown> {
    let cursor = after
    let ready = false
    while (!signal.aborted) {
      const response = await fetch(`${url}${feedPath}?${queryOf({ after: cursor, limit: pageLimit, ...filter })}`, {
        headers: fieldsOf(authorization),
        signal,
      })
      const body = (await response.json()) as { data: Item[]; next: string; code?: string }
      if (body.code === 'cursor_expired' || body.code === 'invalid_cursor') {
        tell({ kind: 'gap', after: cursor ?? '', reason: body.code === 'cursor_expired' ? 'expired' : 'unknown' })
        cursor = undefined
        continue
      }
      if (!response.ok) return body
      if (!ready) tell({ kind: 'ready', cursor: cursor ?? body.next })
      ready = true
      for (const item of body.data) if (!signal.aborted) tell(transitionOf(item))
      cursor = body.next
      if (body.data.length === 0) await wait(pollEveryMs, undefined, { signal })
    }
    return 'left'
  }
  return { ended: poll().catch((error: unknown) => error), cut: () => leaving.abort() }
}

export const transports = { graphqlWs, graphqlSse, eventSource, polling }
export type TransportName = keyof typeof transports
export const transportNames = Object.keys(transports) as TransportName[]
