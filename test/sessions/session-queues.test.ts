import { Deadline } from '../../src/concurrency/deadline'
import { waitsByPlace } from '../../src/concurrency/waits'
import { changesInTotal, changesOfPrincipal, retryOnConflict, SessionQueues } from '../../src/sessions/session-queues'

/** Work that never ends, as with a store that does not answer. */
const stuck = (): Promise<never> => new Promise(() => {})

const unavailable = { code: 'unavailable' }

/** Begins a change that runs until `open` is called. */
function held(queues: SessionQueues): { first: Promise<string>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<string>()
  return {
    first: queues.run({ session_id: 'session', principal: 'ann', deadline: new Deadline() }, () => promise),
    open: () => resolve('served'),
  }
}

test('a thousand changes of one session may queue, and one more is refused', async () => {
  const queues = new SessionQueues()
  const take = <T>(name: string, work: () => Promise<T>): Promise<T> =>
    queues.run({ session_id: name, principal: 'ann', deadline: new Deadline() }, work)
  const order: number[] = []
  let open = (): void => {}
  const gate = new Promise<void>(resolve => {
    open = resolve
  })
  const waiting = Array.from({ length: 1_000 }, (_, i) =>
    take('session', async () => {
      await gate
      return order.push(i)
    }),
  )
  await expect(take('session', async () => {})).rejects.toMatchObject({ code: 'unavailable' })
  await expect(take('another session', async () => 'served')).resolves.toBe('served')
  open()
  await Promise.all(waiting)
  expect(order).toEqual(order.map((_, i) => i))
  await expect(take('session', async () => 'served')).resolves.toBe('served')
})

test('a stuck change is given up at its deadline, and frees the queue', async () => {
  const queues = new SessionQueues()
  const first = queues.run({ session_id: 'session', principal: 'ann', deadline: new Deadline(undefined, 50) }, stuck)
  const second = queues.run(
    { session_id: 'session', principal: 'ann', deadline: new Deadline(undefined, 10_000) },
    async () => 'served',
  )
  await expect(first).rejects.toMatchObject(unavailable)
  await expect(second).resolves.toBe('served')
})

test('waits in one queue do not add up', async () => {
  const queues = new SessionQueues()
  const begun = performance.now()
  const waits = Array.from({ length: 5 }, () =>
    queues.run({ session_id: 'session', principal: 'ann', deadline: new Deadline(undefined, 500) }, stuck),
  )
  for (const outcome of await Promise.allSettled(waits)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: unavailable })
  }
  expect(performance.now() - begun).toBeLessThan(4 * 500)
})

test('a queued change is not begun if its client has left or its deadline has passed', async () => {
  const queues = new SessionQueues()
  const { first, open } = held(queues)
  const begun: string[] = []
  const client = { aborted: false }
  const gone = queues.run(
    { session_id: 'session', principal: 'ann', deadline: new Deadline({ signal: client }) },
    async () => begun.push('gone'),
  )
  const late = queues.run(
    { session_id: 'session', principal: 'ann', deadline: new Deadline(undefined, 10) },
    async () => begun.push('late'),
  )
  const waiting = queues.run({ session_id: 'session', principal: 'ann', deadline: new Deadline() }, async () =>
    begun.push('waiting'),
  )
  client.aborted = true
  await expect(late).rejects.toMatchObject(unavailable)
  open()
  await first
  await expect(gone).rejects.toMatchObject(unavailable)
  await waiting
  expect(begun).toEqual(['waiting'])
})

test('all queues together have a bound', async () => {
  const queues = new SessionQueues()
  const deadline = new Deadline()
  const waits = Array.from({ length: changesInTotal }, (_, i) =>
    queues.run({ session_id: `${i}`, principal: `${i % 3}`, deadline }, stuck),
  )
  for (const wait of waits) wait.catch(() => {})
  await expect(
    queues.run({ session_id: 'one more', principal: 'ann', deadline }, async () => {}),
  ).rejects.toMatchObject(unavailable)
  deadline.end()
})

test('the changes of one principal leave room for those of others', async () => {
  const queues = new SessionQueues()
  const deadline = new Deadline()
  const waits = Array.from({ length: changesOfPrincipal }, (_, i) =>
    queues.run({ session_id: `${i}`, principal: 'ann', deadline }, stuck),
  )
  for (const wait of waits) wait.catch(() => {})
  await expect(
    queues.run({ session_id: 'one more', principal: 'ann', deadline }, async () => {}),
  ).rejects.toMatchObject(unavailable)
  await expect(queues.run({ session_id: 'another', principal: 'bob', deadline }, async () => 'served')).resolves.toBe(
    'served',
  )
  deadline.end()
})

test('a change behind another one of its session counts as a wait until its turn, the first one does not', async () => {
  const queues = new SessionQueues()
  const { first, open } = held(queues)
  expect(waitsByPlace().session_queue).toBe(0)
  const second = queues.run(
    { session_id: 'session', principal: 'ann', deadline: new Deadline() },
    async () => waitsByPlace().session_queue,
  )
  expect(waitsByPlace().session_queue).toBe(1)
  open()
  await first
  expect(await second).toBe(0)
})

test('a change that lost a race is repeated after a pause, which counts as a wait', async () => {
  let attempts = 0
  const change = retryOnConflict(async () => (++attempts < 3 ? undefined : attempts), 'session')
  await Promise.resolve()
  expect(waitsByPlace().write_conflict).toBe(1)
  expect(await change).toBe(3)
  expect(waitsByPlace().write_conflict).toBe(0)
})

test('a change that loses every race is refused after five attempts', async () => {
  let attempts = 0
  const lost = async (): Promise<undefined> => {
    attempts++
  }
  await expect(retryOnConflict(lost)).rejects.toMatchObject(unavailable)
  expect(attempts).toBe(5)
})
