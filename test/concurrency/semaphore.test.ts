import { CallerAccess } from '../../src/access/caller-access'
import { Deadline } from '../../src/concurrency/deadline'
import { Semaphore } from '../../src/concurrency/semaphore'
import { Slots } from '../../src/concurrency/slots'
import { waitsByPlace } from '../../src/concurrency/waits'

const unavailable = { code: 'unavailable' }

/** Slots that one principal may hold all of. */
const slotsOf = (atOnce: number, waiting: number): Semaphore =>
  new Semaphore({ atOnce, ofPrincipal: atOnce, queue: { waiting, place: 'deep_read' } })

let keys = 0
const newKey = (): string => `${keys++}`

const ofAnn = (key = newKey(), ms?: number) => ({ key, principal: 'ann', deadline: new Deadline(undefined, ms) })

/** Work that ends when the test lets it. */
function held() {
  let free = (): void => {}
  const done = new Promise<void>(resolve => {
    free = resolve
  })
  return { work: () => done, free }
}

test('a bounded number of works runs at once, others queue in order, and more than the queue holds are refused', async () => {
  const slots = slotsOf(2, 3)
  const begun: number[] = []
  const works = Array.from({ length: 5 }, held)
  const taken = works.map(({ work }, i) =>
    slots.run(ofAnn(), () => {
      begun.push(i)
      return work()
    }),
  )
  await expect(slots.run(ofAnn(), async () => {})).rejects.toMatchObject(unavailable)
  expect(begun).toEqual([0, 1])
  for (const [i, { free }] of works.entries()) {
    free()
    await taken[i]
  }
  expect(begun).toEqual([0, 1, 2, 3, 4])
  await expect(slots.run(ofAnn(), async () => 'served')).resolves.toBe('served')
})

test('a request for queued work shares it, and takes no further place in the queue', async () => {
  const slots = slotsOf(1, 1)
  const { work, free } = held()
  const first = slots.run(ofAnn('a'), work)
  let made = 0
  const read = async () => ++made
  const same = Array.from({ length: 5 }, () => slots.run(ofAnn('b'), read))
  const hurried = slots.run(ofAnn('b', 10), read)
  await expect(hurried).rejects.toMatchObject(unavailable)
  await expect(slots.run(ofAnn('a'), read)).rejects.toMatchObject(unavailable)
  free()
  await first
  expect(await Promise.all(same)).toEqual([1, 1, 1, 1, 1])
  await expect(slots.run(ofAnn('b'), read)).resolves.toBe(2)
})

test('work with the key of running work waits without a slot, is shared, and begins after it', async () => {
  const slots = slotsOf(3, 3)
  const { work, free } = held()
  const first = slots.run(ofAnn('a'), work)
  const begun: string[] = []
  const same = ['ann', 'bob', 'ann'].map(name =>
    slots.run({ key: 'a', principal: name, deadline: new Deadline() }, async () => begun.push(name)),
  )
  const others = [held(), held()].map(other => ({
    ...other,
    done: slots.run({ key: newKey(), principal: 'eve', deadline: new Deadline() }, other.work),
  }))
  expect(waitsByPlace().deep_read).toBe(1)
  expect(begun).toEqual([])
  free()
  await first
  expect(await Promise.all(same)).toEqual([1, 1, 1])
  expect(begun).toEqual(['ann'])
  for (const { free } of others) free()
  await Promise.all(others.map(({ done }) => done))
})

test('stuck work does not delay later work with its key', async () => {
  const slots = slotsOf(2, 3)
  slots.run(ofAnn('a'), () => new Promise<never>(() => {})).catch(() => {})
  let made = 0
  const same = [1, 2].map(() => slots.run(ofAnn('a'), async () => ++made))
  expect(await Promise.all(same)).toEqual([1, 1])
  expect(await slots.run(ofAnn('a'), async () => ++made)).toBe(2)
})

test('timed-out work holds its slot until it ends, and failed work frees its slot', async () => {
  const slots = slotsOf(1, 1)
  const { work, free } = held()
  await expect(slots.run(ofAnn(newKey(), 10), work)).rejects.toMatchObject(unavailable)
  const next = slots.run(ofAnn(), () => Promise.reject(new Error('failed')))
  await expect(slots.run(ofAnn(), async () => {})).rejects.toMatchObject(unavailable)
  free()
  await expect(next).rejects.toThrow('failed')
  await expect(slots.run(ofAnn(), async () => 'served')).resolves.toBe('served')
})

test('work is not begun and takes no slot if its deadline passes in the queue', async () => {
  const slots = slotsOf(1, 2)
  const { work, free } = held()
  const first = slots.run(ofAnn(), work)
  const begun: string[] = []
  const late = slots.run(ofAnn(newKey(), 10), async () => begun.push('late'))
  const behind = slots.run(ofAnn(), async () => begun.push('behind'))
  await expect(late).rejects.toMatchObject(unavailable)
  free()
  await Promise.all([first, behind])
  expect(begun).toEqual(['behind'])
})

test('work that several requests share goes on when the access of the first one ends', async () => {
  const slots = slotsOf(1, 1)
  const { work, free } = held()
  const first = slots.run(ofAnn(), work)
  const access = new CallerAccess(undefined, 'expired')
  const read = async () => 'read'
  const ended = slots.run({ ...ofAnn('b'), deadline: new Deadline({ access }) }, read)
  const lasting = slots.run(ofAnn('b'), read)
  access.revoke()
  await expect(ended).rejects.toMatchObject({ code: 'unauthenticated' })
  free()
  await first
  await expect(lasting).resolves.toBe('read')
})

test('a turn that coincides with the deadline neither loses nor adds a slot', async () => {
  const slots = slotsOf(1, 2)
  const outcomes = new Set<string>()
  for (let i = 0; i < 200; i++) {
    const { work, free } = held()
    const first = slots.run(ofAnn(), work)
    const close = slots.run(ofAnn(newKey(), 1), async () => {})
    const until = performance.now() + (i % 20) / 10
    while (performance.now() < until) await new Promise(resolve => setImmediate(resolve))
    free()
    const [, { status }] = await Promise.allSettled([first, close])
    outcomes.add(status)
  }
  expect(outcomes.size).toBe(2)
  const { work, free } = held()
  const [first, second] = [slots.run(ofAnn(), work), slots.run(ofAnn(), async () => 'second')]
  expect(await Promise.race([second, new Promise(resolve => setTimeout(resolve, 20, 'neither'))])).toBe('neither')
  free()
  await first
  expect(await second).toBe('second')
})

test('queued work begins in a later turn of the event loop, so that other work gets its turn', async () => {
  const slots = slotsOf(1, 10)
  const seen: string[] = []
  const works = ['a', 'b', 'c'].map(name => slots.run(ofAnn(), async () => seen.push(name)))
  setImmediate(() => seen.push('another'))
  await Promise.all(works)
  expect(seen[0]).toBe('a')
  expect(seen.indexOf('another')).toBeLessThan(3)
})

test('queued work counts as a wait until it begins or is given up', async () => {
  const slots = slotsOf(1, 2)
  const { work, free } = held()
  const first = slots.run(ofAnn(), work)
  expect(waitsByPlace().deep_read).toBe(0)
  const late = slots.run(ofAnn(newKey(), 10), async () => 'late')
  const second = slots.run(ofAnn(), async () => waitsByPlace().deep_read)
  expect(waitsByPlace().deep_read).toBe(2)
  await expect(late).rejects.toMatchObject(unavailable)
  expect(waitsByPlace().deep_read).toBe(1)
  free()
  await first
  expect(await second).toBe(0)
})

describe('principals', () => {
  const slotsOfTwo = (): Semaphore =>
    new Semaphore({ atOnce: 3, ofPrincipal: 2, queue: { waiting: 4, place: 'deep_read' } })

  /** Runs held work of a principal. `begun` has its name once it runs. */
  function starting(slots: Semaphore, begun: string[], principal: string, key = newKey()) {
    const { work, free } = held()
    const done = slots.run({ key, principal, deadline: new Deadline() }, () => {
      begun.push(principal)
      return work()
    })
    done.catch(() => {})
    return { done, free }
  }

  test('hold at most their share of the slots, and leave the rest to others', async () => {
    const [slots, begun] = [slotsOfTwo(), [] as string[]]
    const works = ['ann', 'ann', 'ann', 'bob'].map(principal => starting(slots, begun, principal))
    expect(begun).toEqual(['ann', 'ann', 'bob'])
    for (const { free } of works) free()
    await Promise.all(works.map(({ done }) => done))
    expect(begun).toEqual(['ann', 'ann', 'bob', 'ann'])
  })

  test('take turns while they wait', async () => {
    const slots = new Semaphore({ atOnce: 1, ofPrincipal: 1, queue: { waiting: 9, place: 'deep_read' } })
    const begun: string[] = []
    const works = ['ann', 'ann', 'ann', 'ann', 'bob', 'bob', 'eve'].map(name => starting(slots, begun, name))
    for (const { free } of works) free()
    await Promise.all(works.map(({ done }) => done))
    expect(begun).toEqual(['ann', 'ann', 'bob', 'eve', 'ann', 'bob', 'ann'])
  })

  test('lose their latest work if they have most of it in a full queue', async () => {
    const [slots, begun] = [slotsOfTwo(), [] as string[]]
    const works = ['eve', 'ann', 'ann', 'ann', 'ann', 'ann', 'ann'].map(name => starting(slots, begun, name))
    await expect(starting(slots, begun, 'ann').done).rejects.toMatchObject(unavailable)
    const [bob, bobToo] = [starting(slots, begun, 'bob'), starting(slots, begun, 'bob')]
    await expect(works.at(-1)?.done).rejects.toMatchObject(unavailable)
    await expect(works.at(-2)?.done).rejects.toMatchObject(unavailable)
    await expect(starting(slots, begun, 'bob').done).rejects.toMatchObject(unavailable)
    for (const { free } of [...works, bob, bobToo]) free()
    await Promise.all([...works.slice(0, 5), bob, bobToo].map(({ done }) => done))
    expect(begun).toEqual(['eve', 'ann', 'ann', 'bob', 'ann', 'bob', 'ann'])
  })

  test('that wait for the same work get it in the turn of the first', async () => {
    const slots = new Semaphore({ atOnce: 1, ofPrincipal: 1, queue: { waiting: 9, place: 'deep_read' } })
    const begun: string[] = []
    const works = ['ann', 'ann', 'ann'].map(name => starting(slots, begun, name))
    const [same, joined] = [starting(slots, begun, 'ann', 'same'), starting(slots, begun, 'bob', 'same')]
    for (const { free } of [...works, same]) free()
    await Promise.all([...works, same, joined].map(({ done }) => done))
    expect(begun).toEqual(['ann', 'ann', 'ann', 'ann'])
  })

  test('have their slots counted: a freed slot is free again, for any of them', async () => {
    const slots = new Slots({ atOnce: 2, ofPrincipal: 1 })
    const release = slots.acquire('ann')
    expect(() => slots.acquire('ann')).toThrow(expect.objectContaining(unavailable))
    const others = slots.acquire('bob')
    expect(() => slots.acquire('eve')).toThrow(expect.objectContaining(unavailable))
    release()
    others()
    expect([slots.acquire('ann'), slots.acquire('bob')]).toHaveLength(2)
  })
})
