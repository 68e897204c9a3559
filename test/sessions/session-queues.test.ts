import { Deadline } from '../../src/concurrency/deadline'
import { changesInTotal, SessionQueues } from '../../src/sessions/session-queues'

/** Work that never ends, as with a store that does not answer. */
const stuck = (): Promise<never> => new Promise(() => {})

const unavailable = { code: 'unavailable' }

test('a thousand changes of one session may queue, and one more is refused', async () => {
  const lanes = new SessionQueues()
  const take = <T>(name: string, work: () => Promise<T>): Promise<T> => lanes.run(name, new Deadline(), work)
  const order: number[] = []
  let open = (): void => {}
  const gate = new Promise<void>(resolve => {
    open = resolve
  })
  const waiting = Array.from({ length: 1_000 }, (_, i) =>
    take('session', async () => {
      await gate
      order.push(i)
    }),
  )
  await expect(take('session', async () => {})).rejects.toMatchObject({ code: 'unavailable' })
  await expect(take('another session', async () => 'served')).resolves.toBe('served')
  open()
  await Promise.all(waiting)
  expect(order).toEqual(order.map((_, i) => i))
  await expect(take('session', async () => 'served')).resolves.toBe('served')
})

test('a stuck change is given up at its deadline, and frees its lane', async () => {
  const lanes = new SessionQueues()
  const first = lanes.run('session', new Deadline(undefined, 50), stuck)
  const second = lanes.run('session', new Deadline(undefined, 10_000), async () => 'served')
  await expect(first).rejects.toMatchObject(unavailable)
  await expect(second).resolves.toBe('served')
})

test('waits in one lane do not add up', async () => {
  const lanes = new SessionQueues()
  const begun = performance.now()
  const waits = Array.from({ length: 5 }, () => lanes.run('session', new Deadline(undefined, 500), stuck))
  for (const outcome of await Promise.allSettled(waits)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: unavailable })
  }
  expect(performance.now() - begun).toBeLessThan(4 * 500)
})

test('a queued change is not begun if its client has left or its deadline has passed', async () => {
  const lanes = new SessionQueues()
  let open = (): void => {}
  const first = lanes.run(
    'session',
    new Deadline(),
    () =>
      new Promise<void>(resolve => {
        open = resolve
      }),
  )
  const begun: string[] = []
  let left = false
  const gone = lanes.run('session', new Deadline(() => !left), async () => begun.push('gone'))
  const late = lanes.run('session', new Deadline(undefined, 10), async () => begun.push('late'))
  const waiting = lanes.run('session', new Deadline(), async () => begun.push('waiting'))
  left = true
  await expect(late).rejects.toMatchObject(unavailable)
  open()
  await first
  await expect(gone).rejects.toMatchObject(unavailable)
  await waiting
  expect(begun).toEqual(['waiting'])
})

test('all lanes together have a bound', async () => {
  const lanes = new SessionQueues()
  const deadline = new Deadline()
  const waits = Array.from({ length: changesInTotal }, (_, i) => lanes.run(`${i}`, deadline, stuck))
  for (const wait of waits) wait.catch(() => {})
  await expect(lanes.run('one more', deadline, async () => {})).rejects.toMatchObject(unavailable)
  deadline.end()
})
