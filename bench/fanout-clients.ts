import { WebSocket } from 'ws'

// Subscribers of the feed over graphql-ws: `node fanout-clients.js <url> <count>`, told by the parent process what was
// written. They look at the bytes alone, so that on one machine they leave the server its share of the processors.

const [url = '', count = '0'] = process.argv.slice(2)
const query = `subscription { feed { __typename ... on FeedReady { cursor }
  ... on FeedTransition { cursor transition { event sequence session { id } } } } }`
const opening = 50

/** Milliseconds that compare between the processes of one machine. */
export const clock = (): number => performance.timeOrigin + performance.now()

export interface Written {
  id: string
  /** When its writer was answered. */
  at: number
}

export interface Report {
  deliveries: number
  missing: number
  doubled: number
  disordered: number
  p50: number
  p99: number
}

interface Told {
  ids: string[]
  times: number[]
}

function subscribe(): Promise<Told> {
  const told: Told = { ids: [], times: [] }
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false, skipUTF8Validation: true })
    socket.on('error', reject)
    socket.on('close', code => reject(new Error(`closed with ${code}`)))
    socket.on('open', () => socket.send('{"type":"connection_init"}'))
    socket.on('message', (data: Buffer) => {
      const place = data.indexOf('"session_')
      if (place >= 0) {
        told.ids.push(data.toString('latin1', place + 1, place + 17))
        told.times.push(clock())
      } else if (data.includes('connection_ack')) {
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }))
      } else if (data.includes('FeedReady')) resolve(told)
      else reject(new Error(String(data)))
    })
  })
}

/** What became of the writes: each subscriber must have been told of each once, in the order in which they were made. */
function report(subscribers: Told[], written: Written[]): Report {
  const places = new Map(written.map(({ id }, place) => [id, place]))
  const found: Report = { deliveries: 0, missing: 0, doubled: 0, disordered: 0, p50: 0, p99: 0 }
  const delays: number[] = []
  for (const { ids, times } of subscribers) {
    const seen = new Set<string>()
    let last = -1
    ids.forEach((id, i) => {
      const place = places.get(id)
      if (place === undefined) return
      if (seen.has(id)) found.doubled++
      else if (place < last) found.disordered++
      seen.add(id)
      last = Math.max(last, place)
      delays.push((times[i] as number) - (written[place] as Written).at)
    })
    found.deliveries += seen.size
    found.missing += written.length - seen.size
  }
  delays.sort((a, b) => a - b)
  found.p50 = delays[Math.floor(delays.length * 0.5)] ?? Number.NaN
  found.p99 = delays[Math.floor(delays.length * 0.99)] ?? Number.NaN
  return found
}

async function main(): Promise<void> {
  const subscribers: Told[] = []
  while (subscribers.length < Number(count)) {
    const more = Math.min(opening, Number(count) - subscribers.length)
    subscribers.push(...(await Promise.all(Array.from({ length: more }, subscribe))))
  }
  process.send?.('ready')
  process.on('message', (written: Written[]) => {
    const complete = (): boolean => subscribers.every(({ ids }) => ids.length >= written.length)
    const deadline = performance.now() + 10_000
    const wait = setInterval(() => {
      if (!complete() && performance.now() < deadline) return
      clearInterval(wait)
      process.send?.(report(subscribers, written), () => process.exit(0))
    }, 20)
  })
}

if (require.main === module) {
  main().catch(error => {
    process.stderr.write(`${error.stack}\n`)
    process.exit(1)
  })
}
