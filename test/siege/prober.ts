import { Agent, get } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { starvedMs } from './starved'
import { attackersAddresses } from './wire'

export interface Probe {
  /** Response time in ms, without the time in which this process or the server waited for a core. */
  waitedMs: number
  /** HTTP status or error code. Undefined after a timeout. */
  status?: number | string
}

const everyMs = 50
const tickMs = 5
/** Timeout of a probe, in ms. */
const mostMs = 10_000

/** Total delay of this process's timers, in ms. */
let lateMs = 0
let last = performance.now()
setInterval(() => {
  const now = performance.now()
  lateMs += Math.max(0, now - last - 2 * tickMs)
  last = now
}, tickMs)

/**
 * Sends one probe on a new connection, like an orchestrator. The attackers have used up the limits of its address.
 */
function probe(url: string, pid: number): Promise<Probe> {
  const began = performance.now()
  const before = lateMs + starvedMs(pid)
  return new Promise(resolve => {
    const done = (status?: number | string): void => {
      const waitedMs = performance.now() - began - (lateMs + starvedMs(pid) - before)
      resolve({ waitedMs: Math.max(0, Math.round(waitedMs)), ...(status !== undefined && { status }) })
    }
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
  for (;;) {
    process.send?.(await probe(url, pid))
    await wait(everyMs)
  }
}

main(process.argv[2] as string, Number(process.argv[3]))
