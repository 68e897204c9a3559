import { setTimeout as wait } from 'node:timers/promises'
import { subscribe } from '../test/siege/wire'
import { clock, delivered, found, idOf, opened, Subscriber, type Written } from './fanout-clients'
import { quantile } from './report'

// Feed subscribers that reconnect from their cursors: `node reconnects-clients.js <port> <count>`. The parent process
// says when to reconnect, and then sends the list of writes.

const query = `subscription ($after: String) { feed(after: $after) { __typename ... on FeedReady { cursor }
  ... on FeedTransition { cursor transition { event sequence session { id } } } } }`
const cursorBegins = '"cursor":"'
/** Longest pauses before the second attempt to connect and before any later one, in ms. The pause doubles each time. */
const [retryMs, longestRetryMs] = [200, 5_000]
/** Time limit to reconnect, in ms. */
const patienceMs = 300_000

export interface Report {
  missing: number
  doubled: number
  /** Time when half of the subscribers were live again, and time when all were. */
  halfLive: number
  allLive: number
  failures: number
  /** Times from random drops until the subscribers were ready again, in ms. */
  returns: number[]
}

/**
 * What the parent process requests: that all reconnect, or that so many are dropped per second, and then a report on
 * these writes.
 */
type Request = 'reconnect' | { dropsPerSecond: number; seconds: number } | Written[]

const failures: Record<string, number> = {}

class ReconnectingSubscriber extends Subscriber {
  #cursor: string | undefined
  /** Time at which `ready` arrived, or 0 while it is not connected. */
  readyAt = clock()

  protected override get subscription(): Buffer {
    return subscribe('1', query, { after: this.#cursor })
  }

  protected override took(bytes: Buffer, begin: number): void {
    const at = bytes.indexOf(cursorBegins, begin, 'latin1') + cursorBegins.length
    this.#cursor = bytes.toString('latin1', at, bytes.indexOf('"', at, 'latin1'))
  }

  /** Reads the old connection to its end, and connects until the server accepts. Throws if the feed has a gap. */
  async reconnect(): Promise<void> {
    while (!this.socket.closed) await wait(1)
    const deadline = clock() + patienceMs
    for (let pauseMs = retryMs; this.readyAt === 0; pauseMs = Math.min(2 * pauseMs, longestRetryMs)) {
      try {
        await this.connect()
        this.readyAt = clock()
      } catch (error) {
        const { message } = error as Error
        if (message.includes('FeedGap') || clock() > deadline) throw error
        failures[message] = (failures[message] ?? 0) + 1
        this.socket.destroy()
        await wait(Math.random() * pauseMs)
      }
    }
  }

  /** Drops the connection, and connects again. Resolves with the time that this took. */
  async drop(): Promise<number> {
    const began = clock()
    this.readyAt = 0
    this.socket.destroy()
    await this.reconnect()
    return this.readyAt - began
  }

  /** Returns when the subscriber was ready and had received everything written until then. */
  liveAt(acknowledged: Map<number, number>): number {
    return this.ids.reduce((live, id, i) => {
      const isEarlier = (acknowledged.get(id) ?? Infinity) <= this.readyAt
      return isEarlier ? Math.max(live, this.times[i] as number) : live
    }, this.readyAt)
  }
}

/** Drops one subscriber after the other, at random. */
async function dropAtRandom(subscribers: ReconnectingSubscriber[], perSecond: number, seconds: number) {
  const drops: Promise<number>[] = []
  const begin = clock()
  while (clock() - begin < seconds * 1_000) {
    await wait(Math.max(0, begin + (drops.length * 1_000) / perSecond - clock()))
    const connected = subscribers.filter(({ readyAt }) => readyAt > 0)
    const chosen = connected[Math.floor(Math.random() * connected.length)]
    if (chosen) drops.push(chosen.drop())
  }
  return Promise.all(drops)
}

async function main(port: number, count: number): Promise<void> {
  const subscribers = await opened(count, () => new ReconnectingSubscriber(port))
  process.send?.('ready')
  let returns: number[] = []
  process.on('message', async (message: Request) => {
    if (message === 'reconnect') {
      await Promise.all(
        subscribers.map(subscriber => {
          subscriber.readyAt = 0
          return subscriber.reconnect()
        }),
      )
      process.send?.('reconnected')
      return
    }
    if (!Array.isArray(message)) {
      returns = await dropAtRandom(subscribers, message.dropsPerSecond, message.seconds)
      process.send?.('dropped')
      return
    }
    // A subscriber that is far behind may take longer than the time limit. Nothing is missing while events arrive.
    const count = (): number => subscribers.reduce((sum, { ids }) => sum + ids.length, 0)
    for (let received = -1; !(await delivered(subscribers, message)) && count() > received; ) received = count()
    const { missing, doubled } = found(subscribers, message)
    const acknowledged = new Map(message.map(({ id, at }) => [idOf(id.slice(-8)), at]))
    const live = subscribers.map(subscriber => subscriber.liveAt(acknowledged))
    const [halfLive, allLive] = [quantile(live, 0.5), Math.max(...live)]
    const failed = Object.entries(failures)
    for (const [reason, times] of failed) process.stderr.write(`${times} attempts to reconnect failed: ${reason}\n`)
    const report: Report = {
      missing,
      doubled,
      halfLive,
      allLive,
      failures: failed.reduce((sum, [, times]) => sum + times, 0),
      returns,
    }
    process.send?.(report, () => process.exit(0))
  })
}

process.on('unhandledRejection', error => {
  process.stderr.write(`${(error as Error).stack}\n`)
  process.exit(1)
})
void main(Number(process.argv[2]), Number(process.argv[3]))
