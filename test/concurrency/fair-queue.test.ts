import fc from 'fast-check'
import { FairQueue, type Requester } from '../../src/concurrency/fair-queue'

const [phone, laptop, desk] = [{ of: 'phone' }, { of: 'laptop' }, { of: 'desk' }]

test('principals take turns, then the connections of a principal, and a connection keeps its order', () => {
  const queue = new FairQueue<string>()
  const push = (principal: string, connection: object, ...items: string[]): void => {
    for (const item of items) queue.push({ principal, connection }, item)
  }
  push('ann', phone, 'phone 1', 'phone 2', 'phone 3')
  push('ann', laptop, 'laptop 1', 'laptop 2')
  push('bob', desk, 'desk 1', 'desk 2')
  const turns = Array.from({ length: 7 }, () => queue.shift()?.item)
  expect(turns).toEqual(['phone 1', 'desk 1', 'laptop 1', 'desk 2', 'phone 2', 'laptop 2', 'phone 3'])
  expect(queue.shift()).toBeUndefined()
})

test('a principal that may not take its turn keeps it', () => {
  const queue = new FairQueue<number>()
  queue.push({ principal: 'ann', connection: phone }, 1)
  queue.push({ principal: 'bob', connection: desk }, 2)
  expect(queue.shift(principal => principal !== 'ann')?.item).toBe(2)
  expect(queue.shift(principal => principal !== 'ann')).toBeUndefined()
  expect(queue.shift()?.item).toBe(1)
})

describe('beyond its bound', () => {
  const refused: number[] = []
  beforeEach(() => {
    refused.length = 0
  })
  const full = expect.objectContaining({ code: 'unavailable' })

  test('the principal with most items gives up its latest ones in favour of another', () => {
    const queue = new FairQueue<number>({ waiting: 4, refuse: item => refused.push(item) })
    for (const item of [1, 2, 3]) queue.push({ principal: 'ann', connection: phone }, item)
    queue.makeRoomFor('ann')
    queue.push({ principal: 'bob', connection: desk }, 4)
    expect(() => queue.makeRoomFor('ann')).toThrow(full)
    expect(refused).toEqual([])
    queue.makeRoomFor('bob')
    expect(refused).toEqual([3])
    queue.push({ principal: 'bob', connection: desk }, 5)
    expect(() => queue.makeRoomFor('bob')).toThrow(full)
    queue.makeRoomFor('eve')
    expect(refused).toEqual([3, 2])
    queue.makeRoomFor('ann')
    expect(() => queue.makeRoomFor('ann', 4)).toThrow(full)
    queue.makeRoomFor('eve', 4)
    expect(refused).toEqual([3, 2, 5])
    expect([queue.shift()?.item, queue.shift()?.item, queue.size]).toEqual([1, 4, 0])
  })

  test('the latest connection gives up its items first, and passes over those that may not be refused', () => {
    const mayRefuse = (item: number): boolean => item < 5
    const queue = new FairQueue<number>({ waiting: 1, mayRefuse, refuse: item => refused.push(item) })
    for (const item of [1, 2]) queue.push({ principal: 'ann', connection: phone }, item)
    for (const item of [3, 4, 5]) queue.push({ principal: 'ann', connection: laptop }, item)
    for (let i = 0; i < 3; i++) queue.makeRoomFor('bob')
    expect(refused).toEqual([4, 3, 2])
    for (const item of [6, 7]) queue.push({ principal: 'eve', connection: desk }, item)
    queue.push({ principal: 'eve', connection: desk }, 8)
    expect(() => queue.makeRoomFor('bob')).toThrow(full)
  })
})

test('nothing is lost or doubled, and between two turns of a waiting principal each other one has at most one', () => {
  const requester = fc.record({ principal: fc.nat(4).map(String), connection: fc.constantFrom(phone, laptop, desk) })
  const action = fc.oneof(
    fc.record({ push: requester }),
    fc.constant({ shift: true as const }),
    fc.record({ delete: fc.nat(20) }),
  )
  fc.assert(
    fc.property(fc.array(action, { maxLength: 80 }), actions => {
      const queue = new FairQueue<number>()
      const waiting = new Map<number, Requester>()
      /** For each waiting principal, the turns of others since it last had one or came. */
      const turns = new Map<string, string[]>()
      let next = 0
      for (const action of actions) {
        if ('push' in action) {
          waiting.set(next, action.push)
          queue.push(action.push, next++)
        } else if ('delete' in action) {
          const requester = waiting.get(action.delete)
          if (requester) expect(queue.delete(requester, action.delete)).toBe(true)
          waiting.delete(action.delete)
        } else {
          const taken = queue.shift()
          expect(taken === undefined).toBe(waiting.size === 0)
          if (!taken) continue
          expect(waiting.get(taken.item)).toEqual(taken.requester)
          const earlier = [...waiting].find(([, { principal, connection }]) => {
            const { requester } = taken
            return principal === requester.principal && connection === requester.connection
          })
          expect(earlier?.[0]).toBe(taken.item)
          waiting.delete(taken.item)
          const { principal } = taken.requester
          turns.delete(principal)
          for (const others of turns.values()) {
            expect(others).not.toContain(principal)
            others.push(principal)
          }
        }
        const principals = new Set([...waiting.values()].map(({ principal }) => principal))
        for (const principal of principals) if (!turns.has(principal)) turns.set(principal, [])
        for (const principal of turns.keys()) if (!principals.has(principal)) turns.delete(principal)
        expect(queue.size).toBe(waiting.size)
        for (const principal of principals) {
          const own = [...waiting.values()].filter(requester => requester.principal === principal)
          expect(queue.sizeOf(principal)).toBe(own.length)
        }
      }
    }),
  )
})
