import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { MongoClient } from 'mongodb'
import { ReplicaSet } from '../test/support/mongod'
import { Bare, type Contestant, Served } from './contestants'
import { connections } from './load'
import { type Action, actions, type Door, doors } from './paths'
import { filePlace, mongoDatabase, type Place } from './places'
import { chosen, machine, median, say } from './report'

// Compares this server with usual ones (bench/peers) on one MongoDB, path by path and in turn: requests per second, and
// CPU time of the server per request. The run is valid only if every response is correct and the same on all servers,
// and the database holds exactly the acknowledged writes.

const peers = [...doors.flatMap(door => Object.keys(door.peers)), 'sqlite']
const { values: stated } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '5' },
    nodes: { type: 'string', default: '1' },
    only: { type: 'string', default: actions.join() },
    peers: { type: 'string', default: peers.join() },
  },
})
const [seconds, rounds, nodes] = [stated.seconds, stated.rounds, stated.nodes].map(Number) as [number, number, number]

const chosenActions = chosen(stated.only, actions)
const chosenPeers = chosen(stated.peers, peers)
const peersOf = (door: Door) => Object.entries(door.peers).filter(([file]) => chosenPeers.includes(file))

const changed = (path: string): number => (existsSync(path) ? statSync(path).mtimeMs : 0)

/** Returns the ratios of the pairs, first to second: median and range. */
function ratio(first: number[], second: number[]): string {
  const ratios = first.map((number, i) => number / (second[i] as number))
  const [middle, least, most] = [median(ratios), Math.min(...ratios), Math.max(...ratios)].map(n => n.toFixed(2))
  return `${middle} [${least}–${most}]`
}

/**
 * Runs all contestants in turn, round by round, and prints a row for each. The other rows also have the first
 * contestant's ratios to theirs.
 */
async function compare(path: string, contestants: Contestant[]): Promise<void> {
  const answers = new Set(contestants.flatMap(({ answer }) => answer ?? []))
  if (answers.size > 1) throw new Error(`to ${path} they answer ${[...answers].join(', and ')}`)
  const rows = contestants.map(contestant => ({ contestant, rates: [] as number[], costs: [] as number[] }))
  for (let round = 0; round <= rounds; round++) {
    for (const { contestant, rates, costs } of rows) {
      const { perSecond, cpuMicros } = await contestant.round(seconds)
      if (round === 0) continue // warm-up: code is compiled, and caches fill
      rates.push(perSecond)
      costs.push(cpuMicros)
    }
  }
  for (const { contestant, rates, costs } of rows) {
    await contestant.end()
    const [first = { contestant, rates, costs }] = rows
    const ratios = contestant === first.contestant ? ['', ''] : [ratio(first.rates, rates), ratio(costs, first.costs)]
    say(`| ${[path, contestant.name, median(rates).toFixed(0), median(costs).toFixed(0), ...ratios].join(' | ')} |`)
  }
}

type Beside = (door: Door, action: Action) => Promise<Contestant>[]

async function measure(store: string, doors: Door[], newPlace: () => Place, beside: Beside): Promise<void> {
  say(`\n${store}; ${connections} connections, ${rounds} rounds of ${seconds} s; ${machine()}\n`)
  say('| path | server | requests/s | CPU µs/request | requests/s, ours to it | CPU, it to ours |')
  say('| --- | --- | ---: | ---: | ---: | ---: |')
  for (const action of chosenActions) {
    for (const door of doors) {
      const ours = Served.start('ours', 'dist/src/main.js', door, action, newPlace())
      await compare(`${door.name} ${action}`, await Promise.all([ours, ...beside(door, action)]))
    }
  }
}

async function onMongo(doors: Door[]): Promise<void> {
  if (changed('bench/package-lock.json') > changed('bench/node_modules/.package-lock.json')) {
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: 'bench', stdio: ['ignore', 2, 2] })
  }
  const set = await ReplicaSet.start(nodes)
  const client = new MongoClient(set.uri)
  try {
    const { version } = await client.db().admin().serverInfo()
    const newPlace = () => mongoDatabase(set.uri, client)
    await measure(`MongoDB ${version}, nodes: ${nodes}`, doors, newPlace, (door, action) =>
      peersOf(door).map(([file, name]) => Served.start(name, `bench/peers/${file}.mjs`, door, action, newPlace())),
    )
  } finally {
    await client.close()
    await set.stop()
  }
}

async function onFile(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'throughput-'))
  const newPlace = () => filePlace(folder)
  try {
    await measure('The embedded store', doors, newPlace, (_, action) =>
      action === 'read' || action === 'list'
        ? []
        : [1, connections].map(async writes => new Bare(writes, action, newPlace())),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function main(): Promise<void> {
  const doorsWithPeers = doors.filter(door => peersOf(door).length > 0)
  if (doorsWithPeers.length > 0) await onMongo(doorsWithPeers)
  if (chosenPeers.includes('sqlite')) await onFile()
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
main().catch(error => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})
