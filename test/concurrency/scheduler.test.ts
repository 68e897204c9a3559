import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { noteConnection, runLater, runSoon } from '../../src/concurrency/scheduler'
import { send } from '../support/raw'

/** Blocks the event loop. */
function busy(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

/** Resolves once all work queued before it is done. */
const done = (): Promise<void> => new Promise(runLater)

test('work runs in the order of its requests, each followed by its own microtasks', async () => {
  const order: string[] = []
  for (const name of ['a', 'b', 'c']) {
    runLater(() => {
      order.push(name)
      void Promise.resolve().then(() => order.push(`after ${name}`))
    })
  }
  await done()
  expect(order).toEqual(['a', 'after a', 'b', 'after b', 'c', 'after c'])
})

test('work that does not fit into a turn runs in a later one', async () => {
  let turns = 0
  let isOver = false
  const count = (): void => {
    turns++
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  for (let i = 0; i < 20; i++) runLater(() => busy(6))
  await done()
  isOver = true
  expect(turns).toBeGreaterThanOrEqual(20)
})

test('work requested while the turn has time runs at once, otherwise after the queued work', async () => {
  await done()
  const order: number[] = []
  runSoon(() => order.push(1))
  expect(order).toEqual([1])
  busy(6)
  runSoon(() => order.push(2))
  runSoon(() => order.push(3))
  expect(order).toEqual([1])
  await done()
  expect(order).toEqual([1, 2, 3])
})

test('new connections are accepted before queued work, however many there are', async () => {
  const server = createServer((_request, response) => response.end('served'))
  server.on('connection', noteConnection)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  let worked = 0
  const work = (): void => {
    busy(6)
    worked++
    if (server.listening) runLater(work)
  }
  runLater(work)
  const asked = Array.from({ length: 100 }, () => send(`http://127.0.0.1:${port}`, 'GET', '/', { Connection: 'close' }))
  for (const answer of asked) expect((await answer).status).toBe(200)
  server.close()
  await done()
  // With one connection per turn, and work in between, it would be a hundred.
  expect(worked).toBeLessThan(60)
})
