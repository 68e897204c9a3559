import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Clients } from './clients'
import { clock, type Written } from './fanout-clients'
import { figure, openMeasured } from './measured'
import { someone } from './paths'
import type { Report } from './reconnects-clients'
import { builds, chosen, machine, median, quantile, say } from './report'
import { Server } from './server'

// Measures a reconnect storm: the server is killed and restarted under writes, and all subscribers reconnect at once,
// as soon as the server listens. Reports when all are live again, and the latency of writes until then and before. Then
// measures jitter: connections are dropped at random under writes. Fails if one of this server's subscribers misses an
// event or receives one twice. The peers (bench/fanout-bare.ts and bench/fanout-usual.ts) have no log, so their missing
// events are only reported.

const { values: stated } = parseArgs({
  options: {
    subscribers: { type: 'string', default: '5000' },
    writes: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    store: { type: 'string', default: 'mongo,embedded' },
    only: { type: 'string', default: 'ours,bare,usual' },
    drops: { type: 'string', default: '50' },
    build: { type: 'string' },
  },
})
const [subscribers, rate, seconds, rounds, dropsPerSecond] = [
  stated.subscribers,
  stated.writes,
  stated.seconds,
  stated.rounds,
  stated.drops,
].map(Number) as [number, number, number, number, number]
const chosenStores = chosen(stated.store, ['mongo', 'embedded'])
const chosenNames = chosen(stated.only, ['ours', 'bare', 'usual'] as const)

interface Contestant {
  name: string
  file: string
  isOurs: boolean
}
const ofPeer = (name: string): Contestant => ({ name, file: `dist/bench/fanout-${name}.js`, isOurs: false })
const ours = chosenNames.includes('ours') ? builds(stated.build).map(build => ({ ...build, isOurs: true })) : []
const peers = chosenNames.filter(name => name !== 'ours').map(ofPeer)
/** The peers store nothing, or use MongoDB. */
const contestantsOn = (store: string): Contestant[] => (store === 'mongo' ? [...ours, ...peers] : ours)

const retryMs = 50
const patienceMs = 60_000
/** Time in ms after the restart within which writes always count. */
const windowMs = 1_000

const startMutation = 'mutation ($input: StartSessionInput!) { startSession(input: $input) { session { id } } }'

interface TimedWrite extends Written {
  /** Time at which the write was due in the schedule. */
  due: number
}

/** Repeats a write until the server acknowledges it. The idempotency key makes the write take effect once. */
async function write(port: number, due: number): Promise<TimedWrite> {
  const headers = { 'Content-Type': 'application/json' }
  const input = { mentorId: someone.mentor_id, idempotencyKey: randomUUID() }
  const body = JSON.stringify({ query: startMutation, variables: { input } })
  const signal = AbortSignal.timeout(patienceMs)
  for (;;) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/graphql`, { method: 'POST', headers, body, signal })
      const { data } = (await response.json()) as { data?: { startSession?: { session: { id: string } } } }
      if (data?.startSession) return { id: data.startSession.session.id, at: clock(), due }
    } catch (error) {
      if (signal.aborted) throw new Error(`a write got no response within ${patienceMs} ms`, { cause: error })
    }
    await wait(retryMs)
  }
}

/**
 * Makes writes at a fixed rate, without waiting for the responses, until the signal is aborted. Resolves with all of
 * them.
 */
async function writeUntil(signal: AbortSignal, port: number): Promise<TimedWrite[]> {
  const writes: Promise<TimedWrite>[] = []
  const begin = clock()
  for (let n = 0; !signal.aborted; n++) {
    const due = begin + (n * 1_000) / rate
    await wait(Math.max(0, due - clock()))
    writes.push(write(port, due))
  }
  return Promise.all(writes)
}

interface Figures {
  halfLiveMs: number
  allLiveMs: number
  failures: number
  /** CPU time of the server from when it listened until all had reconnected, per subscriber, in µs. */
  cpuMicros: number
  /** Events that no subscriber received after the storm, as a share of all events. */
  missing: number
  /** Latencies of writes before the kill, in ms. */
  before: number[]
  /** Latencies of writes from when the server listened until all subscribers were live. */
  meanwhile: number[]
  /** Times in ms from a drop until the subscriber is ready again, and the share of missing events under drops. */
  returns: number[]
  missingUnderDrops: number
}

/** Returns the share of missing events. Throws if this server lost or repeated one. */
function missingShare({ name, isOurs }: Contestant, { missing, doubled }: Report, writes: number): number {
  if (isOurs && missing + doubled > 0) throw new Error(`${name}: ${missing} events are missing, ${doubled} came twice`)
  return missing / (writes * subscribers)
}

async function measureDrops(contestant: Contestant, env: Record<string, string>) {
  const server = await Server.start(contestant.file, env)
  const stopWrites = new AbortController()
  let clients: Clients | undefined
  try {
    clients = await Clients.start('reconnects-clients.js', server.port, subscribers)
    const writing = writeUntil(stopWrites.signal, server.port)
    await clients.ask({ dropsPerSecond, seconds })
    stopWrites.abort()
    const writes = await writing
    const report = await clients.ask<Report>(writes.toSorted((a, b) => a.at - b.at))
    return { returns: report.returns, missingUnderDrops: missingShare(contestant, report, writes.length) }
  } finally {
    stopWrites.abort()
    await clients?.end()
    await server.stop()
  }
}

async function measure(store: keyof typeof openMeasured, contestant: Contestant): Promise<Figures> {
  const { file } = contestant
  const measured = await openMeasured[store]()
  const env = { ...measured.place.env, CONNECTIONS_PER_ADDRESS: String(2 * subscribers + 1_000) }
  let server = await Server.start(file, env)
  const { port } = server
  let clients: Clients | undefined
  const stopWrites = new AbortController()
  try {
    clients = await Clients.start('reconnects-clients.js', port, subscribers)
    const writing = writeUntil(stopWrites.signal, port)
    await wait(seconds * 1_000)
    const killed = clock()
    await server.kill()
    server = await Server.start(file, env, port)
    const listening = clock()
    const cpuBefore = server.cpuMicros
    await clients.ask('reconnect')
    const cpuMicros = (server.cpuMicros - cpuBefore) / subscribers
    await wait(Math.max(windowMs, seconds * 1_000))
    stopWrites.abort()
    const writes = await writing
    const report = await clients.ask<Report>(writes.toSorted((a, b) => a.at - b.at))
    const { halfLive, allLive, failures } = report
    await clients.end()
    clients = undefined
    await server.stop()
    const end = Math.max(allLive, listening + windowMs)
    const latencies = (found: TimedWrite[]): number[] => found.map(({ at, due }) => at - due)
    return {
      halfLiveMs: halfLive - listening,
      allLiveMs: allLive - listening,
      failures,
      cpuMicros,
      missing: missingShare(contestant, report, writes.length),
      ...(await measureDrops(contestant, env)),
      before: latencies(writes.filter(({ at }) => at < killed)),
      meanwhile: latencies(writes.filter(({ due }) => due >= listening && due <= end)),
    }
  } finally {
    stopWrites.abort()
    if (clients) {
      await clients.end()
      await server.stop()
    }
    await measured.end()
  }
}

const percent = (shares: number[]): string => `${(100 * median(shares)).toFixed(2)} %`

function row(figures: Figures[]): string[] {
  const range = (numbers: number[]): string =>
    `${figure(median(numbers))} [${figure(Math.min(...numbers))}–${figure(Math.max(...numbers))}]`
  const latencies = (numbers: number[]): string =>
    [quantile(numbers, 0.5), quantile(numbers, 0.99), Math.max(...numbers)].map(figure).join(', ')
  return [
    range(figures.map(({ halfLiveMs }) => halfLiveMs)),
    range(figures.map(({ allLiveMs }) => allLiveMs)),
    String(median(figures.map(({ failures }) => failures))),
    range(figures.map(({ cpuMicros }) => cpuMicros)),
    percent(figures.map(({ missing }) => missing)),
    latencies(figures.flatMap(({ meanwhile }) => meanwhile)),
    latencies(figures.flatMap(({ before }) => before)),
    latencies(figures.flatMap(({ returns }) => returns)),
    percent(figures.map(({ missingUnderDrops }) => missingUnderDrops)),
  ]
}

const heads = [
  'half live after, ms',
  'all live after, ms',
  'failed attempts',
  'CPU µs/reconnect',
  'events missing',
  'writes until then: p50, p99, max ms',
  'writes before: p50, p99, max ms',
  'back after a drop: p50, p99, max ms',
  'events missing under drops',
]

async function main(): Promise<void> {
  say(`${subscribers} subscribers, ${rate} writes a second, ${rounds} rounds; ${machine()}\n`)
  say(`| store | server | ${heads.join(' | ')} |`)
  say(`| --- | --- |${' ---: |'.repeat(heads.length)}`)
  for (const store of chosenStores) {
    const found = contestantsOn(store).map(contestant => ({ contestant, figures: [] as Figures[] }))
    for (let round = 0; round < rounds; round++) {
      for (const { contestant, figures } of found) {
        const failed = (error: Error): never => {
          throw new Error(`${store}, ${contestant.name}: ${error.message}`, { cause: error })
        }
        figures.push(await measure(store, contestant).catch(failed))
      }
    }
    for (const { contestant, figures } of found) say(`| ${[store, contestant.name, ...row(figures)].join(' | ')} |`)
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
main().catch(error => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})
