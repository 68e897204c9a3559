import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { inputsOf } from '../support/inputs'
import { base } from '../support/interfaces'
import { feedPath, fieldsOf, type Message, type TransportName, transports } from '../support/transports'
import { within } from '../support/until'
import { Stopwatch } from './stopwatch'

// Clients of an organisation of their own, each a principal of its own. Each repeats one operation, one at a time.

export interface HonestTarget {
  url: string
  pid: number
  organisation_id: string
  /** Authorization of each operation's client. Empty if the server requires no tokens. */
  authorizations: Partial<Record<HonestOperation, string>>
  /** Cursor of the feed before the commits of these sessions. */
  cursor: string
  /** In the order of their starts. */
  sessions: string[]
}

export interface Measuring {
  operations: HonestOperation[]
  ms: number
}

export interface Latencies {
  /** Latencies in ms of what was served, and the time limit for what was not served in time. */
  times: number[]
  /** Refused or wrong responses, and requests without a response. */
  faults: string[]
}

export type Measured = Partial<Record<HonestOperation, Latencies>>

/** Time limit of one operation, in ms. */
const limitMs = 10_000
const pauseMs = 20
/** Pause after a refusal, in ms. */
const refusedMs = 200
const pageSize = 20

type Fields = Record<string, string>

async function answer(url: string, path: string, headers: Fields, body?: { method: string; json: object }) {
  const response = await fetch(url + path, {
    headers: { ...headers, ...(body && { 'Content-Type': 'application/json' }) },
    ...(body && { method: body.method, body: JSON.stringify(body.json) }),
    signal: AbortSignal.timeout(limitMs),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.status} ${text.slice(0, 200)}`)
  return text
}

/** Throws unless the response holds what it must. */
function expect(holds: boolean, text: string): void {
  if (!holds) throw new Error(`wrong: ${text.slice(0, 200)}`)
}

/** Sends a GraphQL query about an organisation. Throws the code of an error in its response. */
async function queried(url: string, query: string, organisationId: string, authorization: string | undefined) {
  const json = { query, variables: { filter: { organisationId } } }
  const { data, errors } = JSON.parse(await answer(url, '/graphql', fieldsOf(authorization), { method: 'POST', json }))
  if (errors) throw new Error(errors[0].extensions.code)
  return data
}

/** Follows the feed until a message satisfies `enough`. */
async function followed(
  transport: TransportName,
  target: HonestTarget,
  authorization: string | undefined,
  after: string | undefined,
  enough: (message: Message) => boolean,
): Promise<void> {
  const { organisation_id, url } = target
  const found = Promise.withResolvers<void>()
  const tell = (message: Message): void => {
    if (message.kind === 'gap') found.reject(new Error(`gap: ${message.reason}`))
    if (enough(message)) found.resolve()
  }
  const connection = transports[transport](url, after, tell, { organisation_id }, authorization)
  connection.ended.then(reason => found.reject(new Error(`cut off: ${JSON.stringify(reason) ?? reason}`)))
  try {
    await within(limitMs, 'the feed', found.promise)
  } finally {
    connection.cut()
  }
}

/** Name of the host of the honest receiver of webhooks. */
export const honestReceiver = 'honest.receiver.test'

/** Calls back once a message about a session arrives. */
const awaited = new Map<string, () => void>()
let receiving: Promise<void> | undefined

/** Starts a receiver, and creates an endpoint for it. */
async function receive({ url }: HonestTarget, authorization: string | undefined): Promise<void> {
  const receiver = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    response.end()
    awaited.get(JSON.parse(text).data.session_id)?.()
  })
  await once(receiver.listen(0, '127.0.0.1'), 'listening')
  const json = { url: `http://${honestReceiver}:${(receiver.address() as AddressInfo).port}/` }
  await answer(url, '/api/v1/webhook-endpoints', fieldsOf(authorization), { method: 'POST', json })
}

type Operation = (target: HonestTarget, authorization: string | undefined, n: number) => Promise<void>

const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T
const isReady = ({ kind }: Message): boolean => kind === 'ready'

const read =
  (more: Fields = {}): Operation =>
  async ({ url, sessions }, authorization, n) => {
    const id = pick(sessions, n)
    const text = await answer(url, `${base}/${id}`, { ...fieldsOf(authorization), ...more })
    expect(JSON.parse(text).session_id === id, text)
  }

const operations = {
  'a session': read(),

  async 'a dispatch'({ url, sessions }, authorization, n) {
    const json = { event: 'CalculateRequested', payload: inputsOf(1 + (n % 1_000_000)) }
    const text = await answer(url, `${base}/${pick(sessions, n)}`, fieldsOf(authorization), { method: 'PUT', json })
    expect(JSON.parse(text).state === 'loaded', text)
  },

  async 'a tiny GET'({ url }) {
    await answer(url, '/healthz', {})
  },

  async 'a page of the old feed'({ url, cursor, organisation_id, sessions }, authorization) {
    const query = new URLSearchParams({ after: cursor, organisation_id, limit: String(pageSize) })
    const text = await answer(url, `${feedPath}?${query}`, fieldsOf(authorization))
    expect(JSON.parse(text).data[0].session_id === sessions[0], text)
  },

  'a catch-up by WebSocket': (target, authorization) =>
    followed(
      'graphqlWs',
      target,
      authorization,
      target.cursor,
      message => message.kind === 'transition' && message.session_id === target.sessions.at(-1),
    ),

  async 'an export'({ url, organisation_id, sessions }, authorization) {
    const query = new URLSearchParams({ format: 'csv', organisation_id })
    const text = await answer(url, `${base}?${query}`, fieldsOf(authorization))
    expect(text.split('\r\n').length >= sessions.length, text)
  },

  async 'an import'({ url, organisation_id }, authorization) {
    const lines = Array.from({ length: pageSize }, (_, i) => ({
      mentor_id: 'm0',
      organisation_id,
      external_id: `${i}`,
    }))
    const response = await fetch(`${url}/api/v1/benefit-imports`, {
      method: 'POST',
      headers: { ...fieldsOf(authorization), 'Content-Type': 'application/x-ndjson' },
      body: lines.map(line => JSON.stringify(line)).join('\n'),
      signal: AbortSignal.timeout(limitMs),
    })
    const text = await response.text()
    expect(response.ok && text.includes('"done":true') && text.includes('"refused":0'), text)
  },

  async 'a sorted list'({ url, organisation_id }, authorization) {
    const query = new URLSearchParams({ sort: '-updated_at', limit: String(pageSize), organisation_id })
    const text = await answer(url, `${base}?${query}`, fieldsOf(authorization))
    expect(JSON.parse(text).data.length === pageSize, text)
  },

  async 'a list of mentors'({ url, organisation_id }, authorization) {
    const query =
      'query ($filter: SessionFilter) { mentors(first: 20, filter: $filter) { nodes { id sessions amounts { currency timeValue } } } }'
    const { mentors } = await queried(url, query, organisation_id, authorization)
    expect(mentors.nodes.length === 1, JSON.stringify(mentors))
  },

  async 'a find'({ url, organisation_id }, authorization) {
    const query = new URLSearchParams({ text: 'm0', organisation_id })
    const text = await answer(url, `/api/v1/benefit-search?${query}`, fieldsOf(authorization))
    const { mentors, complete } = JSON.parse(text)
    expect(mentors.length === 1 && complete, text)
  },

  async 'a costly operation'({ url, organisation_id }, authorization) {
    const query = `query ($filter: SessionFilter) { sessions(first: ${pageSize}, filter: $filter) { nodes { id transitions(first: 20) { sequence } } } }`
    const { sessions } = await queried(url, query, organisation_id, authorization)
    expect(sessions.nodes.length === pageSize, JSON.stringify(sessions))
  },

  async 'a webhook message'(target, authorization, n) {
    receiving ??= receive(target, authorization)
    await receiving
    const message = Promise.withResolvers<void>()
    const id = pick(target.sessions, n)
    awaited.set(id, message.resolve)
    // Other inputs than those of `a dispatch`: the same ones again change nothing, so they send no message.
    const json = { event: 'CalculateRequested', payload: inputsOf(1_000_000 - n) }
    await answer(target.url, `${base}/${id}`, fieldsOf(authorization), { method: 'PUT', json })
    await within(limitMs, 'the message', message.promise)
    awaited.delete(id)
  },

  'a new event stream': (target, authorization) => followed('eventSource', target, authorization, undefined, isReady),
  'a new WebSocket': (target, authorization) => followed('graphqlWs', target, authorization, undefined, isReady),
  'a new connection': read({ Connection: 'close' }),
} satisfies Record<string, Operation>

export type HonestOperation = keyof typeof operations

async function repeated(
  name: HonestOperation,
  target: HonestTarget,
  stopwatch: Stopwatch,
  ms: number,
  first: number,
): Promise<Latencies> {
  const latencies: Latencies = { times: [], faults: [] }
  const until = performance.now() + ms
  for (let n = first; performance.now() < until; n++) {
    const [began, elapsedMs] = [performance.now(), stopwatch.start()]
    try {
      await (operations[name] as Operation)(target, target.authorizations[name], n)
      latencies.times.push(elapsedMs())
      await wait(pauseMs)
    } catch (error) {
      const { message, cause } = error as Error
      latencies.faults.push(cause ? `${message}: ${(cause as Error).message}` : message)
      if (performance.now() - began >= limitMs) latencies.times.push(limitMs)
      await wait(refusedMs)
    }
  }
  return latencies
}

function main(target: HonestTarget): void {
  const stopwatch = new Stopwatch(target.pid)
  let first = 0
  process.on('message', async ({ operations, ms }: Measuring) => {
    first += 1_000
    const all = operations.map(async name => [name, await repeated(name, target, stopwatch, ms, first)] as const)
    process.send?.(Object.fromEntries(await Promise.all(all)) satisfies Measured)
  })
}

if (require.main === module) {
  process.once('disconnect', () => process.exit())
  process.once('message', main)
}
