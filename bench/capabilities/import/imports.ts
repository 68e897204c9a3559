import { once } from 'node:events'
import { Agent, get, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { sessionsPath } from '../../../src/rest/resources/sessions'
import { type Asked, connections, load } from '../../load'
import { figure, type Measured, openMeasured, started } from '../../measured'
import { requireHeld } from '../../places'
import { chosen, machine, median, quantile, say } from '../../report'
import { residentMb, type Server } from '../../server'

// Measures an import beside single requests that start the same sessions, each on a new store. During each, a reader
// repeatedly requests a page of the list. Fails if a line is not stored exactly once.

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
    store: { type: 'string', default: 'mongo,embedded' },
  },
})
const lines = Number(values.lines)
const rounds = Number(values.rounds)
const stores = chosen(values.store, ['mongo', 'embedded'])

/** Number of starts and of reads before each measurement, so that the server is warm. */
const requestsBefore = 2_000
/** Pause in ms between two reads. */
const readerMs = 10

const inputs = (n: number) => ({
  sessions: n % 40,
  avg_minutes: 45,
  cost_per_session: 3.5,
  cost_per_hour: 30,
  label: `Row ${n}`,
})
const startOf = (n: number) => ({
  mentor_id: `mentor_${n % 500}`,
  organisation_id: `org_${n % 20}`,
  external_id: `crm-${n}`,
  inputs: inputs(n),
})

const bodies = (from: number, count: number): object[] => Array.from({ length: count }, (_, n) => startOf(from + n))

/** Sends a file to the server. Throws unless every line is stored. */
async function imported({ port }: Server): Promise<void> {
  const headers = { 'Content-Type': 'application/x-ndjson' }
  const sent = request({ port, path: '/api/v1/benefit-imports', method: 'POST', headers })
  sent.end(
    bodies(0, lines)
      .map(body => `${JSON.stringify(body)}\n`)
      .join(''),
  )
  const [response] = await once(sent, 'response')
  const last = (await text(response)).trimEnd().split('\n').at(-1)
  const expected = JSON.stringify({ done: true, created: lines, repeated: 0, refused: 0 })
  if (last !== expected) throw new Error(`The import ended with ${last}`)
}

async function singleRequests({ port }: Server, from = 0, count = lines): Promise<void> {
  const requests = bodies(from, count).map((body): Asked => ({ method: 'POST', path: sessionsPath, body }))
  await load(port, requests.values(), ({ status, body }) => {
    if (status !== 201) throw new Error(`A start is answered by ${status} ${body}`)
  })
}

const ways = {
  'one import': imported,
  [`single requests, ${connections} at once`]: (server: Server) => singleRequests(server),
}

interface Figures {
  seconds: number
  cpuSeconds: number
  /** Maximum growth of the server's memory, in MB. */
  grownMb: number
  /** 99th percentile of the reader's response times, in ms. */
  readerMs: number
}

/** Reads a page of the list, and returns the response time in ms. */
async function read({ port }: Server, agent: Agent): Promise<number> {
  const sent = performance.now()
  const [response] = await once(get({ port, path: `${sessionsPath}?limit=20`, agent }), 'response')
  await text(response)
  if (response.statusCode !== 200) throw new Error(`A read is answered by ${response.statusCode}`)
  return performance.now() - sent
}

/** Starts the sessions in one way, on a server that was just started and read from. */
async function measured(store: Measured, way: (server: Server) => Promise<void>): Promise<Figures> {
  const server = await started(store)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  try {
    await singleRequests(server, lines, requestsBefore)
    for (let n = 0; n < requestsBefore; n++) await read(server, agent)
    const restMb = residentMb(server.pid)
    const times: number[] = []
    let peakMb = 0
    let isOver = false
    const readAll = async (): Promise<void> => {
      while (!isOver) {
        await wait(readerMs)
        times.push(await read(server, agent))
        peakMb = Math.max(peakMb, residentMb(server.pid))
      }
    }
    const reading = readAll()
    const [began, cpuBegan] = [performance.now(), server.cpuMicros]
    await way(server)
    const seconds = (performance.now() - began) / 1_000
    const cpuSeconds = (server.cpuMicros - cpuBegan) / 1_000_000
    isOver = true
    await reading
    return { seconds, cpuSeconds, grownMb: peakMb - restMb, readerMs: quantile(times, 0.99) }
  } finally {
    agent.destroy()
    await server.stop()
  }
}

/** Measures all ways on one store, and prints a table. */
async function compare(name: keyof typeof openMeasured): Promise<void> {
  const found = new Map<string, Figures[]>()
  let title = ''
  for (let round = 0; round < rounds; round++) {
    for (const [way, start] of Object.entries(ways)) {
      const store = await openMeasured[name]()
      try {
        title = store.name
        found.set(way, [...(found.get(way) ?? []), await measured(store, start)])
        const sessions = lines + requestsBefore
        await requireHeld(way, { sessions, versions: 3 * sessions, transitions: 3 * sessions }, store.place)
      } finally {
        await store.end()
      }
    }
  }
  say(`\n${title}: ${lines.toLocaleString('en')} sessions with a calculation, median of ${rounds}\n`)
  say("| | seconds | sessions per second | server's CPU seconds | memory, MB above rest | reader's p99, ms |")
  say('| --- | ---: | ---: | ---: | ---: | ---: |')
  for (const [way, figures] of found) {
    const of = (member: keyof Figures): number => median(figures.map(each => each[member]))
    const cells = [of('seconds'), lines / of('seconds'), of('cpuSeconds'), of('grownMb'), of('readerMs')]
    say(`| ${[way, ...cells.map(figure)].join(' | ')} |`)
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
