import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import autocannon from 'autocannon'
import { MongoClient } from 'mongodb'
import { ReplicaSet } from '../test/support/mongod'

// Requests a second of this server and of a usual one (bench/usual.ts) on one MongoDB, in turn, path by path. It counts
// only if every answer was what it had to be, and every write is found in the database afterwards.

const connections = Number(process.env.CONNECTIONS ?? 64)
const seconds = Number(process.env.SECONDS ?? 4)
const rounds = Number(process.env.ROUNDS ?? 3)
const sessionCount = 500
const base = '/api/v1/benefit-calculator-sessions'

interface Path {
  name: string
  writes?: true
  request(id: string, n: number): { method: 'GET' | 'PUT' | 'POST'; path: string; body?: object }
  expect: RegExp
}

const payload = (n: number) => ({
  sessions: 1 + (n % 900_000),
  avg_minutes: 30,
  cost_per_session: 3.5,
  cost_per_hour: 30,
})
const read = 'query ($id: ID!) { session(id: $id) { id mentorId state version resultId createdAt updatedAt } }'
const write =
  'mutation ($input: DispatchEventInput!) { dispatchEvent(input: $input) { session { id state version result { outputs { netBenefit benefitCostRatio } } } } }'

const paths: Path[] = [
  { name: 'REST    read', request: id => ({ method: 'GET', path: `${base}/${id}` }), expect: /"session_id":"bench_/ },
  { name: 'REST    list', request: () => ({ method: 'GET', path: `${base}?limit=20` }), expect: /"total":500/ },
  {
    name: 'REST    calculate',
    writes: true,
    request: (id, n) => ({
      method: 'PUT',
      path: `${base}/${id}`,
      body: { event: 'CalculateRequested', payload: payload(n) },
    }),
    expect: /"state":"loaded"/,
  },
  {
    name: 'GraphQL read',
    request: id => ({ method: 'POST', path: '/graphql', body: { query: read, variables: { id } } }),
    expect: /^\{"data":\{"session":\{"id":"bench_/,
  },
  {
    name: 'GraphQL calculate',
    writes: true,
    request: (id, n) => {
      const { sessions, avg_minutes, cost_per_session, cost_per_hour } = payload(n)
      const inputs = { sessions, avgMinutes: avg_minutes, costPerSession: cost_per_session, costPerHour: cost_per_hour }
      const input = { sessionId: id, event: graphqlEvent, payload: inputs }
      return { method: 'POST', path: '/graphql', body: { query: write, variables: { input } } }
    },
    expect: /"benefitCostRatio":4.29/,
  },
]

const graphqlEvent = 'CALCULATE_REQUESTED'

async function main(): Promise<void> {
  const set = await ReplicaSet.start(Number(process.env.NODES ?? 1))
  const client = new MongoClient(set.uri)
  const ours = await started('src/main.js', `${set.uri}`, 'ours')
  const usual = await started('bench/usual.js', `${set.uri}`, 'usual')
  try {
    process.stdout.write(
      `${connections} connections, ${rounds} rounds of ${seconds} s each, requests a second (median)\n`,
    )
    for (const path of paths) {
      const figures: [number, number][] = []
      for (let round = 0; round < rounds; round++) {
        figures.push([await run(ours, path, client), await run(usual, path, client)])
      }
      const ratios = figures.map(([a, b]) => a / b)
      const [a, b] = [median(figures.map(f => f[0])), median(figures.map(f => f[1]))]
      const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`
      process.stdout.write(
        `${path.name.padEnd(18)} ${a.toFixed(0).padStart(6)}  usual ${b.toFixed(0).padStart(6)}  ratio ${median(ratios).toFixed(2)} (${range})\n`,
      )
    }
  } finally {
    ours.process.kill()
    usual.process.kill()
    await client.close()
    await set.stop()
  }
}

interface Target {
  url: string
  database: string
  process: ChildProcess
}

async function started(script: string, uri: string, name: string): Promise<Target> {
  const database = `bench_${name}_${randomUUID()}`
  const target = new URL(uri)
  target.pathname = database
  const env = { ...process.env, MONGODB_URI: target.href, PORT: '0', LOG_LEVEL: 'info', NODE_ENV: 'production' }
  const child = spawn(process.execPath, [`dist/${script}`], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await new Promise<string[]>(resolve =>
    createInterface(child.stdout).once('line', l => resolve([l])),
  )) as [string]
  child.stdout.resume()
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]
  if (!url) throw new Error(`${script} said ${line}`)
  return { url, database, process: child }
}

/** Sessions that are as new for each run, so that no run meets what an earlier one left. */
async function prepared({ database }: Target, client: MongoClient): Promise<string[]> {
  const sessions = client.db(database).collection<{ _id: string }>('sessions')
  await sessions.deleteMany({})
  const at = new Date('2026-03-26T09:00:00Z')
  const documents = Array.from({ length: sessionCount }, (_, i) => ({
    _id: `bench_${i}`,
    mentor_id: `mentor_${i % 50}`,
    organisation_id: null,
    state: 'initial',
    last_event: null,
    result_id: null,
    created_at: at,
    updated_at: at,
    version: 1,
    last_inputs: null,
    shares: [],
    transitions: [{ event: 'SessionStarted', from: null, to: 'initial', sequence: 1, at, result_id: null }],
    results: [],
    keys: [],
  }))
  await sessions.insertMany(documents)
  return documents.map(({ _id }) => _id)
}

async function run(target: Target, path: Path, client: MongoClient): Promise<number> {
  const ids = await prepared(target, client)
  let n = 0
  const result = await autocannon({
    url: target.url,
    connections,
    duration: seconds,
    workers: 0,
    requests: [
      {
        setupRequest: (request: object) => {
          n++
          const { method, path: to, body } = path.request(ids[n % ids.length] as string, n)
          const text = body && JSON.stringify(body)
          return {
            ...request,
            method,
            path: to,
            body: text,
            headers: text ? { 'content-type': 'application/json' } : {},
          } as never
        },
      },
    ],
    verifyBody: (body: unknown) => path.expect.test(String(body)),
  } as never)
  const { mismatches, non2xx, errors } = result as autocannon.Result & { mismatches: number }
  if (mismatches + non2xx + errors > 0)
    throw new Error(`${path.name}: ${mismatches} wrong, ${non2xx} refused, ${errors} failed`)
  if (path.writes) await checked(target, client, result.requests.total)
  return result.requests.average
}

/** Each answered write is one result in the database; those cut off with the run may be there too. */
async function checked({ database }: Target, client: MongoClient, answered: number): Promise<void> {
  const [counted] = await client
    .db(database)
    .collection('sessions')
    .aggregate<{ results: number; wrong: number }>([
      {
        $group: {
          _id: null,
          results: { $sum: { $size: '$results' } },
          wrong: { $sum: { $cond: [{ $eq: [{ $size: '$transitions' }, '$version'] }, 0, 1] } },
        },
      },
    ])
    .toArray()
  if (!counted || counted.wrong > 0 || counted.results < answered || counted.results > answered + connections) {
    throw new Error(`${answered} writes were answered, ${JSON.stringify(counted)} are in the database`)
  }
}

const median = (numbers: number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number

main().catch(error => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})
