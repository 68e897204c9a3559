import { changesInAllLanes, Lanes } from '../../src/sessions/lanes'
import { Deadline } from '../../src/time/deadline'

/** Work that never comes back, as on a store that gives no answer. */
const stuck = (): Promise<never> => new Promise(() => {})

const unavailable = { code: 'unavailable' }

test('a thousand changes of one session wait behind each other, and one more is told that it cannot', async () => {
  const lanes = new Lanes()
  const take = <T>(name: string, work: () => Promise<T>): Promise<T> => lanes.take(name, new Deadline(), work)
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

test('a change that is stuck is given up at its time, and lets go of its lane', async () => {
  const lanes = new Lanes()
  const first = lanes.take('session', new Deadline(undefined, 50), stuck)
  const second = lanes.take('session', new Deadline(undefined, 10_000), async () => 'served')
  await expect(first).rejects.toMatchObject(unavailable)
  await expect(second).resolves.toBe('served')
})

test('what waits in one lane waits no longer for being behind others', async () => {
  const lanes = new Lanes()
  const begun = performance.now()
  const waits = Array.from({ length: 5 }, () => lanes.take('session', new Deadline(undefined, 500), stuck))
  for (const outcome of await Promise.allSettled(waits)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: unavailable })
  }
  expect(performance.now() - begun).toBeLessThan(4 * 500)
})

test('a change whose client has left, or whose time is over, before its turn came is not begun', async () => {
  const lanes = new Lanes()
  let open = (): void => {}
  const first = lanes.take(
    'session',
    new Deadline(),
    () =>
      new Promise<void>(resolve => {
        open = resolve
      }),
  )
  const begun: string[] = []
  let left = false
  const gone = lanes.take('session', new Deadline(() => !left), async () => begun.push('gone'))
  const late = lanes.take('session', new Deadline(undefined, 10), async () => begun.push('late'))
  const waiting = lanes.take('session', new Deadline(), async () => begun.push('waiting'))
  left = true
  await expect(late).rejects.toMatchObject(unavailable)
  open()
  await first
  await expect(gone).rejects.toMatchObject(unavailable)
  await waiting
  expect(begun).toEqual(['waiting'])
})

test('all lanes together hold so many and no more', async () => {
  const lanes = new Lanes()
  const deadline = new Deadline()
  const waits = Array.from({ length: changesInAllLanes }, (_, i) => lanes.take(`${i}`, deadline, stuck))
  for (const wait of waits) wait.catch(() => {})
  await expect(lanes.take('one more', deadline, async () => {})).rejects.toMatchObject(unavailable)
  deadline.end()
})
