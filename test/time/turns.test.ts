import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { accepted, inTurn, soon } from '../../src/time/turns'
import { send } from '../support/raw'

/** Keeps the event loop busy. */
function busy(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

/** Resolves when all that is asked for before it is done. */
const done = (): Promise<void> => new Promise(inTurn)

test('work is done in the order in which it was asked for, what it sets off included', async () => {
  const order: string[] = []
  for (const name of ['a', 'b', 'c']) {
    inTurn(() => {
      order.push(name)
      Promise.resolve().then(() => order.push(`after ${name}`))
    })
  }
  await done()
  expect(order).toEqual(['a', 'after a', 'b', 'after b', 'c', 'after c'])
})

test('what a turn has no time for is done in a later one', async () => {
  let turns = 0
  let isOver = false
  const count = (): void => {
    turns++
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  for (let i = 0; i < 20; i++) inTurn(() => busy(6))
  await done()
  isOver = true
  expect(turns).toBeGreaterThanOrEqual(20)
})

test('work that is asked for while there is time is done at once, and otherwise after what waits', async () => {
  await done()
  const order: number[] = []
  soon(() => order.push(1))
  expect(order).toEqual([1])
  busy(6)
  soon(() => order.push(2))
  soon(() => order.push(3))
  expect(order).toEqual([1])
  await done()
  expect(order).toEqual([1, 2, 3])
})

test('new connections are taken before work that waits, however many there are', async () => {
  const server = createServer((_request, response) => response.end('served'))
  server.on('connection', accepted)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  let worked = 0
  const work = (): void => {
    busy(6)
    worked++
    if (server.listening) inTurn(work)
  }
  inTurn(work)
  const asked = Array.from({ length: 100 }, () => send(`http://127.0.0.1:${port}`, 'GET', '/', { Connection: 'close' }))
  for (const answer of asked) expect((await answer).status).toBe(200)
  server.close()
  await done()
  // One each turn, and a turn of work between each, would be a hundred.
  expect(worked).toBeLessThan(60)
})
