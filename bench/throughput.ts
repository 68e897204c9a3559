import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { MongoClient } from 'mongodb'
import { ReplicaSet } from '../test/support/mongod'
import { Bare, type Contestant, type Figure, type Program, Served, type Workload } from './contestants'
import { connections as usualConnections } from './load'
import { type Action, type Api, actions, apis, sessionCount } from './paths'
import { filePlace, mongoDatabase, type Place } from './places'
import { Processes } from './processes'
import { builds, chosen, machine, median, say } from './report'
import { Server } from './server'

// Compares this server with usual ones (bench/peers), with another build of it, or with several of its processes behind
// nginx, path by path and in turn, on one store: requests per second, and CPU time of server and MongoDB per request.
// The run is valid only if every response is correct and the same on all servers, all servers run on the same Node.js,
// and the store contains exactly the acknowledged writes.

const peers = [...apis.flatMap(api => Object.keys(api.peers)), 'sqlite']
const { values: stated } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '5' },
    nodes: { type: 'string', default: '1' },
    only: { type: 'string', default: actions.join() },
    peers: { type: 'string', default: peers.join() },
    store: { type: 'string', default: 'mongo,embedded' },
    sessions: { type: 'string', default: `${sessionCount},20000` },
    version: { type: 'string', default: '10' },
    connections: { type: 'string', default: `${usualConnections}` },
    'warm-up': { type: 'string', default: '120' },
    build: { type: 'string' },
    processes: { type: 'string' },
  },
})
const [seconds, rounds, nodes] = [stated.seconds, stated.rounds, stated.nodes].map(Number) as [number, number, number]
const [version, warmUpSeconds] = [Number(stated.version), Number(stated['warm-up'])]
const connections = Number(stated.connections)

const sizes = stated.sessions.split(',').map(Number)

const chosenActions = chosen(stated.only, actions)
const chosenPeers = stated.peers === 'none' ? [] : chosen(stated.peers, peers)
const hasBare = chosenPeers.includes('sqlite')
const chosenStores = chosen(stated.store, ['mongo', 'embedded'])
const programOf = (name: string, file: string, isOurs: boolean): Program => ({
  name,
  isOurs,
  start: env => Server.start(file, env),
})
const processesOf = (count: number): Program => ({
  name: `${count} behind nginx`,
  isOurs: true,
  start: env => Processes.start(count, env),
})
/** The programs that are builds of this server. */
const ourPrograms = stated.processes
  ? stated.processes.split(',').map(count => processesOf(Number(count)))
  : builds(stated.build).map(({ name, file }) => programOf(name, file, true))
const peersOf = (api: Api) => Object.entries(api.peers).filter(([file]) => chosenPeers.includes(file))

const changed = (path: string): number => (existsSync(path) ? statSync(path).mtimeMs : 0)

/** Returns the ratios of the pairs, first to second: median and range. */
function ratio(first: number[], second: number[]): string {
  const ratios = first.map((number, i) => number / (second[i] as number))
  const [middle, least, most] = [median(ratios), Math.min(...ratios), Math.max(...ratios)].map(n => n.toFixed(2))
  return `${middle} [${least}–${most}]`
}

/** Returns the lowest and the highest version of the sessions in these rounds. */
function versionsIn(figures: Figure[]): string {
  const versions = figures.flatMap(({ versions }) => versions ?? [])
  return versions.length > 0 ? `${Math.min(...versions)}–${Math.max(...versions)}` : ''
}

/**
 * Runs all contestants in turn, round by round, and prints a row for each. Each further row also has the ratios of the
 * first contestant to its own.
 */
async function compare(path: string, contestants: Contestant[]): Promise<void> {
  const answers = new Set(contestants.flatMap(({ answer }) => answer ?? []))
  if (answers.size > 1) throw new Error(`to ${path} they answer ${[...answers].join(', and ')}`)
  if (new Set(contestants.map(({ node }) => node)).size > 1) {
    const nodes = contestants.map(({ name, node }) => `${name} on ${node}`)
    throw new Error(`the servers run on different versions of Node.js: ${nodes.join(', ')}`)
  }
  const rows = contestants.map(contestant => ({ contestant, figures: [] as Figure[] }))
  for (let round = 0; round <= rounds; round++) {
    for (const { contestant, figures } of rows) {
      const figure = await contestant.round(seconds)
      if (round > 0) figures.push(figure) // round 0 is a warm-up: code is compiled, and caches fill
    }
  }
  const ratesOf = (figures: Figure[]): number[] => figures.map(({ perSecond }) => perSecond)
  const costsOf = (figures: Figure[]): number[] => figures.map(({ cpuMicros }) => cpuMicros)
  for (const [i, { contestant, figures }] of rows.entries()) {
    await contestant.end()
    const [rates, costs, first] = [ratesOf(figures), costsOf(figures), rows[0]?.figures ?? []]
    const database = figures.flatMap(({ databaseMicros }) => databaseMicros ?? [])
    const ofDatabase = database.length > 0 ? median(database).toFixed(0) : ''
    const ratios = i === 0 ? ['', ''] : [ratio(ratesOf(first), rates), ratio(costs, costsOf(first))]
    const numbers = [median(rates).toFixed(0), median(costs).toFixed(0), ofDatabase]
    const cells = [contestant.node, versionsIn(figures), ...numbers, ...ratios]
    say(`| ${[path, contestant.name, ...cells].join(' | ')} |`)
  }
}

/** Starts the contestants that are not builds of this server. */
type Beside = (workload: Workload) => Promise<Contestant[]>

/** Starts servers one after the other, so that each has all cores for its warm-up. */
async function started(programs: Program[], workload: Workload, newPlace: () => Place): Promise<Contestant[]> {
  const contestants: Contestant[] = []
  for (const program of programs) contestants.push(await Served.start(program, workload, newPlace()))
  return contestants
}

/** Returns what is measured over an interface. Dispatches go to few sessions first, then to many. */
const workloadsOf = (api: Api, action: Action): Workload[] =>
  action === 'dispatch'
    ? sizes.map(sessions => ({ api, action, sessions, version, warmUpSeconds, connections }))
    : [{ api, action, sessions: sessionCount, version: 2, warmUpSeconds, connections }]

async function measure(store: string, apis: Api[], newPlace: () => Place, beside: Beside): Promise<void> {
  say(`\n${store}; ${connections} connections, ${rounds} rounds of ${seconds} s; ${machine()}`)
  say(`Sessions have version ${version} or more before a dispatch, after a warm-up of at most ${warmUpSeconds} s.\n`)
  const numbers = 'requests/s | CPU µs/request | MongoDB | requests/s, ours to it | CPU, it to ours'
  say(`| path | server | Node.js | versions | ${numbers} |`)
  say('| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: |')
  for (const action of chosenActions) {
    for (const workload of apis.flatMap(api => workloadsOf(api, action))) {
      const path = `${workload.api.name} ${action}`
      const sessions = action === 'dispatch' ? `, ${workload.sessions.toLocaleString('en')} sessions` : ''
      const ours = await started(ourPrograms, workload, newPlace)
      await compare(path + sessions, [...ours, ...(await beside(workload))])
    }
  }
}

async function onMongo(apis: Api[]): Promise<void> {
  const isOutdated = changed('bench/package-lock.json') > changed('bench/node_modules/.package-lock.json')
  if (isOutdated && apis.some(api => peersOf(api).length > 0)) {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: 'bench',
      stdio: ['ignore', 2, 2],
    })
  }
  const set = await ReplicaSet.start(nodes)
  const client = new MongoClient(set.uri)
  try {
    const { version } = await client.db().admin().serverInfo()
    const pids = Array.from({ length: nodes }, (_, node) => set.pid(node) as number)
    const newPlace = () => mongoDatabase(set.uri, client, pids)
    const beside = (workload: Workload) => {
      const peers = peersOf(workload.api).map(([file, name]) => programOf(name, `bench/peers/${file}.mjs`, false))
      return started(peers, workload, newPlace)
    }
    await measure(`MongoDB ${version}, nodes: ${nodes}`, apis, newPlace, beside)
  } finally {
    await client.close()
    await set.stop()
  }
}

async function onFile(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'throughput-'))
  const newPlace = () => filePlace(folder)
  try {
    await measure('The embedded store', apis, newPlace, async workload =>
      hasBare && ['start', 'dispatch'].includes(workload.action)
        ? [1, connections].map(writes => new Bare(writes, workload, newPlace()))
        : [],
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function main(): Promise<void> {
  const isMeasured = (api: Api) => ourPrograms.length > 1 || peersOf(api).length > 0
  if (chosenStores.includes('mongo') && apis.some(isMeasured)) await onMongo(apis.filter(isMeasured))
  if (chosenStores.includes('embedded') && !stated.processes && (ourPrograms.length > 1 || hasBare)) await onFile()
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
main().catch(error => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})
