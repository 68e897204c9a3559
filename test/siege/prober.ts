import { Agent, get } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { Stopwatch } from './stopwatch'
import { attackersAddresses } from './wire'

export interface Probe {
  /** Response time in ms, without the time in which this process or the server waited for a core. */
  waitedMs: number
  /** HTTP status or error code. Undefined after a timeout. */
  status?: number | string
}

const everyMs = 50
/** Timeout of a probe, in ms. */
const mostMs = 10_000

/**
 * Sends one probe on a new connection, like an orchestrator. The attackers have used up the limits of its address.
 */
function probe(url: string, stopwatch: Stopwatch): Promise<Probe> {
  const elapsedMs = stopwatch.start()
  return new Promise(resolve => {
    const done = (status?: number | string): void =>
      resolve({ waitedMs: elapsedMs(), ...(status !== undefined && { status }) })
    const agent = new Agent({ localAddress: attackersAddresses[0] })
    const request = get(`${url}/healthz`, { agent, timeout: mostMs }, response => {
      response.resume().once('end', () => done(response.statusCode ?? 0))
      response.once('error', () => done('cut off'))
    })
    request.once('timeout', () => {
      done()
      request.destroy()
    })
    request.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message))
  })
}

async function main(url: string, pid: number): Promise<void> {
  process.once('disconnect', () => process.exit())
  const stopwatch = new Stopwatch(pid)
  for (;;) {
    process.send?.(await probe(url, stopwatch))
    await wait(everyMs)
  }
}

void main(process.argv[2] as string, Number(process.argv[3]))
