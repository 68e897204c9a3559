import { Deadline } from '../../src/time/deadline'
import { Slots } from '../../src/time/slots'

const unavailable = { code: 'unavailable' }

let keys = 0
const newKey = (): string => `${keys++}`

/** Work that is done when it is let. */
function held() {
  let free = (): void => {}
  const done = new Promise<void>(resolve => {
    free = resolve
  })
  return { work: () => done, free }
}

test('so much goes on at once, the rest follows in its order, and more than may wait is refused', async () => {
  const slots = new Slots(2, 3)
  const begun: number[] = []
  const works = Array.from({ length: 5 }, held)
  const taken = works.map(({ work }, i) =>
    slots.take(newKey(), new Deadline(), () => {
      begun.push(i)
      return work()
    }),
  )
  await expect(slots.take(newKey(), new Deadline(), async () => {})).rejects.toMatchObject(unavailable)
  expect(begun).toEqual([0, 1])
  for (const [i, { free }] of works.entries()) {
    free()
    await taken[i]
  }
  expect(begun).toEqual([0, 1, 2, 3, 4])
  await expect(slots.take(newKey(), new Deadline(), async () => 'served')).resolves.toBe('served')
})

test('who asks for what waits already shares it, and does not count among those who wait', async () => {
  const slots = new Slots(1, 1)
  const { work, free } = held()
  const first = slots.take('a', new Deadline(), work)
  let made = 0
  const read = async () => ++made
  const same = Array.from({ length: 5 }, () => slots.take('b', new Deadline(), read))
  const hurried = slots.take('b', new Deadline(undefined, 10), read)
  await expect(hurried).rejects.toMatchObject(unavailable)
  await expect(slots.take('a', new Deadline(), read)).rejects.toMatchObject(unavailable)
  free()
  await first
  expect(await Promise.all(same)).toEqual([1, 1, 1, 1, 1])
  await expect(slots.take('b', new Deadline(), read)).resolves.toBe(2)
})

test('work that is given up holds its slot until it is done, and work that fails gives its back', async () => {
  const slots = new Slots(1, 1)
  const { work, free } = held()
  await expect(slots.take(newKey(), new Deadline(undefined, 10), work)).rejects.toMatchObject(unavailable)
  const next = slots.take(newKey(), new Deadline(), () => Promise.reject(new Error('failed')))
  await expect(slots.take(newKey(), new Deadline(), async () => {})).rejects.toMatchObject(unavailable)
  free()
  await expect(next).rejects.toThrow('failed')
  await expect(slots.take(newKey(), new Deadline(), async () => 'served')).resolves.toBe('served')
})

test('who waits longer than its time is not begun, and takes no slot from those behind', async () => {
  const slots = new Slots(1, 2)
  const { work, free } = held()
  const first = slots.take(newKey(), new Deadline(), work)
  const begun: string[] = []
  const late = slots.take(newKey(), new Deadline(undefined, 10), async () => begun.push('late'))
  const behind = slots.take(newKey(), new Deadline(), async () => begun.push('behind'))
  await expect(late).rejects.toMatchObject(unavailable)
  free()
  await Promise.all([first, behind])
  expect(begun).toEqual(['behind'])
})

test('however close a turn and the end of its time come, one slot stays one slot', async () => {
  const slots = new Slots(1, 2)
  const outcomes = new Set<string>()
  for (let i = 0; i < 200; i++) {
    const { work, free } = held()
    const first = slots.take(newKey(), new Deadline(), work)
    const close = slots.take(newKey(), new Deadline(undefined, 1), async () => {})
    const until = performance.now() + (i % 20) / 10
    while (performance.now() < until) await new Promise(resolve => setImmediate(resolve))
    free()
    const [, { status }] = await Promise.allSettled([first, close])
    outcomes.add(status)
  }
  expect(outcomes.size).toBe(2)
  const { work, free } = held()
  const [first, second] = [
    slots.take(newKey(), new Deadline(), work),
    slots.take(newKey(), new Deadline(), async () => 'second'),
  ]
  expect(await Promise.race([second, new Promise(resolve => setTimeout(resolve, 20, 'neither'))])).toBe('neither')
  free()
  await first
  expect(await second).toBe('second')
})

test('what waited is begun in a later turn of the event loop, so that others come between', async () => {
  const slots = new Slots(1, 10)
  const seen: string[] = []
  const works = ['a', 'b', 'c'].map(name => slots.take(newKey(), new Deadline(), async () => seen.push(name)))
  setImmediate(() => seen.push('another'))
  await Promise.all(works)
  expect(seen[0]).toBe('a')
  expect(seen.indexOf('another')).toBeLessThan(3)
})
