import { connect, Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { frame, message, subscribe, upgradeText } from '../test/siege/wire'

// Subscribers to the feed over graphql-ws: `node fanout-clients.js <port> <count>`. The parent process sends the list
// of writes. All subscribers read frames as bytes into one shared buffer, to leave the server its share of the cores.

const query = `subscription { feed { __typename ... on FeedReady { cursor }
  ... on FeedTransition { cursor transition { event sequence session { id } } } } }`
const opening = 50
/** Time limit for the last deliveries, in ms. */
const patienceMs = 10_000

/** Returns the time in ms. Processes of one machine can compare it. */
export const clock = (): number => performance.timeOrigin + performance.now()

export interface Written {
  id: string
  /** Time at which the writer got the response. */
  at: number
}

export interface Report {
  deliveries: number
  /** Time from when the subscribers were ready until the last delivery. */
  seconds: number
  missing: number
  doubled: number
  disordered: number
  p50: number
  p99: number
  /** Size of one message. */
  bytes: number
  /** Share of a core that this process used. */
  busy: number
}

export const idOf = (digits: string): number => Number.parseInt(digits, 16)

const buffer = Buffer.alloc(1024 * 1024)
const answerEnd = '\r\n\r\n'
const idBegins = '"session_'
const opcodes = { text: 1, close: 8, ping: 9, pong: 10 }

export class Subscriber {
  /** Sessions of the received transitions, and times of receipt. */
  readonly ids: number[] = []
  readonly times: number[] = []
  bytes = 0
  readonly ready: Promise<void>
  #begun: () => void = () => {}
  #failed: (error: Error) => void = () => {}
  #rest = Buffer.alloc(0)
  #isUpgraded = false
  protected socket = new Socket()

  constructor(readonly port: number) {
    this.ready = this.connect()
  }

  /** Connects and subscribes. Resolves when `ready` has arrived. */
  protected connect(): Promise<void> {
    this.#rest = Buffer.alloc(0)
    this.#isUpgraded = false
    const callback = (length: number): boolean => {
      this.#read(buffer.subarray(0, length))
      return true
    }
    return new Promise((resolve, reject) => {
      this.#begun = resolve
      this.#failed = reject
      this.socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true, onread: { buffer, callback } })
      this.socket.on('error', reject)
      this.socket.on('close', () => reject(new Error('a subscriber was cut off')))
      this.socket.write(upgradeText())
    })
  }

  protected get subscription(): Buffer {
    return subscribe('1', query)
  }

  /** Receives the message between these positions: `ready` or a transition. */
  protected took(_bytes: Buffer, _begin: number, _end: number): void {}

  #read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let from = this.#isUpgraded ? 0 : this.#upgraded(bytes)
    const now = clock()
    while (from + 4 <= bytes.length) {
      const stated = bytes[from + 1] as number
      const begin = from + (stated < 126 ? 2 : 4)
      const end = begin + (stated < 126 ? stated : bytes.readUInt16BE(from + 2))
      if (end > bytes.length) break
      this.#take((bytes[from] as number) & 15, bytes, begin, end, now)
      from = end
    }
    // The next read overwrites the buffer.
    this.#rest = Buffer.from(bytes.subarray(from))
  }

  /** Returns the end of the response to the upgrade, or the length of `bytes` if the response is incomplete. */
  #upgraded(bytes: Buffer): number {
    const end = bytes.indexOf(answerEnd)
    if (end < 0) return bytes.length
    this.#isUpgraded = true
    this.socket.write(message({ type: 'connection_init' }))
    return end + answerEnd.length
  }

  #take(opcode: number, bytes: Buffer, begin: number, end: number, now: number): void {
    if (opcode === opcodes.ping) {
      this.socket.write(frame(bytes.subarray(begin, end), { opcode: opcodes.pong }))
      return
    }
    const place = bytes.indexOf(idBegins, begin, 'latin1') + idBegins.length
    if (opcode === opcodes.text && place >= begin + idBegins.length && place < end) {
      this.ids.push(idOf(bytes.toString('latin1', place, place + 8)))
      this.times.push(now)
      this.bytes = end - begin
      this.took(bytes, begin, end)
      return
    }
    const text = bytes.toString('utf8', begin, end)
    if (text.includes('connection_ack')) this.socket.write(this.subscription)
    else if (text.includes('FeedReady')) {
      this.took(bytes, begin, end)
      this.#begun()
    } else this.#failed(new Error(`told ${opcode === opcodes.close ? text.slice(2) : text}`))
  }
}

/**
 * Compares the deliveries with the writes: each subscriber must receive each write once, in the order of the writes.
 */
export function found(subscribers: Subscriber[], written: Written[]): Omit<Report, 'seconds' | 'busy'> {
  const places = new Map(written.map(({ id }, place) => [idOf(id.slice(-8)), place]))
  const counted = { deliveries: 0, missing: 0, doubled: 0, disordered: 0, bytes: subscribers[0]?.bytes ?? 0 }
  const delays: number[] = []
  for (const { ids, times } of subscribers) {
    const seen = new Set<number>()
    let last = -1
    ids.forEach((id, i) => {
      const place = places.get(id)
      if (place === undefined) return
      if (seen.has(id)) counted.doubled++
      else if (place < last) counted.disordered++
      seen.add(id)
      last = Math.max(last, place)
      delays.push((times[i] as number) - (written[place] as Written).at)
    })
    counted.deliveries += seen.size
    counted.missing += written.length - seen.size
  }
  const sorted = Float64Array.from(delays).sort()
  const [p50, p99] = [0.5, 0.99].map(part => sorted[Math.floor(sorted.length * part)] ?? Number.NaN) as [number, number]
  return { ...counted, p50, p99 }
}

/** Opens `count` subscribers, some at a time. Resolves when all have received `ready`. */
export async function opened<S extends Subscriber>(count: number, create: () => S): Promise<S[]> {
  const subscribers: S[] = []
  while (subscribers.length < count) {
    const more = Array.from({ length: Math.min(opening, count - subscribers.length) }, create)
    await Promise.all(more.map(({ ready }) => ready))
    subscribers.push(...more)
  }
  return subscribers
}

/**
 * Resolves when each subscriber has received as many transitions as were written, or after a time limit. Resolves to
 * whether all have.
 */
export async function delivered(subscribers: Subscriber[], written: Written[]): Promise<boolean> {
  const complete = (): boolean => subscribers.every(({ ids }) => ids.length >= written.length)
  const deadline = clock() + patienceMs
  while (!complete() && clock() < deadline) await wait(20)
  return complete()
}

async function main(port: number, count: number): Promise<void> {
  const subscribers = await opened(count, () => new Subscriber(port))
  const began = clock()
  const before = process.cpuUsage()
  process.send?.('ready')
  process.on('message', async (written: Written[]) => {
    await delivered(subscribers, written)
    const { user, system } = process.cpuUsage(before)
    const busy = (user + system) / 1_000 / (clock() - began)
    const seconds = (Math.max(...subscribers.map(({ times }) => times.at(-1) ?? 0)) - began) / 1_000
    process.send?.({ ...found(subscribers, written), seconds, busy } satisfies Report, () => process.exit(0))
  })
}

if (require.main === module) {
  main(Number(process.argv[2]), Number(process.argv[3])).catch(error => {
    process.stderr.write(`${error.stack}\n`)
    process.exit(1)
  })
}
