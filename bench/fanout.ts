import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { ReplicaSet } from '../test/support/mongod'
import { Clients } from './clients'
import { clock, type Report, type Written } from './fanout-clients'
import { chosen, machine, median, say } from './report'
import { residentMb, Server } from './server'

// Measures deliveries to many feed subscribers, and their delay after the acknowledged write: for this server, for ws
// alone with the same bytes (bench/fanout-bare.ts), and for the usual way (bench/fanout-usual.ts). Fails if a delivery
// is doubled or out of order. A missing delivery is a failure only for this server, because the others may be late.

const contestants = { ours: 'dist/src/main.js', bare: 'dist/bench/fanout-bare.js', usual: 'dist/bench/fanout-usual.js' }
type Name = keyof typeof contestants
const names = Object.keys(contestants) as Name[]

const { values: stated } = parseArgs({
  options: {
    subscribers: { type: 'string', default: '1000,5000,10000' },
    writes: { type: 'string', default: '10,20' },
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: names.join() },
  },
})
const [counts, rates] = [stated.subscribers, stated.writes].map(list => list.split(',').map(Number)) as [
  number[],
  number[],
]
const [seconds, rounds] = [Number(stated.seconds), Number(stated.rounds)]
const chosenNames = chosen(stated.only, names)

/** Load before the measurement. It absorbs the costs that a process has only once. */
const warmUp = { subscribers: 200, writes: 50 }

/** Makes one write after the other, at most `rate` per second. */
async function write(port: number, rate: number, seconds: number): Promise<Written[]> {
  const query = 'mutation ($input: StartSessionInput!) { startSession(input: $input) { session { id } } }'
  const body = JSON.stringify({ query, variables: { input: { mentorId: 'mentor' } } })
  const written: Written[] = []
  const begin = performance.now()
  for (let n = 0; performance.now() - begin < seconds * 1_000; n++) {
    await wait(Math.max(0, begin + (n * 1_000) / rate - performance.now()))
    const headers = { 'Content-Type': 'application/json' }
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, { method: 'POST', headers, body })
    const { data } = (await response.json()) as { data: { startSession: { session: { id: string } } } }
    written.push({ id: data.startSession.session.id, at: clock() })
  }
  return written
}

interface Figure extends Report {
  perSecond: number
  cpuMicros: number
  kbEach: number
}

async function measure(name: Name, subscribers: number, rate: number, MONGODB_URI: string): Promise<Figure> {
  const server = await Server.start(contestants[name], {
    MONGODB_URI,
    CONNECTIONS_PER_ADDRESS: String(2 * subscribers),
  })
  let clients: Clients | undefined
  try {
    clients = await Clients.start('fanout-clients.js', server.port, warmUp.subscribers)
    await write(server.port, warmUp.writes, 1)
    await clients.end()
    const mbBefore = residentMb(server.pid)
    clients = await Clients.start('fanout-clients.js', server.port, subscribers)
    const kbEach = ((residentMb(server.pid) - mbBefore) * 1_024) / subscribers
    const cpu = server.cpuMicros
    const written = await write(server.port, rate, seconds)
    const report = await clients.ask<Report>(written)
    const { deliveries, missing, doubled, disordered } = report
    if (doubled + disordered + (name === 'ours' ? missing : 0) > 0) {
      throw new Error(`${name}: ${missing} deliveries missing, ${doubled} doubled, ${disordered} out of order`)
    }
    return {
      ...report,
      perSecond: deliveries / report.seconds,
      cpuMicros: (server.cpuMicros - cpu) / deliveries,
      kbEach,
    }
  } finally {
    await clients?.end()
    await server.stop()
  }
}

type Column = [name: string, of: (figure: Figure) => number, digits: number]
const compared: Column[] = [
  ['deliveries/s', of => of.perSecond, 0],
  ['p50 ms', of => of.p50, 1],
  ['p99 ms', of => of.p99, 1],
  ['CPU µs/delivery', of => of.cpuMicros, 1],
]
const alone: Column[] = [
  ['kB/subscriber', of => of.kbEach, 1],
  ['bytes/delivery', of => of.bytes, 0],
  ['processors of the clients', of => of.busy, 2],
]
const namesOf = (columns: Column[]): string[] => columns.map(([name]) => name)
const heads = ['subscribers', 'writes/s', ...namesOf(compared), ...namesOf(alone)]
const ratioHeads = namesOf(compared).map(name => `${name}, ours to it`)

async function compare(subscribers: number, rate: number, uriOf: () => string): Promise<void> {
  const found = chosenNames.map(name => ({ name, rounds: [] as Figure[] }))
  for (let round = 0; round < rounds; round++) {
    for (const { name, rounds } of found) rounds.push(await measure(name, subscribers, rate, uriOf()))
  }
  const [first] = found
  for (const { name, rounds } of found) {
    const cells = [...compared, ...alone].map(([, of, digits]) => median(rounds.map(of)).toFixed(digits))
    const ratio = ([, of]: Column): string =>
      median(rounds.map((figure, i) => of(first?.rounds[i] as Figure) / of(figure))).toFixed(2)
    const ratios = compared.map(column => (name === first?.name ? '' : ratio(column)))
    say(`| ${[name, subscribers, rate, ...cells, ...ratios].join(' | ')} |`)
  }
}

async function main(): Promise<void> {
  const set = await ReplicaSet.start()
  let databases = 0
  try {
    say(`${rounds} rounds of ${seconds} s; ${machine()}\n`)
    say(`| ${['server', ...heads, ...ratioHeads].join(' | ')} |`)
    say(`| --- |${' ---: |'.repeat(heads.length + ratioHeads.length)}`)
    for (const subscribers of counts) {
      for (const rate of rates) await compare(subscribers, rate, () => set.uri.replace('/?', `/fanout_${databases++}?`))
    }
  } finally {
    await set.stop()
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
main().catch(error => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})
