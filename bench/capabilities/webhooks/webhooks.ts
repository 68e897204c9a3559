import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { MongoClient } from 'mongodb'
import { sessionsPath } from '../../../src/rest/resources/sessions'
import { until } from '../../../test/support/until'
import { type Asked, load } from '../../load'
import { figure, type Measured, openMeasured } from '../../measured'
import { chosen, machine, median, ourProgram, say } from '../../report'
import { diskBytesOf, Server } from '../../server'

// Measures how many bytes are written for webhook endpoints while sessions start, each round on a new store. Then fails
// unless the stored attempts are those that the receiver counted, and unless a server that is started again delivers
// every message.

const { values } = parseArgs({
  options: {
    endpoints: { type: 'string', default: '100' },
    events: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    store: { type: 'string', default: 'mongo,embedded' },
  },
})
const endpoints = Number(values.endpoints)
const events = Number(values.events)
const seconds = Number(values.seconds)
const rounds = Number(values.rounds)
const stores = chosen(values.store, ['mongo', 'embedded'])

const endpointsPath = '/api/v1/webhook-endpoints'
const patienceMs = 120_000
/** Time in ms without a message after which the receiver expects no more messages before the next retries. */
const quietMs = 7_000

/** A receiver with one path for each endpoint. Counts the attempts by path and session. */
class Receiver {
  status = 204
  attempts = new Map<string, Map<string, number>>()
  lastAt = 0
  readonly #server = createServer(async (request, response) => {
    const { session_id } = JSON.parse(await text(request)).data
    const { url = '' } = request
    const sessions = this.attempts.get(url) ?? new Map<string, number>()
    this.attempts.set(url, sessions.set(session_id, (sessions.get(session_id) ?? 0) + 1))
    this.lastAt = performance.now()
    response.writeHead(this.status).end()
  })

  async start(): Promise<this> {
    await new Promise<void>(resolve => void this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  urlAt(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`
  }

  /** Number of messages for which there was an attempt. */
  get messages(): number {
    return [...this.attempts.values()].reduce((sum, { size }) => sum + size, 0)
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

async function ask(port: number, requests: Asked[], expected: number): Promise<string[]> {
  const bodies: string[] = []
  await load(port, requests.values(), ({ status, body }, { path }) => {
    if (status !== expected) throw new Error(`${path} is answered by ${status} ${body}`)
    bodies.push(body)
  })
  return bodies
}

/** Returns functions that count the bytes written since the call, in MB. */
async function countingBytes({ place, database, flush }: Measured, { pid }: Server) {
  const process = database ?? pid
  await flush?.()
  const began = diskBytesOf(process)
  const client = place.env.MONGODB_URI === undefined ? undefined : await MongoClient.connect(place.env.MONGODB_URI)
  const log = client?.db('local').collection('oplog.rs')
  const [last] = (await log?.find().sort({ $natural: -1 }).limit(1).toArray()) ?? []
  return {
    async disk(): Promise<number> {
      await flush?.()
      return (diskBytesOf(process) - began) / 1e6
    },
    async oplog(): Promise<number> {
      const sum = { _id: null, bytes: { $sum: { $bsonSize: '$$ROOT' } } }
      const [found] = (await log?.aggregate([{ $match: { ts: { $gt: last?.ts } } }, { $group: sum }]).toArray()) ?? []
      await client?.close()
      return (found?.bytes ?? 0) / 1e6
    },
  }
}

/** Throws unless the store contains an endpoint's failed attempts, as the receiver counted them. */
async function requireStored(measured: Measured, ids: Map<string, string>, { attempts }: Receiver): Promise<void> {
  const store = await measured.open()
  try {
    for (const [path, endpoint_id] of ids) {
      const stored = await store.webhooks.readDelivery(endpoint_id)
      const held = new Map(stored?.held.map(({ session_id, attempts }) => [session_id, attempts]))
      for (const [session_id, count] of attempts.get(path) ?? [])
        if (held.get(session_id) !== count)
          throw new Error(`${count} attempts for ${path} and ${session_id}, stored: ${held.get(session_id)}`)
    }
  } finally {
    await store.end()
  }
}

interface Figures {
  diskMb: number
  oplogMb: number
  attempts: number
}

/** Starts sessions while endpoints receive their messages, and counts the bytes written. */
async function measured(store: Measured, count: number, status: number): Promise<Figures> {
  const receiver = await new Receiver().start()
  const env = { ...store.place.env, WEBHOOKS: 'on', WEBHOOKS_ALLOW_PRIVATE: 'on' }
  let server = await Server.start(ourProgram, env)
  try {
    const paths = Array.from({ length: count }, (_, n) => `/${n}`)
    const creations = paths.map(path => ({ method: 'POST', path: endpointsPath, body: { url: receiver.urlAt(path) } }))
    const created = (await ask(server.port, creations, 201)).map(body => JSON.parse(body))
    const ids = new Map<string, string>(created.map(({ url, endpoint_id }) => [new URL(url).pathname, endpoint_id]))
    await wait(2_000)
    receiver.status = status
    const bytes = await countingBytes(store, server)
    const starts = Array.from({ length: events }, (_, n) => ({
      ...{ method: 'POST', path: sessionsPath },
      body: { mentor_id: `mentor_${n % 50}` },
    }))
    const over = wait(1_000 * seconds)
    await ask(server.port, starts, 201)
    await over
    const attempts = [...receiver.attempts.values()].flatMap(sessions => [...sessions.values()])
    const figures = {
      attempts: attempts.reduce((sum, n) => sum + n, 0),
      diskMb: await bytes.disk(),
      oplogMb: await bytes.oplog(),
    }
    await until(() => performance.now() > receiver.lastAt + quietMs, patienceMs, 'the attempts to end')
    await server.stop()
    if (status >= 300) await requireStored(store, ids, receiver)
    receiver.status = 204
    if (status >= 300) receiver.attempts.clear()
    server = await Server.start(ourProgram, env)
    for (const paused of [true, false]) {
      const changes = [...ids.values()].map(id => ({
        method: 'PATCH',
        path: `${endpointsPath}/${id}`,
        body: { paused },
      }))
      await ask(server.port, changes, 200)
    }
    await until(() => receiver.messages === count * events, patienceMs, 'all messages')
    return figures
  } finally {
    await server.stop()
    receiver.stop()
  }
}

const ways = {
  'no endpoints': (store: Measured) => measured(store, 0, 204),
  [`${endpoints} endpoints, all attempts succeed`]: (store: Measured) => measured(store, endpoints, 204),
  [`${endpoints} endpoints, all attempts fail`]: (store: Measured) => measured(store, endpoints, 500),
}

/** Measures all ways on one store, and prints a table. */
async function compare(name: keyof typeof openMeasured): Promise<void> {
  const found = new Map<string, Figures[]>()
  let title = ''
  for (let round = 0; round < rounds; round++) {
    for (const [way, measure] of Object.entries(ways)) {
      const store = await openMeasured[name]()
      try {
        title = store.name
        found.set(way, [...(found.get(way) ?? []), await measure(store)])
      } finally {
        await store.end()
      }
    }
  }
  say(`\n${title}: ${events} sessions start, ${seconds} s, median of ${rounds}\n`)
  say('| | attempts | written to disk, MB | oplog, MB |')
  say('| --- | ---: | ---: | ---: |')
  for (const [way, figures] of found) {
    const of = (member: keyof Figures): number => median(figures.map(each => each[member]))
    const oplog = name === 'mongo' ? figure(of('oplogMb')) : ''
    say(`| ${way} | ${of('attempts').toLocaleString('en')} | ${figure(of('diskMb'))} | ${oplog} |`)
  }
}

async function main(): Promise<void> {
  for (const name of stores) await compare(name)
  say(`\n${machine()}`)
  process.exit()
}

main().catch((error: Error) => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})
