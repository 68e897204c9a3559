import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { ReplicaSet } from '../test/support/mongod'
import { clock, type Report, type Written } from './fanout-clients'

// The delay from an acknowledged write to its delivery, for many subscribers of the feed, of this server and of the usual
// one (bench/fanout-usual.ts), on one MongoDB. It fails when a delivery is missing, doubled or out of order.

const counts = (process.env.SUBSCRIBERS ?? '1000,5000').split(',').map(Number)
const seconds = Number(process.env.SECONDS ?? 10)
const writesPerSecond = 20
const warmUp = 200
const servers = { ours: '../src/main.js', usual: 'fanout-usual.js' }

async function started(file: string, MONGODB_URI: string): Promise<{ child: ChildProcess; url: string }> {
  const env = { PATH: process.env.PATH, MONGODB_URI, PORT: '0' }
  const options = (process.env.NODE_OPTIONS_OF_SERVER ?? '').split(' ').filter(Boolean)
  const child = spawn(process.execPath, [...options, join(__dirname, file)], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface(child.stdout as NodeJS.ReadableStream)) {
    const { msg, url } = JSON.parse(line)
    if (msg !== 'listening') continue
    child.stdout?.resume()
    return { child, url }
  }
  throw new Error(`${file} ended before it listened`)
}

const rssKb = ({ pid }: ChildProcess): number => Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)]))

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  await once(child, 'exit')
}

/** Makes one write after the other, at most so many a second. */
async function write(url: string): Promise<Written[]> {
  const query = 'mutation ($input: StartSessionInput!) { startSession(input: $input) { session { id } } }'
  const body = JSON.stringify({ query, variables: { input: { mentorId: 'mentor' } } })
  const written: Written[] = []
  const begin = performance.now()
  for (let i = 0; i < seconds * writesPerSecond; i++) {
    await wait(Math.max(0, begin + (i * 1_000) / writesPerSecond - performance.now()))
    const headers = { 'Content-Type': 'application/json' }
    const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body })
    const { data } = (await response.json()) as { data: { startSession: { session: { id: string } } } }
    written.push({ id: data.startSession.session.id, at: clock() })
  }
  return written
}

/** A process with as many subscribers that are told that they are ready. */
async function subscribed(url: string, count: number): Promise<ChildProcess> {
  const clients = fork(join(__dirname, 'fanout-clients.js'), [`${url.replace('http', 'ws')}/graphql`, String(count)])
  await Promise.race([
    once(clients, 'message'),
    once(clients, 'exit').then(() => Promise.reject(new Error('the clients ended'))),
  ])
  return clients
}

async function measure(name: keyof typeof servers, subscribers: number, uri: string): Promise<boolean> {
  const { child, url } = await started(servers[name], uri)
  let clients: ChildProcess | undefined
  try {
    // Others come and go first: what a process needs once is not what a subscriber costs.
    await ended(await subscribed(url, warmUp), 'SIGKILL')
    const before = rssKb(child)
    clients = await subscribed(url, subscribers)
    const perSubscriber = (rssKb(child) - before) / subscribers
    const begin = performance.now()
    const written = await write(url)
    clients.send(written)
    const [report] = (await once(clients, 'message')) as [Report]
    const took = (performance.now() - begin) / 1_000
    const { deliveries, missing, doubled, disordered, p50, p99 } = report
    process.stdout.write(
      `${name.padEnd(6)} ${String(subscribers).padStart(5)} subscribers: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ` +
        `${Math.round(deliveries / took)} deliveries/s, ${perSubscriber.toFixed(1)} kB a subscriber; ${written.length} writes, ` +
        `${deliveries} deliveries, ${missing} missing, ${doubled} doubled, ${disordered} out of order\n`,
    )
    return missing + doubled + disordered === 0 && deliveries === written.length * subscribers
  } finally {
    if (clients) await ended(clients, 'SIGKILL')
    await ended(child, process.env.NODE_OPTIONS_OF_SERVER ? 'SIGTERM' : 'SIGKILL')
  }
}

async function main(): Promise<void> {
  const set = await ReplicaSet.start()
  try {
    process.stdout.write(`${writesPerSecond} writes a second for ${seconds} s\n`)
    let good = true
    for (const subscribers of counts) {
      for (const name of ['ours', 'usual'] as const) {
        const uri = set.uri.replace(/\/\?/, `/fanout_${name}_${subscribers}?`)
        good = (await measure(name, subscribers, uri)) && good
      }
    }
    if (!good) throw new Error('a delivery is missing, doubled or out of order')
  } finally {
    await set.stop()
  }
}

main().catch(error => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
