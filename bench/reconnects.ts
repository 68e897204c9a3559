import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { sessionsPath } from '../src/rest/resources/sessions'
import { Clients } from './clients'
import { clock, type Written } from './fanout-clients'
import { figure, onFile, onMongo } from './measured'
import { someone } from './paths'
import type { Report } from './reconnects-clients'
import { builds, chosen, machine, median, quantile, say } from './report'
import { Server } from './server'

// Measures a reconnect storm: the server is killed and restarted under writes, and all subscribers reconnect at once, as
// soon as it listens. Reports when all are live again, and the latency of the writes until then and before. It fails if
// a subscriber misses an event or receives one twice.

const { values: stated } = parseArgs({
  options: {
    subscribers: { type: 'string', default: '5000' },
    writes: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    store: { type: 'string', default: 'mongo,embedded' },
    build: { type: 'string' },
  },
})
const [subscribers, rate, seconds, rounds] = [stated.subscribers, stated.writes, stated.seconds, stated.rounds].map(
  Number,
) as [number, number, number, number]
const stores = { mongo: onMongo, embedded: onFile }
const chosenStores = chosen(stated.store, Object.keys(stores) as (keyof typeof stores)[])
const ourBuilds = builds(stated.build)

const retryMs = 50
const patienceMs = 60_000
/** Writes of at least this time after the restart are counted, in ms. */
const windowMs = 1_000

interface TimedWrite extends Written {
  /** When it was due, in the schedule of the writes. */
  due: number
}

/** Repeats a write until the server acknowledges it. Its idempotency key makes it take effect once. */
async function write(port: number, due: number): Promise<TimedWrite> {
  const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': `"${randomUUID()}"` }
  const body = JSON.stringify(someone)
  const signal = AbortSignal.timeout(patienceMs)
  for (;;) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}${sessionsPath}`, { method: 'POST', headers, body, signal })
      const answer = (await response.json()) as { session_id: string }
      if (response.status === 201) return { id: answer.session_id, at: clock(), due }
    } catch (error) {
      if (signal.aborted) throw error
    }
    await wait(retryMs)
  }
}

/** Makes writes at a fixed rate, without waiting for the responses, until the signal. Resolves with all of them. */
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
  /** Attempts to reconnect that failed. */
  failures: number
  /** Latencies of writes before the kill, in ms. */
  before: number[]
  /** Latencies of writes from when the server listened until all subscribers were live. */
  meanwhile: number[]
}

async function measure(store: keyof typeof stores, file: string): Promise<Figures> {
  const measured = await stores[store]()
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
    await clients.ask('reconnect')
    await wait(Math.max(windowMs, seconds * 1_000))
    stopWrites.abort()
    const writes = await writing
    const { missing, doubled, halfLive, allLive, failures } = await clients.ask<Report>(
      writes.toSorted((a, b) => a.at - b.at),
    )
    if (missing + doubled > 0) throw new Error(`${store}: ${missing} events are missing, and ${doubled} came twice`)
    const end = Math.max(allLive, listening + windowMs)
    const latencies = (found: TimedWrite[]): number[] => found.map(({ at, due }) => at - due)
    return {
      halfLiveMs: halfLive - listening,
      allLiveMs: allLive - listening,
      failures,
      before: latencies(writes.filter(({ at }) => at < killed)),
      meanwhile: latencies(writes.filter(({ due }) => due >= listening && due <= end)),
    }
  } finally {
    stopWrites.abort()
    await clients?.end()
    await server.stop()
    await measured.end()
  }
}

function row(figures: Figures[]): string[] {
  const range = (numbers: number[]): string =>
    `${figure(median(numbers))} [${figure(Math.min(...numbers))}–${figure(Math.max(...numbers))}]`
  const latencies = (numbers: number[]): string =>
    [quantile(numbers, 0.5), quantile(numbers, 0.99), Math.max(...numbers)].map(figure).join(', ')
  return [
    range(figures.map(({ halfLiveMs }) => halfLiveMs)),
    range(figures.map(({ allLiveMs }) => allLiveMs)),
    String(median(figures.map(({ failures }) => failures))),
    latencies(figures.flatMap(({ meanwhile }) => meanwhile)),
    latencies(figures.flatMap(({ before }) => before)),
  ]
}

const heads = [
  'half live after, ms',
  'all live after, ms',
  'failed attempts',
  'writes until then: p50, p99, max ms',
  'writes before: p50, p99, max ms',
]

async function main(): Promise<void> {
  say(`${subscribers} subscribers, ${rate} writes a second, ${rounds} rounds; ${machine()}\n`)
  say(`| store | server | ${heads.join(' | ')} |`)
  say(`| --- | --- |${' ---: |'.repeat(heads.length)}`)
  for (const store of chosenStores) {
    const found = ourBuilds.map(build => ({ ...build, figures: [] as Figures[] }))
    for (let round = 0; round < rounds; round++) {
      for (const { file, figures } of found) figures.push(await measure(store, file))
    }
    for (const { name, figures } of found) say(`| ${[store, name, ...row(figures)].join(' | ')} |`)
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
main().catch(error => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})
