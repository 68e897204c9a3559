import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Document, MongoClient } from 'mongodb'
import { WebSocket } from 'ws'
import { ReplicaSet } from '../test/support/mongod'
import type { Recorded, Updates } from './floor-bare'
import { type Answer, type Asked, Connection, connections, load } from './load'
import { askGraphql, graphql, rest, sessionCount } from './paths'
import { filePlace, mongoDatabase, type Place } from './places'
import { chosen, machine, median, ourProgram, say } from './report'
import { Server } from './server'

// Compares the CPU time of a request with the least that it can cost (bench/floor-bare.ts): a bare node:http server and a
// bare ws server that send the same bytes, and the driver's updateOne alone. Both get the same requests at the same fixed
// rate over the same number of connections, in turn: at different rates, their costs per request can't be compared, because
// a write to a socket costs more if its reader sleeps. The run is valid only if every response has the expected bytes, and
// comparable only if both keep the rate.

/** Requests per second. Each makes the server busy for about half of the time on one core. */
const rates = { read: 6_000, list: 3_000, 'GraphQL read': 4_000, dispatch: 1_000 }
type Path = keyof typeof rates
const paths = Object.keys(rates) as Path[]

const { values: stated } = parseArgs({
  options: {
    only: { type: 'string', default: paths.join() },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '5' },
    nodes: { type: 'string', default: '1' },
    store: { type: 'string', default: 'mongo,embedded' },
    /** Part of the rates. */
    rate: { type: 'string', default: '1' },
  },
})
const [seconds, rounds, nodes, part] = [stated.seconds, stated.rounds, stated.nodes, stated.rate].map(Number) as [
  number,
  number,
  number,
  number,
]

/** Calculations that each session has before the first round. */
const calculations = 5
type Send = (n: number) => Promise<void>
interface Senders {
  senders: Send[]
  close(): void
}

const rateOf = (path: Path): number => rates[path] * part

/** Sends requests at a fixed rate, each sender in its turn. */
async function paced(senders: Send[], perSecond: number): Promise<number> {
  const pauseMs = (senders.length / perSecond) * 1_000
  const turns = Math.ceil((seconds * 1_000) / pauseMs)
  const began = performance.now()
  await Promise.all(
    senders.map(async (send, i) => {
      for (let turn = 0; turn < turns; turn++) {
        await wait(Math.max(0, began + (turn + i / senders.length) * pauseMs - performance.now()))
        await send(turn * senders.length + i)
      }
    }),
  )
  return turns * senders.length
}

/** The headers without those that Node.js adds by itself. */
function headersIn(head: string): string[] {
  const lines = head.split('\r\n').slice(1)
  const names = /^(date|connection|keep-alive):/i
  return lines
    .filter(line => !names.test(line))
    .flatMap(line => [line.split(': ', 1)[0] as string, line.replace(/^.*?: /, '')])
}

/** Connects senders of HTTP requests. */
function overHttp(port: number, asked: (n: number) => Asked, isRight: (answer: Answer) => boolean): Senders {
  const open = Array.from({ length: connections }, () => new Connection(port))
  const senders = open.map(connection => async (n: number) => {
    const answer = await connection.ask(asked(n))
    if (!isRight(answer)) throw new Error(`${answer.status} ${answer.body} to ${JSON.stringify(asked(n))}`)
  })
  return { senders, close: () => void open.map(({ socket }) => socket.destroy()) }
}

async function connected(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws')
  await once(socket, 'open')
  socket.send('{"type":"connection_init"}')
  await once(socket, 'message')
  return socket
}

/** Connects senders of operations over WebSockets. The frames of each must have as many bytes as the expected ones. */
async function overSockets(port: number, operation: (n: number) => string, expected: string[]): Promise<Senders> {
  const open = await Promise.all(Array.from({ length: connections }, () => connected(port)))
  const senders = open.map(socket => async (n: number) => {
    const frames = await operate(socket, operation(n), expected.length)
    if (frames.join('').length !== expected.join('').length) throw new Error(`${frames} to ${operation(n)}`)
  })
  return { senders, close: () => void open.map(socket => socket.terminate()) }
}

/** Sends an operation. Resolves with its frames. */
function operate(socket: WebSocket, operation: string, frames: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const texts: string[] = []
    const hear = (data: unknown): void => {
      if (texts.push(String(data)) < frames) return
      socket.off('message', hear).off('close', reject)
      resolve(texts)
    }
    socket.on('message', hear).on('close', reject)
    socket.send(operation)
  })
}

interface Costs {
  perSecond: number[]
  server: number[]
  database: number[]
}
/** Makes one round. Resolves with the number of requests. */
type Round = () => Promise<number>
interface Contestant {
  name: string
  server: Server
  /** Work before each round that is not measured. */
  prepare?(): Promise<unknown>
  round: Round
}

/** Runs both in turn, and prints their costs per request and the ratios of the pairs. */
async function compare(
  store: string,
  path: Path,
  contestants: Contestant[],
  cpuOfDatabase: () => number,
): Promise<void> {
  const costs: Costs[] = contestants.map(() => ({ perSecond: [], server: [], database: [] }))
  for (let round = 0; round <= rounds; round++) {
    for (const [i, { server, prepare, round: run }] of contestants.entries()) {
      await prepare?.()
      const before = [server.cpuMicros, cpuOfDatabase(), performance.now()] as const
      const count = await run()
      const took = performance.now() - before[2]
      if (round === 0) continue // a warm-up: code is compiled, and caches fill
      costs[i]?.perSecond.push((count * 1_000) / took)
      costs[i]?.server.push((server.cpuMicros - before[0]) / count)
      costs[i]?.database.push((cpuOfDatabase() - before[1]) / count)
    }
  }
  const ours = costs[0] as Costs
  for (const [i, { name }] of contestants.entries()) {
    const { perSecond, server, database } = costs[i] as Costs
    const pairs = server.map((micros, n) => (ours.server[n] as number) / micros)
    const ratio =
      i === 0 ? '' : `${median(pairs).toFixed(2)} [${Math.min(...pairs).toFixed(2)}–${Math.max(...pairs).toFixed(2)}]`
    const figures = [perSecond, server, database].map(numbers => median(numbers).toFixed(0))
    say(`| ${[store, path, name, ...figures, ratio].join(' | ')} |`)
  }
}

/** The server with sessions, and what the paths need of it. */
async function prepared(env: Record<string, string>) {
  const server = await Server.start(ourProgram, { ...env, CONNECTIONS_PER_ADDRESS: '1000' })
  const ids: string[] = []
  const repeat = (asked: (n: number) => Asked) => Array.from({ length: sessionCount }, (_, n) => asked(n)).values()
  await load(
    server.port,
    repeat(n => rest.ask.start('', n)),
    ({ body }) => void ids.push(/session_\w{8,}/.exec(body)?.[0] as string),
  )
  for (let i = 0; i < calculations; i++) {
    await load(
      server.port,
      repeat(n => rest.ask.dispatch(ids[n] as string, 100_000 + i)),
      () => {},
    )
  }
  const connection = new Connection(server.port)
  return { server, ids, connection }
}

type Store = 'mongo' | 'embedded'

/** Compares the paths on one store. `client` is connected to the replica set. */
async function measure(store: Store, { env, cpuMicros }: Place, client?: MongoClient): Promise<void> {
  const cpuOfDatabase = (): number => cpuMicros?.() ?? 0
  const { server, ids, connection } = await prepared(env)
  const idOf = (n: number): string => ids[n % ids.length] as string
  const bare = (recorded?: Recorded): Promise<Server> =>
    Server.start('dist/bench/floor-bare.js', { ...env, ...(recorded && { RECORDED: JSON.stringify(recorded) }) })

  /** Compares the server with a bare one that sends the same bytes. */
  async function beside(
    path: Path,
    name: string,
    recorded: Recorded,
    connect: (port: number) => Senders | Promise<Senders>,
  ) {
    const least = await bare(recorded)
    const [ours, theirs] = [await connect(server.port), await connect(least.port)]
    const contestants = [
      { name: 'ours', server, round: () => paced(ours.senders, rateOf(path)) },
      { name, server: least, round: () => paced(theirs.senders, rateOf(path)) },
    ]
    await compare(store, path, contestants, cpuOfDatabase)
    ours.close()
    theirs.close()
    await least.stop()
  }

  async function overHttpBeside(path: Path, asked: (n: number) => Asked): Promise<void> {
    const { status, head, body } = await connection.ask(asked(0))
    const isRight = (answer: Answer): boolean => answer.status === 200 && answer.body.length === body.length
    const recorded = { status, headers: headersIn(head), body, frames: [] }
    await beside(path, 'node:http with the same bytes', recorded, port => overHttp(port, asked, isRight))
  }

  async function overSocketsBeside(): Promise<void> {
    const { query } = graphql.ask.read('', 0).body as { query: string }
    const operation = (n: number): string =>
      JSON.stringify({ id: '1', type: 'subscribe', payload: askGraphql(query, { id: idOf(n) }).body })
    const socket = await connected(server.port)
    const frames = await operate(socket, operation(0), 2)
    socket.terminate()
    const recorded = { status: 200, headers: [], body: '', frames }
    await beside('GraphQL read', 'ws with the same bytes', recorded, port => overSockets(port, operation, frames))
  }

  /** Compares dispatches with updates of the same documents by the driver alone. */
  async function besideUpdates(client: MongoClient): Promise<void> {
    const path = 'dispatch'
    const perSecond = rateOf(path)
    let dispatches = 0
    const dispatch = (n: number): Asked => rest.ask.dispatch(idOf(n), 200_000 + dispatches++)
    const isRight = ({ status, body }: Answer): boolean => status === 200 && body.includes('"state":"loaded"')
    const ours = overHttp(server.port, dispatch, isRight)
    const least = await bare()
    const db = client.db(new URL(env.MONGODB_URI as string).pathname.slice(1))
    const sessions = await db.collection<Document & { _id: string }>('sessions').find().toArray()
    let copies = 0
    // New copies for each round, so that a round does not depend on earlier rounds.
    const prepare = () => db.collection<Document & { _id: string }>(`copies_${++copies}`).insertMany(sessions)
    async function update(): Promise<number> {
      const updates: Updates = { collection: `copies_${copies}`, perSecond, seconds, inFlight: connections }
      const options = { method: 'POST', body: JSON.stringify(updates) }
      return Number(await (await fetch(`http://127.0.0.1:${least.port}/updates`, options)).text())
    }
    const contestants = [
      { name: 'ours', server, round: () => paced(ours.senders, perSecond) },
      { name: 'updateOne of the driver', server: least, prepare, round: update },
    ]
    await compare(store, path, contestants, cpuOfDatabase)
    ours.close()
    await least.stop()
  }

  const run: Record<Path, () => Promise<void>> = {
    read: () => overHttpBeside('read', n => rest.ask.read(idOf(n), n)),
    list: () => overHttpBeside('list', n => rest.ask.list('', n)),
    'GraphQL read': overSocketsBeside,
    dispatch: async () => void (client && (await besideUpdates(client))),
  }
  for (const path of chosen(stated.only, paths)) await run[path]()
  connection.socket.destroy()
  await server.stop()
}

async function onMongo(): Promise<void> {
  const set = await ReplicaSet.start(nodes)
  const client = new MongoClient(set.uri)
  try {
    const pids = Array.from({ length: nodes }, (_, i) => set.pid(i) as number)
    await measure('mongo', mongoDatabase(set.uri, client, pids), client)
  } finally {
    await client.close()
    await set.stop()
  }
}

async function onFile(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'floor-'))
  await measure('embedded', filePlace(folder))
  rmSync(folder, { recursive: true })
}

async function main(): Promise<void> {
  say(`${rounds} rounds of ${seconds} s over ${connections} connections, MongoDB with ${nodes} nodes; ${machine()}\n`)
  say('| store | path | server | requests/s | CPU µs/request | MongoDB CPU µs/request | ours to it |')
  say('| --- | --- | --- | ---: | ---: | ---: | ---: |')
  const run: Record<Store, () => Promise<void>> = { mongo: onMongo, embedded: onFile }
  for (const store of chosen(stated.store, ['mongo', 'embedded'])) await run[store]()
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
main().catch(error => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})
