import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { HttpServer } from '../src/http/server'
import { freePort } from './support/port'
import { overProxies, type ProxyKind, ReverseProxy } from './support/proxies'
import { head } from './support/raw'
import { keptLog } from './support/server'

/** More than a proxy and the buffers of the network hold. */
const body = Buffer.alloc(32 * 1024 * 1024, 'x')
const bytesPerSecond = 28_000
/** Longer than servers usually wait for a client that takes nothing. */
const readMs = 75_000

/** Reads slowly through a proxy. Returns how much was read, and how often the server lost the response. */
async function readSlowly(kind: ProxyKind): Promise<{ bytesRead: number; lost: number }> {
  let lost = 0
  const server = new HttpServer({
    answer: (request, response) => {
      if (request.url !== '/large') return void response.end()
      response.once('close', () => lost++)
      response.end(body)
    },
    upgrade: (_request, socket) => socket.destroy(),
    log: keptLog().log,
  })
  const port = await server.listen(0, '127.0.0.1')
  const proxy = await ReverseProxy.before(kind, [port, await freePort()])
  await proxy.start()
  const socket = connect(Number(new URL(proxy.url).port), '127.0.0.1').on('error', () => {})
  try {
    socket.write(head('GET /large'))
    socket.on('data', data => {
      socket.pause()
      setTimeout(() => socket.resume(), (1_000 * data.length) / bytesPerSecond)
    })
    await wait(readMs)
    return { bytesRead: socket.bytesRead, lost }
  } finally {
    socket.destroy()
    await proxy.stop()
    await Promise.all([server.stop(), server.resetAll()])
  }
}

// All proxies at once, because each takes long.
const reads = new Map<ProxyKind, ReturnType<typeof readSlowly> | undefined>()
beforeAll(() => {
  for (const kind of reads.keys()) reads.set(kind, readSlowly(kind))
})

overProxies(kind => {
  reads.set(kind, undefined)

  test('a client that always reads some kilobytes a second is not cut', async () => {
    const read = await reads.get(kind)
    expect(read?.lost).toBe(0)
    expect(read?.bytesRead).toBeGreaterThan(bytesPerSecond)
    expect(read?.bytesRead).toBeLessThan(body.length / 2)
  }, 180_000)
})
