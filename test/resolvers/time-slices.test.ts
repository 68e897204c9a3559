import { TimeSlices } from '../../src/resolvers/time-slices'

/** Keeps the event loop busy for longer than work may run in one turn. */
function busy(): void {
  const end = performance.now() + 6
  while (performance.now() < end);
}

/** Counts the turns of the event loop while the work runs. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let turns = 0
  let isDone = false
  const count = (): void => {
    turns++
    if (!isDone) setImmediate(count)
  }
  setImmediate(count)
  await work
  isDone = true
  return turns
}

test('parts that fill a turn of the event loop do not all run in one', async () => {
  const slices = new TimeSlices()
  const parts = Array.from({ length: 5 }, () => slices.run(busy))
  expect(await turnsDuring(Promise.all(parts))).toBeGreaterThan(1)
})

test('values that come at once are not all used in one turn', async () => {
  const slices = new TimeSlices()
  const { promise, resolve } = Promise.withResolvers<void>()
  const parts = Array.from({ length: 5 }, () => slices.run(() => promise).then(busy))
  setImmediate(resolve)
  expect(await turnsDuring(Promise.all(parts))).toBeGreaterThan(1)
})

test('parts run in their order, and a part that fails stops no other', async () => {
  const slices = new TimeSlices()
  const ran: number[] = []
  const parts = [0, 1, 2].map(i =>
    slices.run(() => {
      ran.push(i)
      if (i === 1) throw new Error('no')
      return i
    }),
  )
  expect(await Promise.allSettled(parts)).toMatchObject([{ value: 0 }, { reason: new Error('no') }, { value: 2 }])
  expect(ran).toEqual([0, 1, 2])
})

test('a part runs once for each source and key', async () => {
  const slices = new TimeSlices()
  let runs = 0
  const [a, b] = [{}, {}]
  const asked = [a, a, b].flatMap(source => ['x', 'y'].map(key => slices.once(source, key, () => ++runs)))
  expect(await Promise.all(asked)).toEqual([1, 2, 1, 2, 3, 4])
})
